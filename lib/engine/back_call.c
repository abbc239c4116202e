/* back_call.c - callers of this machine, over a unix socket: each asks for a serial,
 * and gets the bytes of that service processor's connection. Who may: processes of
 * our own user, and root. */
#include "engine/back_impl.h"

#include "base/num.h"
#include "sys/sock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ASK_MS 10000

void back_caller_free(struct back_caller *c)
{
	struct back *b = c->b;
	struct back_caller **at = &b->callers;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	loop_cancel(b->conf.loop, &c->timer);
	if (c->peer)
		c->peer->caller = NULL;
	stream_free(c->s);
	free(c);
	b->ncallers--;
}

/* It went, or did not ask: the service processor that it had rung is told by the
 * end of its connection, as it may have answered already. */
static void over(void *arg)
{
	struct back_caller *c = arg;
	struct back_peer *p = c->peer;
	back_caller_free(c);
	if (!p)
		return;
	back_tell(p, "ended", "user-request", "the caller went before it was answered");
	back_peer_free(p);
}

static void leave(struct back_caller *c, const char *error, const char *reason, const char *detail)
{
	c->leaving = true;
	if (hello_say(c->s, "error", error, "reason", reason, "step", "325", "detail", detail, NULL) == 0)
		loop_at(c->b->conf.loop, &c->timer, clock_deadline(SAY_MS), over, c);
	else
		over(c);
}

void back_no_answer(struct back_caller *c, const char *error, const char *reason, const char *detail)
{
	if (!c)
		return;
	c->peer->caller = NULL;
	c->peer = NULL;
	leave(c, error, reason, detail);
}

static void ring_late(void *arg)
{
	struct back_peer *p = arg;
	back_no_answer(p->caller, "timeout", "no-answer", "the service processor does not answer");
	back_tell(p, "ended", "no-answer", NULL);
	back_peer_free(p);
}

void back_ring(struct back_peer *p, struct back_caller *c)
{
	p->phase = BACK_RINGING;
	p->since = clock_ms();
	p->caller = c;
	c->peer = p;
	loop_cancel(c->b->conf.loop, &c->timer);
	loop_at(c->b->conf.loop, &p->timer, clock_deadline(RING_MS), ring_late, p);
	hello_say(p->s, "op", "call", NULL);
}

static void on_over(void *arg, enum join_end first, const char *why)
{
	struct back_peer *p = arg;
	back_tell(p, "ended", first == JOIN_NEAR ? "user-request" : why ? "lost-carrier" : "host-request", why);
	back_peer_free(p);
}

void back_answered(struct back_peer *p, struct buf *in)
{
	static const struct join_ops ops = { .over = on_over };
	struct back_caller *c = p->caller;
	struct stream *near = c->s, *far = p->s;
	loop_cancel(p->b->conf.loop, &p->timer);
	if (hello_say(near, "done", "1", "peer", p->peer, NULL) != 0 || (in->len && stream_write(near, buf_view(in)) != 0)) {
		over(c);
		return;
	}
	buf_consume(in, in->len);
	c->s = NULL;
	back_caller_free(c);
	p->s = NULL;
	p->phase = BACK_CALL;
	p->since = clock_ms();
	p->join = join_new(p->b->conf.loop, near, far, LINGER_MS, &ops, p);
	back_tell(p, "picked", NULL, NULL);
	if (!p->join)
		back_peer_free(p);
}

static void show(struct back_caller *c)
{
	static const char *const names[] = { [BACK_WAITING] = "waiting", [BACK_RINGING] = "ringing", [BACK_CALL] = "picked" };
	unsigned n = 0;
	int rc = 0;
	char text[24];
	c->leaving = true;
	for (struct back_peer *p = c->b->peers; p && rc == 0; p = p->next) {
		if (p->phase == BACK_STRANGER || p->phase == BACK_LEAVING)
			continue;
		snprintf(text, sizeof text, "%lld", (long long)(clock_ms() - p->since) / 1000);
		rc = hello_say(c->s, "serial", p->serial, "state", names[p->phase], "peer", p->peer, "seconds", text, NULL);
		n++;
	}
	snprintf(text, sizeof text, "%u", n);
	if (rc == 0)
		rc = hello_say(c->s, "done", text, NULL);
	if (rc == 0)
		loop_at(c->b->conf.loop, &c->timer, clock_deadline(SAY_MS), over, c);
	else
		over(c);
}

static void ask(struct back_caller *c, struct record *r)
{
	bool busy;
	struct view op = record_get(r, "op");
	if (view_is(op, "show")) {
		show(c);
		return;
	}
	if (!view_is(op, "call") || !record_has(r, "serial")) {
		leave(c, "record", NULL, "op=call with serial=, or op=show");
		return;
	}
	struct back_peer *p = back_find(c->b, record_get(r, "serial"), &busy);
	const char *why = p ? stream_still(p->s) : NULL;
	if (why) {
		back_tell(p, "ended", "denied", why);
		back_peer_free(p);
		p = NULL;
	}
	if (p)
		back_ring(p, c);
	else if (busy)
		leave(c, "busy", "busy", "the service processor is in a call");
	else
		leave(c, "peer", "no-carrier", "the service processor is not connected");
}

/* A caller that says anything before it is answered does not know the language. */
static void on_data(void *arg, struct buf *in)
{
	struct back_caller *c = arg;
	struct record r;
	const char *why;
	if (c->leaving) {
		buf_consume(in, in->len);
		return;
	}
	record_init(&r);
	int rc = c->asked ? -1 : hello_take(in, &r, &why);
	if (rc == 1) {
		c->asked = true;
		ask(c, &r);
	} else if (rc < 0) {
		over(c);
	}
	record_clear(&r);
}

static void on_drained(void *arg)
{
	struct back_caller *c = arg;
	if (c->leaving)
		over(c);
}

static void on_closed(void *arg, const char *why)
{
	(void)why;
	over(arg);
}

/* It says no more: the last word to it still goes out. */
static void on_ended(void *arg)
{
	struct back_caller *c = arg;
	if (!c->leaving)
		over(c);
}

static bool ours(int fd)
{
	struct ucred who;
	socklen_t n = sizeof who;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && (who.uid == geteuid() || who.uid == 0);
}

static void on_accept(void *arg, int fd, short revents)
{
	static const struct stream_ops ops = { .data = on_data, .drained = on_drained, .closed = on_closed,
		                                     .ended = on_ended };
	struct back *b = arg;
	int got = sock_accept(fd);
	(void)revents;
	if (got < 0)
		return;
	struct back_caller *c = ours(got) && b->ncallers < BACK_CALLERS ? calloc(1, sizeof *c) : NULL;
	if (!c) {
		close(got);
		return;
	}
	*c = (struct back_caller){ .b = b, .next = b->callers };
	c->s = stream_new(b->conf.loop, got, false, NULL, NULL, CLOCK_NEVER, &ops, c);
	if (!c->s) {
		free(c);
		return;
	}
	b->callers = c;
	b->ncallers++;
	loop_at(b->conf.loop, &c->timer, clock_deadline(ASK_MS), over, c);
}

int back_listen_local(struct back *b, int fd)
{
	b->local = fd;
	return loop_fd(b->conf.loop, fd, POLLIN, on_accept, b);
}
