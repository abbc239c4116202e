/* circuit_back_port.c - a service processor behind a firewall that lets nobody in:
 * it holds an outbound TLS 1.3 connection to its router's sp-back(8), where its
 * certificate says who it is. One that is picked up is a call; while more calls
 * are allowed another waits beside it. The certificate is read anew for each. */
#include "engine/circuit_back.h"
#include "engine/party.h"

#include "engine/hello.h"
#include "engine/join.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_MS 20000   /* to be connected, and let in */
#define STEADY_MS 10000 /* that a connection waited: the next try is the first again */
#define FLUSH_MS 3000

struct hold { /* a connection, waiting or in a call */
	struct circuit_port *p;
	struct connect *connect;
	struct ssl_ctx_st *ctx;
	struct stream *s; /* until it is picked up */
	struct join *join;
	struct circuit *c;
	int fd;
	int64_t since;    /* waiting; 0: not yet */
	struct loop_timer timer;
};

struct back_port {
	struct addr router;
	struct hold *idle;
};

static void hold_free(struct hold *h)
{
	loop_cancel(h->p->loop, &h->timer);
	connect_free(h->connect);
	stream_free(h->s);
	join_free(h->join);
	tls_free(h->ctx);
	if (h->fd >= 0)
		close(h->fd);
	free(h);
}

static void wait_idle(void *arg);

/* The connection that waits, or was to wait, is no more. The caller's last act. */
static void failed(struct hold *h, const char *why)
{
	struct circuit_port *p = h->p;
	struct back_port *b = p->own;
	char text[200];
	snprintf(text, sizeof text, "%s", why ? why : "the router closed the connection");
	if (h->since && clock_ms() - h->since >= STEADY_MS)
		p->retry = (struct retry){ 0 };
	b->idle = NULL;
	hold_free(h);
	loop_at(p->loop, &p->timer, clock_deadline(retry_next(&p->retry)), wait_idle, p);
	circuit_port_trouble(p, text);
}

static void on_over(void *arg, enum join_end first, const char *why)
{
	struct hold *h = arg;
	(void)first;
	(void)why;
	if (h->c->hanging) {
		circuit_hung_up(h->c);
		return;
	}
	join_free(h->join); /* its owner sees the end, and hangs up; a line has no half that could be closed */
	h->join = NULL;
}

static void picked(struct hold *h)
{
	static const struct join_ops ops = { .over = on_over };
	struct circuit_port *p = h->p;
	struct back_port *b = p->own;
	struct circuit *c = NULL;
	char router[64];
	sock_peer_text(stream_fd(h->s), router, sizeof router);
	struct stream *s = h->s;
	h->s = NULL;
	if (hello_say(s, "done", "1", NULL) == 0)
		h->join = join_local(p->loop, s, &ops, h, &h->fd);
	else
		stream_free(s);
	if (h->join)
		c = circuit_port_new(p);
	if (!c) {
		failed(h, "out of memory");
		return;
	}
	b->idle = NULL;
	h->c = c;
	c->own = h;
	c->fd = h->fd;
	snprintf(c->peer, sizeof c->peer, "%s", router);
	loop_at(p->loop, &p->timer, clock_ms(), wait_idle, p);
	circuit_port_call(c);
}

/* The router says that we wait, or why not; then that somebody calls. */
static void on_data(void *arg, struct buf *in)
{
	struct hold *h = arg;
	struct record r;
	const char *why;
	char text[200] = "";
	record_init(&r);
	int rc = hello_take(in, &r, &why);
	if (rc < 0)
		snprintf(text, sizeof text, "the router says what is no record: %s", why);
	bool waits = rc == 1 && !h->since && view_is(record_get(&r, "state"), "waiting");
	bool call = rc == 1 && h->since && view_is(record_get(&r, "op"), "call");
	if (rc == 1 && !waits && !call) {
		const char *detail = record_str(&r, "detail");
		snprintf(text, sizeof text, "the router: %s", detail ? detail : "refused");
	}
	record_clear(&r);
	if (*text) {
		failed(h, text);
	} else if (waits) {
		h->since = clock_ms();
		h->p->told[0] = '\0';
		loop_cancel(h->p->loop, &h->timer);
	} else if (call) {
		h->p->retry = (struct retry){ 0 };
		picked(h);
	}
}

static void on_open(void *arg)
{
	struct hold *h = arg;
	hello_say(h->s, "op", "back", NULL);
}

static void on_closed(void *arg, const char *why)
{
	failed(arg, why);
}

static void too_late(void *arg)
{
	failed(arg, "the router does not answer");
}

static void on_connect(void *arg, int fd, int error)
{
	static const struct stream_ops ops = { .open = on_open, .data = on_data, .closed = on_closed };
	struct hold *h = arg;
	struct back_port *b = h->p->own;
	char text[160];
	h->connect = NULL;
	snprintf(text, sizeof text, "unable to connect: %s", fd < 0 ? strerror(error) : "out of memory");
	if (fd >= 0) {
		sock_keepalive(fd); /* a firewall forgets who is silent */
		h->s = stream_new(h->p->loop, fd, false, h->ctx, b->router.host, CLOCK_NEVER, &ops, h);
	}
	if (!h->s)
		failed(h, text);
}

static struct ssl_ctx_st *identity(const struct circuit_port *p, const char **why)
{
	struct tls_conf conf = { .cert = p->opt.cert, .key = p->opt.key, .ca = p->opt.ca, .roles = ROLE_BIT(ROLE_ROUTER),
		                 .name = *p->opt.name ? p->opt.name : NULL, .own_roles = ROLE_BIT(ROLE_PROCESSOR),
		                 .crl = *p->opt.crl ? p->opt.crl : NULL };
	return party_client(&conf, why);
}

static void wait_idle(void *arg)
{
	struct circuit_port *p = arg;
	struct back_port *b = p->own;
	const char *why = "out of memory";
	if (b->idle || p->stopped || p->calls >= p->limit)
		return;
	struct hold *h = calloc(1, sizeof *h);
	if (h) {
		*h = (struct hold){ .p = p, .fd = -1 };
		h->ctx = identity(p, &why);
		if (h->ctx)
			h->connect = connect_new(p->loop, &b->router, clock_deadline(OPEN_MS), on_connect, h, &why);
	}
	if (h && h->connect) {
		b->idle = h;
		loop_at(p->loop, &h->timer, clock_deadline(OPEN_MS), too_late, h);
		return;
	}
	if (h)
		hold_free(h);
	loop_at(p->loop, &p->timer, clock_deadline(retry_next(&p->retry)), wait_idle, p);
	circuit_port_trouble(p, why);
}

int back_port_listen(struct circuit_port *p, const char **why)
{
	char router[160];
	*why = "cert=, key= and ca= are needed to wait for calls";
	if (!*p->opt.cert || !*p->opt.key || !*p->opt.ca)
		return -1;
	struct back_port *b = calloc(1, sizeof *b);
	*why = "out of memory";
	if (!b)
		return -1;
	snprintf(router, sizeof router, "tls:%s", p->addr.path);
	errno = EINVAL;
	if (!addr_parse(router, &b->router, why) || !b->router.host[0]) {
		*why = "back:HOST:PORT of the router is needed";
		goto out;
	}
	struct ssl_ctx_st *ctx = identity(p, why);
	tls_free(ctx);
	if (!ctx)
		goto out;
	p->own = b;
	loop_at(p->loop, &p->timer, clock_ms(), wait_idle, p);
	return 0;
out:
	free(b);
	errno = EINVAL;
	return -1;
}

void back_port_stop(struct circuit_port *p)
{
	struct back_port *b = p->own;
	loop_cancel(p->loop, &p->timer);
	if (b->idle)
		hold_free(b->idle);
	b->idle = NULL;
}

void back_port_unlisten(struct circuit_port *p)
{
	free(p->own);
	p->own = NULL;
}

void back_port_ended(struct circuit_port *p)
{
	struct back_port *b = p->own;
	if (!p->stopped && !b->idle && !p->timer.armed)
		loop_at(p->loop, &p->timer, clock_ms(), wait_idle, p);
}

/* What the owner wrote goes out first. */
void back_port_hangup(struct circuit *c)
{
	struct hold *h = c->own;
	shutdown(h->fd, SHUT_WR);
	loop_at(c->loop, &c->timer, h->join ? clock_deadline(FLUSH_MS) : clock_ms(), circuit_hung_up, c);
}

void back_port_close(struct circuit *c)
{
	hold_free(c->own);
	c->own = NULL;
}
