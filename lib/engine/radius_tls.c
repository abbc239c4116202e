/* radius_tls.c - RADIUS/TLS, RFC 6614, and RFC 6613 for what TCP changes: no
 * retransmission, packets framed by their length, a packet that is not right
 * ends the connection. A connection has one question at a time: FreeRADIUS 3.2.1
 * reads two that come together as one and leaves the second unread until its
 * idle timeout. Servers close what is idle: a question over which a connection
 * is lost that had answered before is asked once more; a new connection that
 * fails is the server's failure.
 *
 * Not libradcli's, as Debian 12 has it (1.2.11): it connects and shakes hands
 * without a deadline (a server that accepts and is silent stops the program for
 * ever), and loses step after an idle close: that question fails, and so do all
 * after it, each given its predecessor's reply. */
#include "engine/radius_tls.h"

#include "sys/stream.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_MS 10000 /* for one address of a name */
#define UNPROVEN "the RADIUS server closed the connection without an answer: is our certificate accepted there?"

static const struct secret radsec = { sizeof RADIUS_TLS_SECRET - 1, RADIUS_TLS_SECRET };

struct link {
	struct radius_tls *server;
	struct stream *stream;    /* NULL: not connected */
	struct radius_call *call; /* under way */
	unsigned address;         /* of the name: the next to try */
	bool open, proven;        /* proven: it answered */
	uint8_t id;
};

struct radius_tls {
	struct loop *loop;
	struct addr addr;
	struct ssl_ctx_st *ctx;
	struct link link[RADIUS_TLS_LINKS];
	struct radius_call *waiting;
};

static const struct stream_ops ops;

static bool begin(struct link *k)
{
	struct radius_tls *t = k->server;
	const char *why;
	int fd = sock_connect(&t->addr, &k->address, &why);
	if (fd < 0)
		return false;
	sock_keepalive(fd);
	k->stream = stream_new(t->loop, fd, true, t->ctx, t->addr.host, clock_deadline(OPEN_MS), &ops, k);
	if (!k->stream)
		return false;
	stream_limits(k->stream, 4 * RADIUS_MAX, 4 * RADIUS_MAX);
	return true;
}

static void hang_up(struct link *k)
{
	stream_free(k->stream);
	*k = (struct link){ .server = k->server, .id = k->id };
}

static void transmit(struct link *k)
{
	struct radius_tls *t = k->server;
	k->call = t->waiting;
	t->waiting = k->call->next;
	radius_seal_tls(k->call->packet, ++k->id, &radsec);
	stream_write(k->stream, (struct view){ (const char *)k->call->packet->b, k->call->packet->n });
}

static unsigned count(const struct radius_tls *t)
{
	unsigned n = 0;
	for (const struct link *k = t->link; k < t->link + RADIUS_TLS_LINKS; k++)
		n += k->stream != NULL;
	return n;
}

/* Questions to connections that are free for them; for each that is left over one
 * that is being opened, as far as there may be one. How many there are at all. */
static unsigned pump(struct radius_tls *t)
{
	unsigned opening = 0, left = 0;
	for (struct link *k = t->link; k < t->link + RADIUS_TLS_LINKS; k++) {
		if (t->waiting && k->open && !k->call)
			transmit(k);
		opening += k->stream && !k->open;
	}
	for (const struct radius_call *c = t->waiting; c; c = c->next)
		left++;
	for (struct link *k = t->link; k < t->link + RADIUS_TLS_LINKS && left > opening; k++) {
		if (k->stream)
			continue;
		k->address = 0;
		if (!begin(k))
			break;
		opening++;
	}
	return count(t);
}

static void fail_all(struct radius_tls *t, const char *why, bool silent)
{
	struct radius_call *c;
	while ((c = t->waiting)) {
		t->waiting = c->next;
		c->silent = silent;
		c->fn(c->arg, NULL, why);
	}
}

/* The server was started anew, as a rule: what is idle goes, too. */
static void ask_again(struct radius_tls *t, struct radius_call *c)
{
	for (struct link *k = t->link; k < t->link + RADIUS_TLS_LINKS; k++)
		if (k->open && !k->call)
			hang_up(k);
	c->again = true;
	c->next = t->waiting;
	t->waiting = c;
}

static void lost(struct link *k, const char *why)
{
	struct radius_tls *t = k->server;
	struct radius_call *c = k->call;
	bool open = k->open, proven = k->proven;
	stream_free(k->stream);
	k->stream = NULL;
	if (!open && t->waiting && begin(k)) /* the name's next address */
		return;
	hang_up(k);
	if (c && proven && !c->again)
		ask_again(t, c);
	else if (c)
		c->fn(c->arg, NULL, why);
	if ((open ? pump(t) : count(t)) == 0)
		fail_all(t, why, !open && strcmp(why, STREAM_TIMED_OUT) == 0);
}

static void on_closed(void *arg, const char *why)
{
	const struct link *k = arg;
	lost(arg, k->open && !k->proven ? UNPROVEN : why ? why : "the RADIUS server closed the connection");
}

static void on_open(void *arg)
{
	struct link *k = arg;
	k->open = true;
	pump(k->server);
}

static void on_data(void *arg, struct buf *in)
{
	struct link *k = arg;
	struct radius_call *c = k->call;
	struct radius_reply reply;
	const char *why = "what the RADIUS server sends is no packet, or not asked for";
	size_t n;
	int rc = radius_frame(buf_view(in), &n);
	if (rc == 0)
		return;
	if (rc < 0 || !c || n != in->len ||
	    radius_check(c->packet, &radsec, (const uint8_t *)in->data, n, &reply, &why) != 1) {
		lost(k, why);
		return;
	}
	k->call = NULL;
	k->proven = true;
	c->fn(c->arg, &reply, NULL);
	buf_consume(in, n);
	pump(k->server);
}

static const struct stream_ops ops = { .open = on_open, .data = on_data, .closed = on_closed };

int radius_tls_ask(struct radius_tls *t, struct radius_call *c)
{
	struct radius_call **p = &t->waiting;
	while (*p)
		p = &(*p)->next;
	c->next = NULL;
	c->again = c->silent = false;
	*p = c;
	if (pump(t) > 0)
		return 0;
	*p = NULL;
	return -1;
}

void radius_tls_forget(struct radius_tls *t, struct radius_call *c)
{
	for (struct radius_call **p = &t->waiting; *p; p = &(*p)->next)
		if (*p == c) {
			*p = c->next;
			break;
		}
	for (struct link *k = t->link; k < t->link + RADIUS_TLS_LINKS; k++)
		if (k->call == c || (!t->waiting && k->stream && !k->open))
			hang_up(k); /* an answer would be to a question that nobody asks any more */
}

struct radius_tls *radius_tls_new(struct loop *l, const struct addr *a, struct ssl_ctx_st *ctx)
{
	struct radius_tls *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->loop = l;
	t->addr = *a;
	t->ctx = ctx;
	for (struct link *k = t->link; k < t->link + RADIUS_TLS_LINKS; k++)
		k->server = t;
	return t;
}

void radius_tls_free(struct radius_tls *t)
{
	if (!t)
		return;
	for (struct link *k = t->link; k < t->link + RADIUS_TLS_LINKS; k++)
		hang_up(k);
	free(t);
}
