/* nas_probe.c - lines that failed are tried again, each by a process of its own
 * (circuit.h's probe: the device is opened, a modem set up, no number dialed): a
 * name that takes long to resolve or a driver that hangs keeps no session waiting.
 * The process says in one record what is wrong; none at all and exit status 0:
 * the line works. */
#include "engine/circuit.h"
#include "engine/nas_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROBE_LIMIT 30000 /* ms to set a modem up */
#define FD_RESULT 3

struct nas_probe {
	struct nas *nas;
	struct bank_line *line;
	struct loop_timer timer;
	pid_t pid; /* 0: waits for its time */
	int result;
};

/* --- the process --- */

struct try {
	struct loop *loop;
	struct circuit *circuit;
	bool ok;
};

static void say(const char *reason, const char *detail)
{
	struct record r = { 0 };
	struct buf b;
	buf_init(&b, 4096);
	if (record_set(&r, "reason", reason) == 0 && record_set(&r, "detail", detail) == 0 && record_write(&r, &b) == 0 &&
	    write(FD_RESULT, b.data, b.len) < 0)
		_exit(SP_SYSTEM);
}

static void on_circuit(void *arg, const struct circuit_event *ev)
{
	struct try *t = arg;
	if (ev->what != CIRCUIT_DOWN)
		return;
	t->ok = ev->reason == REASON_NONE;
	if (!t->ok)
		say(reason_name(ev->reason), ev->detail);
	loop_stop(t->loop);
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	loop_stop(((struct try *)arg)->loop);
}

static int try_line(const char *address)
{
	static const struct circuit_ops ops = { on_circuit };
	struct try t = { .loop = loop_new() };
	struct circuit_conf conf = { .address = address, .deadline = clock_deadline(PROBE_LIMIT), .ops = &ops, .arg = &t };
	const char *why = "out of memory";
	if (t.loop && loop_signal(t.loop, SIGTERM, on_signal, &t) == 0)
		t.circuit = circuit_probe(t.loop, &conf, &why);
	if (!t.circuit) {
		say(errno == EBUSY ? "busy" : reason_name(REASON_PORT_ERROR), why);
		return SP_PEER;
	}
	loop_run(t.loop);
	circuit_free(t.circuit); /* its locks go */
	return t.ok ? SP_OK : SP_PEER;
}

static _Noreturn void become_probe(int result, const char *address)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(result, FD_RESULT) == FD_RESULT;
	syscall(SYS_close_range, FD_RESULT + 1, ~0U, 0);
	_exit(ok ? try_line(address) : SP_SYSTEM);
}

/* --- the parent --- */

static void again(struct nas_probe *p);

static void probe_free(struct nas_probe *p)
{
	loop_cancel(p->nas->loop, &p->timer);
	if (p->pid > 0) {
		loop_child_forget(p->nas->loop, p->pid);
		kill(p->pid, SIGTERM);
	}
	if (p->result >= 0)
		close(p->result);
	p->line->probe = NULL;
	free(p);
}

/* What it said; false: nothing that can be read. */
static bool said(struct nas_probe *p, struct record *r)
{
	char b[4096];
	const char *why;
	ssize_t n = read(p->result, b, sizeof b);
	return n > 1 && b[n - 1] == '\n' && record_parse(r, (struct view){ b, (size_t)n - 1 }, &why) == 1 && record_own(r) == 0;
}

static void on_end(void *arg, pid_t pid, int status)
{
	struct nas_probe *p = arg;
	struct bank *b = &p->nas->bank;
	struct record r = { 0 };
	bool told = said(p, &r);
	close(p->result);
	p->result = -1;
	p->pid = 0;
	nas_lines_unlock(pid);
	if (status == 0 && !told) {
		bank_idle(b, p->line);
		probe_free(p);
		return;
	}
	const char *reason = told ? record_str(&r, "reason") : NULL, *detail = told ? record_str(&r, "detail") : NULL;
	bool busy = reason && strcmp(reason, "busy") == 0;
	bank_out(b, p->line, busy, reason ? reason : reason_name(REASON_PORT_ERROR), detail ? detail : "trying it failed");
	record_clear(&r);
	again(p);
}

static void start(void *arg)
{
	struct nas_probe *p = arg;
	int pair[2];
	pid_t parent = getpid();
	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0) {
		again(p);
		return;
	}
	p->pid = fork();
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(SP_SYSTEM);
		become_probe(pair[1], p->line->address);
	}
	close(pair[1]);
	p->result = pair[0];
	if (p->pid > 0 && loop_child(p->nas->loop, p->pid, on_end, p) == 0)
		return;
	if (p->pid > 0)
		kill(p->pid, SIGKILL);
	p->pid = 0;
	close(p->result);
	p->result = -1;
	again(p);
}

static void again(struct nas_probe *p)
{
	loop_at(p->nas->loop, &p->timer, clock_deadline(p->line->delay), start, p);
}

void nas_probe_later(struct nas *n, struct bank_line *l)
{
	struct nas_probe *p = l->probe || n->stopping ? NULL : calloc(1, sizeof *p);
	if (!p && !l->probe && !n->stopping)
		bank_idle(&n->bank, l); /* out of memory: the next call sees */
	if (!p)
		return;
	*p = (struct nas_probe){ .nas = n, .line = l, .result = -1 };
	l->probe = p;
	again(p);
}

void nas_probes_stop(struct nas *n)
{
	for (unsigned i = 0; i < n->bank.nlines; i++)
		if (n->bank.line[i]->probe)
			probe_free(n->bank.line[i]->probe);
}
