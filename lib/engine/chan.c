/* chan.c - records both ways over a stream: framing by LF, parsing, and a
 * client's walk along several addresses. Refuses malformed lines by closing. */
#include "engine/chan.h"

#include "sys/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct chan {
	struct loop *loop;
	struct stream *s;
	const struct chan_ops *ops;
	void *arg;
	struct record rec;
	struct buf line; /* scratch of chan_send */
	const char *why; /* the reason of the last failed try, or of our own closing */
	bool open, busy, freed, over, begun;
	bool denied; /* by a certificate, at the last try */
	/* a server's side, chan_serve() */
	int64_t linger;
	unsigned long owed; /* questions whose last record was not sent */
	bool ended;         /* the peer asks no more, or is not listened to any more */
	struct loop_timer late;
	/* a client's walk */
	struct chan_conf conf;
	unsigned at, next;
	struct addr addr;
	struct loop_timer again;
};

static void try_next(struct chan *c);

static void leave(struct chan *c)
{
	c->busy = false;
	if (!c->freed)
		return;
	record_clear(&c->rec);
	buf_clear(&c->line);
	free(c);
}

static void over(struct chan *c, const char *why)
{
	if (c->over || c->freed)
		return;
	c->over = true;
	c->ops->closed(c->arg, why);
}

static void on_open(void *arg)
{
	struct chan *c = arg;
	c->open = true;
	if (c->ops->open)
		c->ops->open(c->arg);
}

/* One line from the buffer. false when there is no whole one, or it was bad. */
static bool take_line(struct chan *c, struct buf *in, size_t *at)
{
	struct view v = { in->data + *at, in->len - *at };
	const char *lf = v.n ? memchr(v.p, '\n', v.n) : NULL, *why = "line over 64 KiB";
	if (!lf && v.n <= RECORD_LINE_MAX)
		return false;
	struct view line = { v.p, lf ? (size_t)(lf - v.p) : v.n };
	if (!lf || record_parse(&c->rec, line, &why) != 1) {
		over(c, why);
		return false;
	}
	*at += line.n + 1;
	c->owed++;
	c->ops->record(c->arg, &c->rec);
	return !c->freed && !c->over && !c->ended;
}

static bool is_others(struct chan *c, struct buf *in)
{
	bool first = !c->begun && c->ops->first;
	c->begun = true;
	return first && c->ops->first(c->arg, in);
}

static void on_data(void *arg, struct buf *in)
{
	struct chan *c = arg;
	bool outer = !c->busy;
	size_t at = 0;
	c->busy = true;
	if (!is_others(c, in)) {
		while (take_line(c, in, &at))
			;
		buf_consume(in, at);
	}
	if (outer)
		leave(c);
}

static bool all_said(const struct chan *c)
{
	return c->owed == 0 && stream_queued(c->s) == 0;
}

/* The peer asks no more: is something still to be said? */
static void look_if_said(struct chan *c)
{
	if (c->ended && !c->freed && all_said(c))
		over(c, NULL);
}

static void on_drained(void *arg)
{
	struct chan *c = arg;
	bool outer = !c->busy;
	c->busy = true;
	if (c->ops->drained)
		c->ops->drained(c->arg);
	look_if_said(c);
	if (outer)
		leave(c);
}

static void on_late(void *arg)
{
	struct chan *c = arg;
	over(c, all_said(c) ? NULL : "timed out");
}

static void on_ended(void *arg)
{
	struct chan *c = arg;
	if (c->linger == 0) {
		over(c, NULL);
		return;
	}
	c->ended = true;
	loop_at(c->loop, &c->late, clock_deadline(c->linger), on_late, c);
	look_if_said(c);
}

static void on_again(void *arg)
{
	struct chan *c = arg;
	c->busy = true;
	try_next(c);
	leave(c);
}

static void on_closed(void *arg, const char *why)
{
	struct chan *c = arg;
	c->denied = stream_denied(c->s);
	if (c->open || !c->conf.address) {
		over(c, why);
		return;
	}
	/* A try that failed: the next from the loop, not from within the stream. */
	c->why = why ? why : "connection closed";
	loop_at(c->loop, &c->again, clock_ms(), on_again, c);
}

static const struct stream_ops ops = { on_open, on_data, on_drained, on_closed, on_ended };

static struct chan *chan_new(struct loop *l, const struct chan_ops *o, void *arg)
{
	struct chan *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->loop = l;
	c->ops = o;
	c->arg = arg;
	record_init(&c->rec);
	buf_init(&c->line, 2 * RECORD_LINE_MAX);
	return c;
}

struct chan *chan_accept(struct loop *l, int fd, struct ssl_ctx_st *ctx, int64_t deadline,
                         const struct chan_ops *o, void *arg)
{
	struct chan *c = chan_new(l, o, arg);
	if (c) /* stream_new closes fd when it fails */
		c->s = stream_new(l, fd, false, ctx, NULL, deadline, &ops, c);
	if (c && c->s)
		return c;
	free(c);
	return NULL;
}

/* The next resolved address of the current text, or of the next text. */
static int next_fd(struct chan *c)
{
	for (; c->at < c->conf.naddress; c->at++, c->next = 0) {
		const char *why;
		if (!addr_parse(c->conf.address[c->at], &c->addr, &why)) {
			c->why = why;
			continue;
		}
		int fd = sock_connect(&c->addr, &c->next, &why);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT || c->next == 1)
			c->why = errno == ENOENT ? c->why ? c->why : strerror(errno) : strerror(errno);
	}
	return -1;
}

static void try_next(struct chan *c)
{
	stream_free(c->s);
	c->s = NULL;
	if (clock_ms() >= c->conf.deadline) {
		over(c, "timed out");
		return;
	}
	int fd = next_fd(c);
	if (fd < 0) {
		over(c, c->why ? c->why : "no address to connect to");
		return;
	}
	bool tls = c->addr.kind == ADDR_TLS;
	/* The time left is shared among the addresses that are still to be tried. */
	int64_t left = c->conf.deadline == CLOCK_NEVER ? 10000 : c->conf.deadline - clock_ms();
	int64_t share = left / (int64_t)(c->conf.naddress - c->at);
	if (tls && !c->conf.ctx) {
		close(fd);
		over(c, "a tls: address needs --ca");
		return;
	}
	c->s = stream_new(c->loop, fd, true, tls ? c->conf.ctx : NULL, tls ? c->addr.host : NULL,
	                  clock_ms() + share, &ops, c);
	if (!c->s || !stream_expect(c->s, addr_peer(&c->addr)))
		over(c, c->s ? "behind the ? of the address is no name that can be asked for" : "out of memory");
}

struct chan *chan_connect(struct loop *l, const struct chan_conf *conf, const struct chan_ops *o, void *arg)
{
	struct chan *c = chan_new(l, o, arg);
	if (!c)
		return NULL;
	c->conf = *conf;
	/* From the loop, so that no callback runs before the caller has the pointer. */
	loop_at(l, &c->again, clock_ms(), on_again, c);
	return c;
}

int chan_send(struct chan *c, struct record *r)
{
	if (!c->s || c->over) {
		errno = EPIPE;
		return -1;
	}
	if (c->owed && (record_get(r, "done").p || record_get(r, "error").p))
		c->owed--;
	int rc = record_write(r, &c->line);
	if (rc == 0)
		rc = stream_write(c->s, buf_view(&c->line));
	buf_wipe(&c->line);
	return rc;
}

void chan_serve(struct chan *c, int64_t ms)
{
	c->linger = ms;
}

void chan_hang_up(struct chan *c)
{
	if (!c->s || c->over || c->ended)
		return;
	c->ended = true;
	stream_pause(c->s, true);
	loop_at(c->loop, &c->late, all_said(c) ? clock_ms() : clock_deadline(c->linger), on_late, c);
}

size_t chan_queued(const struct chan *c)
{
	return c->s ? stream_queued(c->s) : 0;
}

bool chan_denied(const struct chan *c)
{
	return c->denied;
}

struct stream *chan_stream(struct chan *c)
{
	return c->s;
}

struct stream *chan_release(struct chan *c)
{
	struct stream *s = c->s;
	c->s = NULL;
	c->over = true;
	return s;
}

void chan_pause(struct chan *c, bool paused)
{
	if (c->s)
		stream_pause(c->s, paused || c->ended);
}

void chan_free(struct chan *c)
{
	if (!c || c->freed)
		return;
	c->freed = true;
	loop_cancel(c->loop, &c->again);
	loop_cancel(c->loop, &c->late);
	stream_free(c->s);
	c->s = NULL;
	if (!c->busy)
		leave(c);
}
