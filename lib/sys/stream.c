/* stream.c - a non-blocking byte stream, plain or TLS, on a loop.
 * One function, step(), does what can be done now: connect, handshake, read,
 * write; then arms the loop for what it waits for. Callbacks may free the
 * stream: `busy` keeps the storage until step() is back. A peer that sends
 * without end has its turns like others; one that is gone while we pause is
 * looked at again when we go on. */
#include "sys/stream_impl.h"

#include "sys/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define READS_A_TURN 16 /* of 16 KiB */

static void step(struct stream *s);

static void on_fd(void *arg, int fd, short revents)
{
	struct stream *s = arg;
	(void)fd;
	s->hung = revents & (POLLHUP | POLLERR) && s->phase == OPEN;
	step(s);
}

static void dispose(struct stream *s)
{
	s->carrier->clear(s);
	buf_clear(&s->in);
	buf_clear(&s->out);
	free(s);
}

static void shut(struct stream *s, const char *why)
{
	if (s->phase == CLOSED)
		return;
	s->phase = CLOSED;
	loop_cancel(s->loop, &s->deadline);
	loop_cancel(s->loop, &s->later);
	loop_forget(s->loop, s->fd);
	s->ops->closed(s->arg, why);
}

static void too_late(void *arg)
{
	struct stream *s = arg;
	s->busy = true;
	shut(s, STREAM_TIMED_OUT);
	s->busy = false;
	if (s->freed)
		dispose(s);
}

static short wanted(const struct stream *s)
{
	bool out = s->phase == CONNECTING || s->want_write || (s->phase == OPEN && (s->out.len || (s->more && !s->paused)));
	bool in = s->phase == HANDSHAKE || (s->phase == OPEN && !s->paused && !s->ended);
	return (short)((out ? POLLOUT : 0) | (in ? POLLIN : 0));
}

static void arm(struct stream *s)
{
	if (s->phase == CLOSED)
		return;
	short events = wanted(s);
	if (s->hung && events == 0) /* poll would tell that again and again */
		loop_forget(s->loop, s->fd);
	else if (loop_fd(s->loop, s->fd, events, on_fd, s) != 0)
		shut(s, "out of memory");
}

static void opened(struct stream *s)
{
	s->phase = OPEN;
	loop_cancel(s->loop, &s->deadline);
	if (s->ops->open)
		s->ops->open(s->arg);
}

static void do_connect(struct stream *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };
	if (poll(&p, 1, 0) == 0)
		return;
	int e = sock_connected(s->fd);
	if (e != 0) {
		shut(s, strerror(e));
		return;
	}
	s->phase = HANDSHAKE;
}

static void failed(struct stream *s)
{
	const char *why = s->carrier->reason(s);
	shut(s, why ? why : "connection lost");
}

static void do_handshake(struct stream *s)
{
	int rc = s->carrier->handshake(s);
	if (rc == 1)
		opened(s);
	else if (rc < 0)
		failed(s);
}

/* The peer sends no more: the end, unless the owner can go on without. */
static void no_more(struct stream *s)
{
	if (!s->ops->ended) {
		shut(s, NULL);
		return;
	}
	s->ended = true;
	s->ops->ended(s->arg);
}

static void do_read(struct stream *s)
{
	unsigned turns = 0;
	while (s->phase == OPEN && !s->paused && !s->ended && !s->freed) {
		if (turns++ == READS_A_TURN) {
			s->more = true;
			return;
		}
		size_t room = s->in.max - s->in.len, n = room < 16384 ? room : 16384;
		if (n == 0 || buf_reserve(&s->in, n) != 0) {
			shut(s, n == 0 ? "the peer sends more than is allowed" : "out of memory");
			return;
		}
		ssize_t got = s->carrier->get(s, s->in.data + s->in.len, n);
		if (got == 0)
			return;
		if (got == -2) {
			no_more(s);
			return;
		}
		if (got < 0) {
			failed(s);
			return;
		}
		s->in.len += (size_t)got;
		s->ops->data(s->arg, &s->in);
	}
}

/* What was sent goes when it is half of all or more: so no byte moves more than once
 * for each that was sent. */
static void forget_sent(struct stream *s, bool always)
{
	if (!always && s->sent < s->out.len - s->sent)
		return;
	buf_consume(&s->out, s->sent);
	s->sent = 0;
}

static void do_write(struct stream *s)
{
	bool some = s->out.len > 0;
	while (s->phase == OPEN && s->out.len) {
		size_t left = stream_queued(s);
		ssize_t n = s->carrier->put(s, s->out.data + s->sent, left < 65536 ? left : 65536);
		if (n == 0)
			return;
		if (n < 0) {
			shut(s, "connection lost");
			return;
		}
		s->sent += (size_t)n;
		forget_sent(s, false);
	}
	if (some && s->phase == OPEN && s->ops->drained)
		s->ops->drained(s->arg);
}

static void step(struct stream *s)
{
	bool outer = !s->busy;
	s->busy = true;
	s->more = false;
	if (s->hung && s->ended)
		shut(s, NULL);
	if (s->phase == CONNECTING)
		do_connect(s);
	if (s->phase == HANDSHAKE)
		do_handshake(s);
	if (!s->freed && s->phase == OPEN)
		do_write(s);
	if (!s->freed && s->phase == OPEN)
		do_read(s);
	if (!s->freed)
		arm(s);
	if (!outer)
		return;
	s->busy = false;
	if (s->freed)
		dispose(s);
}

struct stream *stream_new(struct loop *l, int fd, bool connecting, struct ssl_ctx_st *ctx, const char *host,
                          int64_t deadline, const struct stream_ops *ops, void *arg)
{
	struct stream *s = calloc(1, sizeof *s);
	if (!s)
		goto out;
	*s = (struct stream){ .loop = l, .fd = fd, .ops = ops, .arg = arg,
	                      .carrier = ctx ? carrier_secure : &carrier_plain };
	s->phase = connecting ? CONNECTING : HANDSHAKE;
	buf_init(&s->in, STREAM_IN_MAX);
	buf_init(&s->out, STREAM_OUT_MAX);
	if (ctx && !s->carrier->begin(s, ctx, host))
		goto out;
	/* A plain accepted stream is open at the first turn of the loop. */
	if (loop_fd(l, fd, connecting || !ctx || host ? POLLOUT : POLLIN, on_fd, s) != 0)
		goto out;
	if (deadline != CLOCK_NEVER)
		loop_at(l, &s->deadline, deadline, too_late, s);
	return s;
out:
	if (s)
		dispose(s);
	close(fd);
	errno = ENOMEM;
	return NULL;
}

static void on_later(void *arg)
{
	step(arg);
}

void stream_later(struct stream *s, int64_t ms)
{
	if (ms <= 0)
		return;
	loop_forget(s->loop, s->fd);
	loop_at(s->loop, &s->later, clock_deadline(ms), on_later, s);
}

bool stream_expect(struct stream *s, const char *name)
{
	if (!name || !*name || !s->carrier->expect)
		return name != NULL;
	return view_str(view_of(name), s->name, sizeof s->name) && s->carrier->expect(s);
}

void stream_own(struct stream *s, const struct stream_ops *ops, void *arg)
{
	s->ops = ops;
	s->arg = arg;
}

void stream_limits(struct stream *s, size_t in_max, size_t out_max)
{
	s->in.max = in_max;
	s->out.max = out_max;
}

int stream_write(struct stream *s, struct view v)
{
	if (s->phase == CLOSED) {
		errno = EPIPE;
		return -1;
	}
	if (s->out.len + v.n > s->out.max)
		forget_sent(s, true);
	if (buf_addv(&s->out, v) != 0)
		return -1;
	if (s->phase == OPEN)
		loop_fd(s->loop, s->fd, wanted(s), on_fd, s);
	return 0;
}

size_t stream_queued(const struct stream *s)
{
	return s->out.len - s->sent;
}

int stream_fd(const struct stream *s)
{
	return s->fd;
}

void stream_pause(struct stream *s, bool paused)
{
	s->paused = paused;
	s->more = !paused; /* TLS may hold bytes that poll does not know of */
	if (s->phase == OPEN && !s->busy)
		loop_fd(s->loop, s->fd, wanted(s), on_fd, s);
}

void stream_free(struct stream *s)
{
	if (!s || s->freed)
		return;
	if (s->phase != CLOSED) {
		loop_cancel(s->loop, &s->deadline);
		loop_cancel(s->loop, &s->later);
		loop_forget(s->loop, s->fd);
		if (s->phase == OPEN)
			s->carrier->end(s);
	}
	s->phase = CLOSED;
	if (s->denied)
		carrier_linger(s->loop, s->fd);
	else
		close(s->fd);
	s->freed = true;
	if (!s->busy)
		dispose(s);
}

void stream_end(struct stream *s)
{
	if (s->phase == OPEN && s->carrier == &carrier_plain)
		shutdown(s->fd, SHUT_WR);
	else if (s->phase == OPEN)
		s->carrier->end(s);
}

struct x509_st *stream_peer(const struct stream *s)
{
	return s->carrier->peer ? s->carrier->peer(s) : NULL;
}

struct x509_st *stream_shown(const struct stream *s)
{
	return s->carrier->shown ? s->carrier->shown(s) : NULL;
}

const char *stream_still(struct stream *s)
{
	return s->carrier->still && s->phase == OPEN ? s->carrier->still(s) : NULL;
}

bool stream_denied(const struct stream *s)
{
	return s->denied;
}
