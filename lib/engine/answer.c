/* answer.c - a table of calls, each with one phase and one timer. */
#include "engine/answer.h"
#include "sys/guard.h"
#include "sys/sock.h"
#include "sys/spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define NOTICE 2000 /* ms that a command has to notice that its line ended */
#define FAREWELL 4000 /* ms between SIGTERM and SIGKILL */
#define SWEEP 20    /* ms between two looks at what is left of a group */

enum phase {
	RUNNING,
	NOTICING,    /* the line ended */
	TERMINATING, /* SIGTERM was sent */
	KILLED,      /* SIGKILL was sent */
	SWEEPING,    /* the command ended; is its group gone? */
	HANGING_UP   /* nobody uses the line any more */
};

struct call {
	struct call *next;
	struct answer *a;
	struct circuit *line;
	struct answer_call c;
	enum phase phase;
	struct loop_timer timer;
	int64_t sweep_until;
};

struct answer {
	struct answer_conf conf;
	const struct answer_ops *ops;
	void *arg;
	struct circuit_port *port;
	struct guard *guard;
	struct call *calls;
	unsigned long count;
	uint64_t active;
	bool stopping, over;
	const char *why;
	struct loop_timer last; /* ops->over comes from the loop */
};

/* In the guard: a group that nobody looks after any more. */
static void end_group(const void *item)
{
	pid_t group;
	memcpy(&group, item, sizeof group);
	for (int ms = 0; ms < FAREWELL && kill(-group, ms ? 0 : SIGTERM) == 0; ms += SWEEP)
		poll(NULL, 0, SWEEP);
	kill(-group, SIGKILL);
}

static void say_over(void *arg)
{
	struct answer *a = arg;
	a->ops->over(a->arg, a->why);
}

static void look_if_over(struct answer *a)
{
	if (!a->stopping || a->active || a->over)
		return;
	a->over = true;
	loop_at(a->conf.loop, &a->last, clock_ms(), say_over, a);
}

static void no_more(void *arg, const char *why)
{
	struct answer *a = arg;
	if (a->stopping)
		return;
	a->stopping = true;
	a->why = why;
	if (a->port)
		circuit_port_stop(a->port);
	look_if_over(a);
}

static void tell(struct call *k, enum answer_event ev)
{
	k->a->ops->call(k->a->arg, &k->c, ev);
}

/* Its line is closed: told, then gone. */
static void call_gone(struct call *k)
{
	struct answer *a = k->a;
	struct call **p = &a->calls;
	loop_cancel(a->conf.loop, &k->timer);
	tell(k, ANSWER_ENDED);
	while (*p != k)
		p = &(*p)->next;
	*p = k->next;
	circuit_free(k->line);
	free(k);
	a->active--;
	look_if_over(a);
}

static void on_circuit(void *arg, const struct circuit_event *ev)
{
	if (ev->what == CIRCUIT_DOWN)
		call_gone(arg);
}

/* Hangs up first: the call that is told to have ended has left its line. */
static void call_over(struct call *k)
{
	if (k->phase == HANGING_UP)
		return;
	k->phase = HANGING_UP;
	loop_cancel(k->a->conf.loop, &k->timer);
	if (circuit_fd(k->line) >= 0)
		loop_forget(k->a->conf.loop, circuit_fd(k->line));
	circuit_hangup(k->line);
}

static void later(struct call *k, enum phase phase, int64_t ms);

static void swept(struct call *k)
{
	pid_t group = k->c.pid;
	while (waitpid(-group, NULL, WNOHANG) > 0)
		; /* orphans of the group are ours to reap */
	if (kill(-group, 0) == 0 && clock_ms() < k->sweep_until) {
		later(k, SWEEPING, SWEEP);
		return;
	}
	kill(-group, SIGKILL);
	guard_drop(k->a->guard, &group);
	call_over(k);
}

/* The timer of a call fired: what its phase was waiting for did not happen. */
static void tick(void *arg)
{
	struct call *k = arg;
	switch (k->phase) {
	case NOTICING:
		kill(-k->c.pid, SIGTERM);
		later(k, TERMINATING, FAREWELL);
		break;
	case TERMINATING:
		kill(-k->c.pid, SIGKILL);
		k->phase = KILLED;
		break;
	case SWEEPING:
		swept(k);
		break;
	case RUNNING:
	case KILLED:
	case HANGING_UP:
		break;
	}
}

static void later(struct call *k, enum phase phase, int64_t ms)
{
	k->phase = phase;
	loop_at(k->a->conf.loop, &k->timer, clock_deadline(ms), tick, k);
}

static void on_line(void *arg, int fd, short revents)
{
	struct call *k = arg;
	if (!(revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)))
		return;
	loop_forget(k->a->conf.loop, fd);
	if (k->phase != RUNNING)
		return;
	k->c.reason = REASON_LOST_CARRIER;
	later(k, NOTICING, NOTICE);
}

static enum reason reason_of_status(int status)
{
	return status == SP_OK ? REASON_HOST_REQUEST : status == SP_DENIED ? REASON_DENIED : REASON_NONE;
}

/* The command may have seen it before we did. */
static bool line_ended(const struct call *k)
{
	struct pollfd p = { .fd = circuit_fd(k->line), .events = POLLRDHUP };
	return poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

static void on_command(void *arg, pid_t pid, int status)
{
	struct call *k = arg;
	k->c.status = spawn_status(status);
	if (k->c.reason == REASON_NONE && line_ended(k))
		k->c.reason = REASON_LOST_CARRIER;
	enum reason own = reason_of_status(k->c.status); /* what the command says counts most */
	if (own != REASON_NONE && k->c.reason != REASON_ADMIN_RESET)
		k->c.reason = own;
	k->sweep_until = clock_deadline(FAREWELL);
	kill(-pid, SIGTERM);
	k->phase = SWEEPING;
	swept(k);
}

static pid_t run(struct answer *a, const struct circuit *l, unsigned long number)
{
	char text[5][256];
	char *env[6] = { text[0], text[1], text[2], text[3], circuit_speed(l) ? text[4] : NULL, NULL };
	struct spawn_fd fd[] = { { circuit_fd(l), 3 }, { -1, 0 } };
	snprintf(text[0], sizeof text[0], "SP_CALL=%lu", number);
	snprintf(text[1], sizeof text[1], "SP_LINE=%s", circuit_name(l));
	snprintf(text[2], sizeof text[2], "SP_PEER=%s", circuit_peer(l));
	snprintf(text[3], sizeof text[3], "SP_BITS=%u", circuit_bits(l));
	snprintf(text[4], sizeof text[4], "SP_SPEED=%llu", (unsigned long long)circuit_speed(l));
	sock_nonblock(circuit_fd(l), false);
	return spawn(&(struct spawn){ .argv = a->conf.argv, .fd = fd, .nfd = 2, .env = env, .group = true });
}

/* The guard knows the group. One that somebody has killed is replaced. */
static bool guarded(struct answer *a, pid_t pid)
{
	if (guard_add(a->guard, &pid) == 0)
		return true;
	guard_free(a->guard);
	a->guard = guard_new(sizeof pid, end_group);
	for (struct call *k = a->calls; k && a->guard; k = k->next)
		if (k->c.pid && guard_add(a->guard, &k->c.pid) < 0)
			return false;
	return a->guard != NULL;
}

static void call_begin(struct call *k)
{
	struct answer *a = k->a;
	tell(k, ANSWER_RINGING);
	if (a->active > a->conf.max) {
		k->c.reason = REASON_BUSY;
		call_over(k);
		return;
	}
	pid_t pid = run(a, k->line, k->c.number);
	if (pid < 0) {
		k->c.status = errno == ENOENT ? 127 : 126;
		call_over(k);
		return;
	}
	k->c.pid = pid;
	tell(k, ANSWER_STARTED);
	if (guarded(a, pid) && loop_child(a->conf.loop, pid, on_command, k) == 0 &&
	    loop_fd(a->conf.loop, circuit_fd(k->line), POLLRDHUP, on_line, k) == 0)
		return;
	kill(-pid, SIGKILL); /* nobody could end it later */
	loop_child_forget(a->conf.loop, pid);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	k->c.status = 128 + SIGKILL;
	call_over(k);
}

static void on_call(void *arg, struct circuit *line)
{
	static const struct circuit_ops ops = { on_circuit };
	struct answer *a = arg;
	struct call *k = calloc(1, sizeof *k);
	if (!k) {
		circuit_free(line);
		return;
	}
	k->a = a;
	k->line = line;
	circuit_own(line, &ops, k);
	k->c = (struct answer_call){ .number = ++a->count, .line = line, .status = -1, .since = clock_ms() };
	k->next = a->calls;
	a->calls = k;
	a->active++;
	call_begin(k);
}

static void on_missed(void *arg, const char *from, const char *why)
{
	const struct answer *a = arg;
	a->ops->missed(a->arg, from, why);
}

static void on_trouble(void *arg, const char *why)
{
	const struct answer *a = arg;
	a->ops->trouble(a->arg, why);
}

struct answer *answer_new(const struct answer_conf *conf, const struct answer_ops *ops, void *arg, const char **why)
{
	static const struct circuit_port_ops port_ops = { NULL, on_missed, on_call, on_trouble, no_more };
	struct answer *a = calloc(1, sizeof *a);
	*why = "unable to begin";
	if (!a)
		return NULL;
	a->conf = *conf;
	a->ops = ops;
	a->arg = arg;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	a->guard = guard_new(sizeof(pid_t), end_group);
	if (a->guard)
		a->port = circuit_listen(conf->loop, conf->line, &port_ops, a, why);
	circuit_port_limit(a->port, conf->max);
	if (a->port)
		return a;
	int e = errno;
	answer_free(a);
	errno = e;
	return NULL;
}

const struct circuit_port *answer_port(const struct answer *a)
{
	return a->port;
}

void answer_stop(struct answer *a)
{
	no_more(a, NULL);
	for (struct call *k = a->calls; k; k = k->next) {
		if (k->phase == SWEEPING || k->phase == KILLED || k->phase == HANGING_UP)
			continue;
		if (k->c.reason == REASON_NONE)
			k->c.reason = REASON_ADMIN_RESET;
		bool again = k->phase == TERMINATING;
		kill(-k->c.pid, again ? SIGKILL : SIGTERM);
		later(k, again ? KILLED : TERMINATING, FAREWELL);
	}
}

void answer_free(struct answer *a)
{
	if (!a)
		return;
	loop_cancel(a->conf.loop, &a->last);
	circuit_port_free(a->port);
	guard_free(a->guard);
	free(a);
}
