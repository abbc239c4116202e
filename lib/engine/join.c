/* join.c - a pump between two streams. What is queued at either end is bounded: a
 * little over JOIN_CHUNK, then the other end is not read until it is out. */
#include "engine/join.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOCAL_BYTES (32 << 10) /* what the kernel keeps of a socket pair */

struct end {
	struct join *join;
	enum join_end which;
	struct stream *s;
	bool ended, full, held; /* full: what it takes in has no room at the other end */
	bool half, told;        /* it sends no more, but may read; that the other does is known to it */
	uint64_t out;
};

struct join {
	struct loop *loop;
	struct end end[2];
	const struct join_ops *ops;
	void *arg;
	struct buf scratch;
	int64_t linger, quiet;
	struct loop_timer late;
	enum join_end first;
	bool over, orderly;
	char why[128];
};

static struct end *other(const struct end *e)
{
	return &e->join->end[e->which == JOIN_NEAR ? JOIN_FAR : JOIN_NEAR];
}

/* The last act of whoever calls it: the join may be gone. */
static void finish(void *arg)
{
	struct join *j = arg;
	loop_cancel(j->loop, &j->late);
	if (j->over)
		return;
	j->over = true;
	j->ops->over(j->arg, j->first, j->orderly ? NULL : j->why);
}

static void end_over(struct end *e, const char *why)
{
	struct join *j = e->join;
	if (e->ended)
		return;
	e->ended = true;
	if (!other(e)->ended) {
		j->first = other(e)->half ? other(e)->which : e->which;
		j->orderly = !why;
		snprintf(j->why, sizeof j->why, "%s", why ? why : "");
	}
	if (other(e)->ended || stream_queued(other(e)->s) == 0)
		finish(j);
	else if (j->linger >= 0)
		loop_at(j->loop, &j->late, clock_deadline(j->linger), finish, j);
}

static void on_closed(void *arg, const char *why)
{
	end_over(arg, why);
}

static bool both_half(const struct join *j)
{
	return j->end[JOIN_NEAR].half && j->end[JOIN_FAR].half;
}

static bool all_out(const struct join *j)
{
	return stream_queued(j->end[JOIN_NEAR].s) == 0 && stream_queued(j->end[JOIN_FAR].s) == 0;
}

/* e is told that the other sends no more, as soon as what it sent is out. */
static void tell_half(struct end *e)
{
	if (!other(e)->half || e->told || stream_queued(e->s))
		return;
	e->told = true;
	stream_end(e->s);
}

/* What it does not take is no silence of the other's. */
static void on_quiet(void *arg)
{
	struct join *j = arg;
	if (all_out(j))
		finish(j);
	else
		loop_at(j->loop, &j->late, clock_deadline(j->quiet), on_quiet, j);
}

static void on_half(void *arg)
{
	struct end *e = arg;
	struct join *j = e->join;
	e->half = true;
	if (!other(e)->half) {
		j->first = e->which;
		j->orderly = true;
	}
	tell_half(other(e));
	if (both_half(j) && all_out(j))
		finish(j);
	else if (!both_half(j))
		loop_at(j->loop, &j->late, clock_deadline(j->quiet), on_quiet, j);
	else if (j->linger >= 0)
		loop_at(j->loop, &j->late, clock_deadline(j->linger), finish, j);
}

static void rest(struct end *e)
{
	stream_pause(e->s, e->full || e->held);
}

static void on_data(void *arg, struct buf *in)
{
	struct end *e = arg, *o = other(e);
	struct join *j = e->join;
	const char *why = "more data than can be taken";
	int rc = 0;
	j->scratch.len = 0;
	if (!j->ops->pass)
		rc = buf_addv(&j->scratch, buf_view(in));
	else
		rc = j->ops->pass(j->arg, e->which, buf_view(in), &j->scratch, &why);
	buf_consume(in, in->len);
	if (e->ended || o->ended)
		return;
	if (rc == 0 && j->scratch.len)
		rc = stream_write(o->s, buf_view(&j->scratch));
	if (rc != 0) {
		stream_pause(e->s, true);
		end_over(e, why);
		return;
	}
	o->out += j->scratch.len;
	if (o->half && !e->half)
		loop_at(j->loop, &j->late, clock_deadline(j->quiet), on_quiet, j);
	e->full = stream_queued(o->s) >= JOIN_CHUNK;
	rest(e);
}

static void on_drained(void *arg)
{
	struct end *e = arg, *o = other(e);
	if (o->ended || (both_half(e->join) && all_out(e->join))) {
		finish(e->join);
		return;
	}
	tell_half(e);
	if (o->full) {
		o->full = false;
		rest(o);
	}
}

static const struct stream_ops stream_ops = { .data = on_data, .drained = on_drained, .closed = on_closed };
static const struct stream_ops half_ops = { .data = on_data, .drained = on_drained, .closed = on_closed, .ended = on_half };

static void adopt(struct join *j, enum join_end which, struct stream *s)
{
	j->end[which] = (struct end){ .join = j, .which = which, .s = s };
	stream_limits(s, STREAM_IN_MAX, 4 * JOIN_CHUNK);
	stream_own(s, &stream_ops, &j->end[which]);
}

struct join *join_new(struct loop *l, struct stream *near, struct stream *far, int64_t linger,
                      const struct join_ops *ops, void *arg)
{
	struct join *j = calloc(1, sizeof *j);
	if (!j) {
		stream_free(near);
		stream_free(far);
		errno = ENOMEM;
		return NULL;
	}
	j->loop = l;
	j->ops = ops;
	j->arg = arg;
	j->linger = linger;
	buf_init(&j->scratch, 2 * STREAM_IN_MAX);
	adopt(j, JOIN_NEAR, near);
	adopt(j, JOIN_FAR, far);
	return j;
}

struct join *join_local(struct loop *l, struct stream *far, const struct join_ops *ops, void *arg, int *fd)
{
	int pair[2], size = LOCAL_BYTES;
	struct stream *near = NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
		int e = errno;
		stream_free(far);
		errno = e;
		return NULL;
	}
	for (int i = 0; i < 2; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	near = stream_new(l, pair[0], false, NULL, NULL, CLOCK_NEVER, &stream_ops, NULL);
	if (!near)
		stream_free(far);
	struct join *j = near ? join_new(l, near, far, -1, ops, arg) : NULL;
	if (j) {
		*fd = pair[1];
		return j;
	}
	close(pair[1]);
	errno = ENOMEM;
	return NULL;
}

void join_half(struct join *j, int64_t quiet)
{
	j->quiet = quiet;
	for (unsigned i = 0; i < 2; i++)
		stream_own(j->end[i].s, &half_ops, &j->end[i]);
}

int join_write(struct join *j, enum join_end at, struct view v)
{
	return stream_write(j->end[at].s, v);
}

void join_hold(struct join *j, enum join_end at, bool hold)
{
	if (j->end[at].held == hold)
		return;
	j->end[at].held = hold;
	rest(&j->end[at]);
}

uint64_t join_count(const struct join *j, enum join_end at)
{
	return j->end[at].out;
}

void join_free(struct join *j)
{
	if (!j)
		return;
	loop_cancel(j->loop, &j->late);
	stream_free(j->end[JOIN_NEAR].s);
	stream_free(j->end[JOIN_FAR].s);
	buf_clear(&j->scratch);
	free(j);
}
