/* circuit_telnet.c - lines behind a terminal server (engine/telnet_line.h), as
 * they are or with a modem's dialogue (engine/dialogue.h) through them.
 * As an answering side it keeps a connection to the server; what arrives first is
 * the call. A server that cannot be had is tried again, ever more rarely. */
#include "engine/circuit_impl.h"

#include "engine/connect.h"
#include "engine/telnet_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 20000 /* for a port; a caller has a deadline of its own */

struct tel {
	struct telnet_line *line;
	struct circuit *c;      /* NULL: a port's, while no call is there */
	struct circuit_port *p; /* NULL: it calls */
	struct loop *loop;
};

struct waiting { /* a port's */
	struct tel *tel;
	struct retry retry;
	bool troubled;
};

static void wait_again(struct circuit_port *p);

static void tel_free(struct tel *t)
{
	int fd = telnet_line_fd(t->line);
	if (fd >= 0)
		loop_forget(t->loop, fd);
	telnet_line_free(t->line);
	free(t);
}

/* The last act of its caller. */
static void failed(struct tel *t, enum reason reason, const char *detail)
{
	char text[256];
	snprintf(text, sizeof text, "%s", detail);
	if (t->c) {
		circuit_down(t->c, reason, text);
		return;
	}
	struct circuit_port *p = t->p;
	struct waiting *w = p->own;
	bool again = w->troubled;
	w->troubled = true;
	w->tel = NULL;
	tel_free(t);
	wait_again(p);
	if (!again && p->ops->trouble)
		p->ops->trouble(p->arg, text);
}

static void on_first_bytes(void *arg, int fd, short revents)
{
	struct tel *t = arg;
	struct waiting *w = t->p->own;
	loop_forget(t->loop, fd);
	if (!(revents & POLLIN)) /* gone: that is told */
		return;
	struct circuit *c = circuit_port_new(t->p);
	if (!c) {
		failed(t, REASON_PORT_ERROR, "out of memory");
		return;
	}
	w->tel = NULL;
	t->c = c;
	c->own = t;
	c->fd = fd;
	snprintf(c->peer, sizeof c->peer, "%s", telnet_line_peer(t->line));
	circuit_port_call(c);
}

static void on_open(void *arg)
{
	struct tel *t = arg;
	if (t->c) {
		t->c->fd = telnet_line_fd(t->line);
		snprintf(t->c->peer, sizeof t->c->peer, "%s", telnet_line_peer(t->line));
		circuit_up(t->c);
		return;
	}
	struct waiting *w = t->p->own;
	w->retry = (struct retry){ 0 };
	w->troubled = false;
	if (loop_fd(t->loop, telnet_line_fd(t->line), POLLIN, on_first_bytes, t) != 0)
		failed(t, REASON_PORT_ERROR, "out of memory");
}

/* The owner of a call that is up sees the end of its descriptor. */
static void on_gone(void *arg, enum reason reason, const char *detail)
{
	struct tel *t = arg;
	if (!t->c || !t->c->up)
		failed(t, reason, detail);
}

static void on_closed(void *arg)
{
	struct tel *t = arg;
	circuit_down(t->c, REASON_NONE, "hung up");
}

static struct tel *begin(struct loop *l, const struct addr *a, const struct line_options *opt, int64_t deadline, const char **why)
{
	static const struct telnet_line_ops ops = { on_open, on_gone, on_closed };
	struct tel *t = calloc(1, sizeof *t);
	*why = "out of memory";
	if (!t)
		return NULL;
	t->loop = l;
	t->line = telnet_line_new(l, a, opt, deadline, &ops, t, why);
	if (t->line)
		return t;
	int e = errno;
	free(t);
	errno = e;
	return NULL;
}

static int call(struct circuit *c, const char **why)
{
	struct tel *t = begin(c->loop, &c->addr, &c->opt, c->deadline, why);
	if (!t)
		return -1;
	t->c = c;
	c->own = t;
	return 0;
}

static void hangup(struct circuit *c)
{
	struct tel *t = c->own;
	telnet_line_close(t->line);
}

static void close_tel(struct circuit *c)
{
	tel_free(c->own);
	c->own = NULL;
}

static void wait_for_call(void *arg)
{
	struct circuit_port *p = arg;
	struct waiting *w = p->own;
	const char *why;
	w->tel = begin(p->loop, &p->addr, &p->opt, clock_deadline(CONNECT_MS), &why);
	if (w->tel) {
		w->tel->p = p;
		return;
	}
	if (!w->troubled && p->ops->trouble)
		p->ops->trouble(p->arg, why);
	w->troubled = true;
	wait_again(p);
}

static void wait_again(struct circuit_port *p)
{
	struct waiting *w = p->own;
	if (!p->stopped)
		loop_at(p->loop, &p->timer, clock_deadline(retry_next(&w->retry)), wait_for_call, p);
}

static int listen_on(struct circuit_port *p, const char **why)
{
	*why = "out of memory";
	p->own = calloc(1, sizeof (struct waiting));
	if (!p->own)
		return -1;
	p->single = true;
	loop_at(p->loop, &p->timer, clock_ms(), wait_for_call, p);
	return 0;
}

static void stop(struct circuit_port *p)
{
	struct waiting *w = p->own;
	loop_cancel(p->loop, &p->timer);
	if (w->tel)
		tel_free(w->tel);
	w->tel = NULL;
}

static void unlisten(struct circuit_port *p)
{
	free(p->own);
	p->own = NULL;
}

const struct circuit_kind circuit_telnet = {
	.call = call, .hangup = hangup, .close = close_tel,
	.listen = listen_on, .stop = stop, .unlisten = unlisten, .ended = wait_again,
};
