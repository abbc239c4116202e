/* circuit_telnet.c - lines behind a terminal server (engine/telnet_line.h), as
 * they are or with a modem's dialogue (engine/dialogue.h) through them.
 * As an answering side it keeps a connection to the server; what arrives first is
 * the call. A server that cannot be had is tried again, ever more rarely. */
#include "engine/circuit_impl.h"

#include "engine/dialogue.h"
#include "engine/telnet_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 20000 /* for a port; a caller has a deadline of its own */

struct tel {
	struct telnet_line *line;
	struct dialogue *talk;  /* modem=yes */
	struct circuit *c;      /* NULL: a port's, while no call is there */
	struct circuit_port *p; /* whose own it is until there is a call; NULL: it calls */
	struct loop *loop;
};

static void wait_again(struct circuit_port *p);

static void tel_free(struct tel *t)
{
	int fd = telnet_line_fd(t->line);
	dialogue_free(t->talk);
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
	p->own = NULL;
	tel_free(t);
	wait_again(p);
	circuit_port_trouble(p, text);
}

static void fill(struct tel *t)
{
	struct circuit *c = t->c;
	const char *peer = t->talk ? dialogue_peer(t->talk) : telnet_line_peer(t->line);
	c->fd = telnet_line_fd(t->line);
	snprintf(c->peer, sizeof c->peer, "%.63s", *peer ? peer : c->name);
	if (!t->talk)
		return;
	c->modems = dialogue_speed(t->talk) != 0;
	if (c->modems)
		c->speed = dialogue_speed(t->talk);
	snprintf(c->protocol, sizeof c->protocol, "%s", dialogue_protocol(t->talk));
}

/* A port has a call. */
static void answered(struct tel *t)
{
	struct circuit *c = circuit_port_new(t->p);
	if (!c) {
		failed(t, REASON_PORT_ERROR, "out of memory");
		return;
	}
	t->p->own = NULL;
	t->c = c;
	c->own = t;
	fill(t);
	circuit_port_call(c);
}

static void on_first_bytes(void *arg, int fd, short revents)
{
	struct tel *t = arg;
	loop_forget(t->loop, fd);
	if (revents & POLLIN) /* else it is gone: that is told */
		answered(t);
}

static void on_dtr(void *arg, bool up)
{
	struct tel *t = arg;
	if (!up)
		telnet_line_follow(t->line, false);
	telnet_line_dtr(t->line, up);
}

static int on_carrier(void *arg)
{
	struct tel *t = arg;
	return telnet_line_carrier(t->line);
}

static void on_progress(void *arg, const char *word)
{
	struct tel *t = arg;
	if (t->c)
		circuit_progress(t->c, word);
	else if (strcmp(word, "waiting") == 0)
		circuit_port_works(t->p);
}

static void on_ringing(void *arg, const char *from)
{
	struct tel *t = arg;
	if (!t->c)
		circuit_port_ringing(t->p, from);
}

static void on_missed(void *arg, const char *from, const char *detail)
{
	struct tel *t = arg;
	if (!t->c)
		circuit_port_missed(t->p, from, detail);
}

static void on_up(void *arg)
{
	struct tel *t = arg;
	telnet_line_follow(t->line, true);
	if (!t->c) {
		answered(t);
		return;
	}
	fill(t);
	circuit_up(t->c);
}

/* The modem is idle: the connection may go. */
static void on_down(void *arg, enum reason reason, const char *detail)
{
	struct tel *t = arg;
	if (t->c && t->c->hanging)
		telnet_line_close(t->line);
	else
		failed(t, reason, detail);
}

static void talk(struct tel *t, const struct line_options *opt)
{
	static const struct dialogue_ops with_dtr = { on_dtr, on_carrier, on_progress, on_ringing, on_missed, on_up, on_down };
	static const struct dialogue_ops bytes_only = { NULL, on_carrier, on_progress, on_ringing, on_missed, on_up, on_down };
	const struct dialogue_conf conf = {
		.loop = t->loop, .fd = telnet_line_fd(t->line), .opt = opt, .answer = !t->c, .probe = t->c && t->c->probe,
		.deadline = t->c ? t->c->deadline : CLOCK_NEVER,
		.ops = telnet_line_control(t->line) ? &with_dtr : &bytes_only, .arg = t,
	};
	const char *why;
	t->talk = dialogue_new(&conf, &why);
	if (!t->talk)
		failed(t, REASON_PORT_ERROR, why);
}

static void on_open(void *arg)
{
	struct tel *t = arg;
	const struct line_options *opt = t->c ? &t->c->opt : &t->p->opt;
	if (opt->modem) {
		talk(t, opt);
		return;
	}
	telnet_line_follow(t->line, true);
	if (t->c) {
		fill(t);
		circuit_up(t->c);
		return;
	}
	circuit_port_works(t->p);
	if (loop_fd(t->loop, telnet_line_fd(t->line), POLLIN, on_first_bytes, t) != 0)
		failed(t, REASON_PORT_ERROR, "out of memory");
}

/* The owner of a call that is up sees the end of its descriptor. */
static void on_gone(void *arg, enum reason reason, const char *detail)
{
	struct tel *t = arg;
	if (t->c && t->c->hanging)
		circuit_hung_up(t->c);
	else if (!t->c || !t->c->up)
		failed(t, t->talk ? REASON_PORT_ERROR : reason, detail);
}

static void on_closed(void *arg)
{
	struct tel *t = arg;
	circuit_hung_up(t->c);
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
	if (t->talk)
		dialogue_hangup(t->talk);
	else
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
	const char *why;
	struct tel *t = begin(p->loop, &p->addr, &p->opt, clock_deadline(CONNECT_MS), &why);
	p->own = t;
	if (t) {
		t->p = p;
		return;
	}
	wait_again(p);
	circuit_port_trouble(p, why);
}

static void wait_again(struct circuit_port *p)
{
	if (!p->stopped)
		loop_at(p->loop, &p->timer, clock_deadline(retry_next(&p->retry)), wait_for_call, p);
}

static int listen_on(struct circuit_port *p, const char **why)
{
	(void)why;
	p->single = true;
	loop_at(p->loop, &p->timer, clock_ms(), wait_for_call, p);
	return 0;
}

static void stop(struct circuit_port *p)
{
	loop_cancel(p->loop, &p->timer);
	if (p->own)
		tel_free(p->own);
	p->own = NULL;
}

const struct circuit_kind circuit_telnet = {
	.call = call, .hangup = hangup, .close = close_tel,
	.listen = listen_on, .stop = stop, .ended = wait_again,
};
