/* nas.c - the router's parent process: accepts, has a process per session,
 * notices its end. Refuses connections over the cap by closing them: a refused
 * one costs nothing but its accept. */
#include "engine/nas.h"

#include "engine/nas_impl.h"
#include "engine/places.h"
#include "sys/sock.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STOP_LIMIT 5000 /* ms that sessions have to end; then they are killed, */
#define STOP_EACH 10    /* and for each of them more, as they do it all at once */

void nas_say(struct nas *n, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	n->ops->say(n->arg, text);
}

static void finish_if_over(struct nas *n)
{
	if (!n->stopping || n->children || n->off_told)
		return;
	n->off_told = true;
	loop_cancel(n->loop, &n->limit);
	nas_account_device(n, "off");
	n->done(n->done_arg);
}

static void child_free(struct nas_child *c)
{
	struct nas *n = c->nas;
	for (struct nas_child **p = &n->children; *p; p = &(*p)->next)
		if (*p == c) {
			*p = c->next;
			n->nchildren--;
			n->nevicted -= c->evicted;
			break;
		}
	worker_forget(n->auth, c);
	loop_cancel(n->loop, &c->interim);
	loop_cancel(n->loop, &c->held);
	record_wipe(&c->question, "password");
	record_clear(&c->question);
	record_clear(&c->last);
	chan_free(c->chan);
	free(c);
}

/* Its last messages may still be read after its end, so both must be over. */
static void child_over(struct nas_child *c)
{
	if (!c->exited || !c->closed)
		return;
	struct nas *n = c->nas;
	if (n->conf.tls && !c->certified && !c->evicted && !n->stopping)
		shake_over(&n->shakes, c->source, false);
	nas_lines_unlock(c->pid);
	nas_child_down(c);
	child_free(c);
	finish_if_over(n);
}

static void on_message(void *arg, struct record *r)
{
	nas_message(arg, r);
}

static void on_closed(void *arg, const char *why)
{
	struct nas_child *c = arg;
	c->closed = true;
	if (why && !c->exited)
		kill(c->pid, SIGTERM);
	child_over(c);
}

static const struct chan_ops chan_ops = { .record = on_message, .closed = on_closed };

static void on_exit_of(void *arg, pid_t pid, int status)
{
	struct nas_child *c = arg;
	c->exited = true;
	if (status != 0 && !c->evicted)
		nas_say(c->nas, "the session of %s ended badly (process %d, %s %d)", c->workstation, (int)pid,
		        WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	child_over(c);
}

static struct nas_child *child_new(struct nas *n, int peer)
{
	int pair[2];
	struct nas_child *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->nas = n;
	sock_peer_host(peer, c->workstation, sizeof c->workstation);
	source_of(peer, c->source);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
		goto fail;
	c->pid = nas_nursery_session(n, (const int[]){ peer, pair[1] }, c->workstation, n->conf.tls ? shake_wait(&n->shakes, c->source) : 0);
	close(pair[1]);
	if (c->pid < 0) {
		close(pair[0]);
		goto fail;
	}
	c->chan = chan_accept(n->loop, pair[0], NULL, CLOCK_NEVER, &chan_ops, c);
	if (c->chan && loop_child(n->loop, c->pid, on_exit_of, c) == 0)
		return c;
	kill(c->pid, SIGKILL);
	chan_free(c->chan);
fail:
	free(c);
	return NULL;
}

/* One machine must not take every place without saying who it is. */
static bool too_many_strangers(const struct nas *n, int peer)
{
	char source[SOURCE_TEXT];
	unsigned count = 0;
	source_of(peer, source);
	for (const struct nas_child *c = n->children; c; c = c->next)
		count += !c->admitted && !c->evicted && strcmp(c->source, source) == 0;
	return count >= n->conf.strangers;
}

/* To people and the log, unless too many are. */
static void tell_refused(struct nas *n, const char *event, const char *host, const char *why)
{
	struct record r = { 0 };
	if (refusal_told(&n->refused, &r, NULL)) {
		nas_say(n, "a connection of %s was refused: %s", host, why);
		if (record_set(&r, "step", "315") == 0 && record_set(&r, "event", event) == 0 &&
		    record_set(&r, "workstation", host) == 0 && record_set(&r, "detail", why) == 0)
			n->ops->log(n->arg, &r);
	}
	record_clear(&r);
}

static bool is_stranger(const struct nas_child *c)
{
	return !c->admitted && !c->certified && !c->evicted;
}

static const char *next_stranger(const void *server, void **at)
{
	const struct nas *n = server;
	const struct nas_child *before = *at;
	struct nas_child *c = before ? before->next : n->children;
	while (c && !is_stranger(c))
		c = c->next;
	*at = c;
	return c ? c->source : NULL;
}

/* When all places are taken. */
static bool make_place(struct nas *n, int peer)
{
	char source[SOURCE_TEXT];
	source_of(peer, source);
	struct nas_child *old = places_yielder(next_stranger, n, source);
	if (!old)
		return false;
	tell_refused(n, "too-many", old->workstation, "all places are taken, most by strangers");
	old->evicted = true;
	n->nevicted++;
	if (!old->exited)
		kill(old->pid, SIGKILL);
	return true;
}

static void on_accept(void *arg, int fd, short revents)
{
	struct nas *n = arg;
	char host[64];
	(void)revents;
	int peer = sock_accept(fd);
	if (peer < 0)
		return;
	bool full = n->nchildren - n->nevicted >= n->conf.sessions;
	const char *why = too_many_strangers(n, peer)     ? "too many of that address have not logged in"
	                  : full && !make_place(n, peer) ? "too many sessions"
	                                                  : NULL;
	struct nas_child *c = why ? NULL : child_new(n, peer);
	if (c) {
		c->next = n->children;
		n->children = c;
		n->nchildren++;
	} else {
		sock_peer_host(peer, host, sizeof host);
		tell_refused(n, why ? "too-many" : "refused", host, why ? why : "unable to start a session");
	}
	close(peer);
}

struct nas *nas_new(const struct nas_conf *conf, const struct nas_given *given, const struct nas_ops *ops, void *arg)
{
	struct nas *n = calloc(1, sizeof *n);
	if (!n)
		return NULL;
	*n = (struct nas){ .conf = *conf, .loop = given->loop, .ops = ops, .arg = arg, .listen = given->listen,
	                   .aliases = given->aliases, .bank = given->bank, .auth = given->auth, .acct = given->acct, .nursery = { .fd = -1 } };
	n->bank.changed = nas_lines_tell;
	n->bank.arg = n;
	if (guesses_init(&n->guesses) != 0 || guesses_init(&n->shakes) != 0 || nas_nursery_open(n) != 0 || pool_init(&n->lines, 1, given->lines) != 0 ||
	    loop_fd(n->loop, n->listen, POLLIN, on_accept, n) != 0) {
		int e = errno;
		nas_free(n);
		errno = e;
		return NULL;
	}
	nas_account_device(n, "on");
	loop_at(n->loop, &n->begin, clock_ms(), nas_lines_all, n); /* behind ready= */
	return n;
}

static void took_too_long(void *arg)
{
	struct nas *n = arg;
	for (struct nas_child *c = n->children; c; c = c->next)
		if (!c->exited)
			kill(c->pid, SIGKILL);
}

void nas_stop(struct nas *n, void (*done)(void *arg), void *arg)
{
	if (n->stopping)
		return;
	n->stopping = true;
	n->done = done;
	n->done_arg = arg;
	loop_forget(n->loop, n->listen);
	nas_probes_stop(n);
	loop_at(n->loop, &n->limit, clock_deadline(STOP_LIMIT + STOP_EACH * (int64_t)n->nchildren), took_too_long, n);
	for (struct nas_child *c = n->children; c; c = c->next)
		if (!c->exited)
			kill(c->pid, SIGTERM);
	finish_if_over(n);
}

void nas_free(struct nas *n)
{
	if (!n)
		return;
	while (n->children)
		child_free(n->children);
	nas_probes_stop(n);
	loop_cancel(n->loop, &n->limit);
	loop_cancel(n->loop, &n->begin);
	loop_forget(n->loop, n->listen);
	close(n->listen);
	nas_nursery_close(n);
	pool_clear(&n->lines);
	pool_clear(&n->aliases);
	bank_clear(&n->bank);
	free(n);
}
