/* answer.c - a table of calls, each with one phase and one timer. */
#include "engine/answer_impl.h"
#include "sys/sock.h"
#include "sys/spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define NOTICE 2000 /* ms that a command has to notice that its line ended */

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
	if (!k->untold)
		k->a->ops->call(k->a->arg, &k->c, ev);
}

/* Its line is closed: told, then gone. */
static void call_gone(struct call *k)
{
	struct answer *a = k->a;
	struct call **p = &a->calls;
	loop_cancel(a->conf.loop, &k->timer);
	answer_caller_forget(k);
	tell(k, ANSWER_ENDED);
	while (*p != k)
		p = &(*p)->next;
	*p = k->next;
	circuit_free(k->line);
	a->yielded -= k->yielded;
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
		later(k, SWEEPING, ANSWER_SWEEP);
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
		later(k, TERMINATING, ANSWER_FAREWELL);
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
	k->sweep_until = clock_deadline(ANSWER_FAREWELL);
	kill(-pid, SIGTERM);
	k->phase = SWEEPING;
	swept(k);
}

static void call_begin(struct call *k)
{
	struct answer *a = k->a;
	bool place = answer_has_place(k), may = place && (!a->ops->may || a->ops->may(a->arg));
	k->untold = !may && answer_refused_untold(a);
	tell(k, ANSWER_RINGING);
	if (!may) {
		k->c.reason = place ? REASON_DENIED : REASON_BUSY;
		call_over(k);
		return;
	}
	pid_t pid = answer_run(k);
	if (pid < 0) {
		k->c.status = errno == ENOENT ? 127 : 126;
		call_over(k);
		return;
	}
	k->c.pid = pid;
	tell(k, ANSWER_STARTED);
	if (answer_guarded(a, pid) && loop_child(a->conf.loop, pid, on_command, k) == 0 &&
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
	k->says.fd = -1;
	source_of(circuit_fd(line), k->source);
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
	a->guard = answer_guard();
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
		later(k, again ? KILLED : TERMINATING, ANSWER_FAREWELL);
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
