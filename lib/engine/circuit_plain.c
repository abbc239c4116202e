/* circuit_plain.c - lines that need no dialogue: TCP, unix sockets, ttys and
 * inherited descriptors (sys/line.h). Hanging up is closing. */
#include "engine/circuit_impl.h"

#include "sys/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct circuit *c)
{
	struct line *l = c->own;
	if (l->fd >= 0)
		loop_forget(c->loop, l->fd);
}

static void connected(struct circuit *c)
{
	struct line *l = c->own;
	loop_cancel(c->loop, &c->timer);
	c->fd = l->fd;
	snprintf(c->peer, sizeof c->peer, "%s", l->peer);
	circuit_up(c);
}

static void late(void *arg)
{
	struct circuit *c = arg;
	forget(c);
	circuit_down(c, REASON_NO_ANSWER, "no answer in time");
}

static void on_connect(void *arg, int fd, short revents);

/* c may be gone afterwards. */
static void wait_connect(struct circuit *c)
{
	const struct line *l = c->own;
	if (loop_fd(c->loop, l->fd, POLLOUT, on_connect, c) != 0)
		circuit_down(c, REASON_PORT_ERROR, "out of memory");
}

static void on_connect(void *arg, int fd, short revents)
{
	struct circuit *c = arg;
	struct line *l = c->own;
	const char *why = "";
	char detail[256];
	(void)revents;
	loop_forget(c->loop, fd);
	int rc = line_connected(l, &why);
	if (rc > 0) {
		connected(c);
	} else if (rc == 0) {
		wait_connect(c);
	} else {
		int e = errno;
		snprintf(detail, sizeof detail, "%s: %s", why, strerror(e));
		circuit_down(c, reason_of_errno(e), detail);
	}
}

static void begin(void *arg)
{
	struct circuit *c = arg;
	struct line *l = c->own;
	if (l->up) {
		connected(c);
		return;
	}
	if (c->deadline != CLOCK_NEVER)
		loop_at(c->loop, &c->timer, c->deadline, late, c);
	wait_connect(c);
}

static int call(struct circuit *c, const char **why)
{
	struct line *l = calloc(1, sizeof *l);
	*why = "out of memory";
	if (!l)
		return -1;
	if (c->probe && c->addr.kind != ADDR_TTY) { /* a connection would be a call */
		l->fd = -1;
		c->own = l;
		loop_at(c->loop, &c->timer, clock_ms(), circuit_hung_up, c);
		return 0;
	}
	if (line_call(l, c->address, why) < 0) {
		int e = errno;
		free(l);
		errno = e;
		return -1;
	}
	c->own = l;
	loop_at(c->loop, &c->timer, clock_ms(), begin, c); /* events come from the loop */
	return 0;
}

static void hangup(struct circuit *c)
{
	forget(c);
	loop_at(c->loop, &c->timer, clock_ms(), circuit_hung_up, c);
}

static void close_line(struct circuit *c)
{
	forget(c);
	line_close(c->own);
	free(c->own);
	c->own = NULL;
}

static void on_port(void *arg, int fd, short revents)
{
	struct circuit_port *p = arg;
	struct line_port *port = p->own;
	struct line *l = calloc(1, sizeof *l);
	bool gone = (revents & (POLLHUP | POLLERR | POLLNVAL)) && !(revents & POLLIN);
	errno = l ? 0 : ENOMEM;
	int got = gone || !l ? -1 : line_accept(port, l);
	int e = errno;
	struct circuit *c = got > 0 ? circuit_port_new(p) : NULL;
	if (got > 0 && !c) {
		line_close(l);
		line_port_ended(port);
	}
	if (!c)
		free(l);
	if (got < 0)
		circuit_port_over(p, e == EMFILE || e == ENFILE ? "too many open files" : "the line is gone");
	if (!c)
		return;
	c->own = l;
	c->fd = l->fd;
	snprintf(c->peer, sizeof c->peer, "%s", l->peer);
	if (p->single)
		loop_forget(p->loop, fd);
	circuit_port_call(c);
}

static int watch(struct circuit_port *p)
{
	struct line_port *port = p->own;
	return loop_fd(p->loop, port->fd, POLLIN, on_port, p);
}

static void used_up(void *arg)
{
	circuit_port_over(arg, NULL);
}

/* DTR was down long enough. */
static void again(void *arg)
{
	struct circuit_port *p = arg;
	line_port_again(p->own);
	if (watch(p) != 0)
		circuit_port_over(p, "out of memory");
}

static void ended(struct circuit_port *p)
{
	int ms = line_port_ended(p->own);
	if (p->stopped)
		return;
	if (p->addr.kind == ADDR_FD)
		loop_at(p->loop, &p->timer, clock_ms(), used_up, p);
	else if (ms > 0)
		loop_at(p->loop, &p->timer, clock_deadline(ms), again, p);
	else if (watch(p) != 0)
		loop_at(p->loop, &p->timer, clock_ms(), used_up, p);
}

static int listen_on(struct circuit_port *p, const char **why)
{
	struct line_port *port = calloc(1, sizeof *port);
	*why = "out of memory";
	if (!port)
		return -1;
	if (line_listen(port, p->address, why) < 0)
		goto out;
	p->own = port;
	p->single = p->addr.kind == ADDR_TTY || p->addr.kind == ADDR_FD;
	snprintf(p->name, sizeof p->name, "%s", port->name);
	snprintf(p->bound, sizeof p->bound, "%s", port->bound);
	*why = "out of memory";
	if (watch(p) == 0)
		return 0;
	line_port_close(port);
	errno = ENOMEM;
out:
	free(port);
	p->own = NULL;
	return -1;
}

static void stop(struct circuit_port *p)
{
	struct line_port *port = p->own;
	loop_forget(p->loop, port->fd);
	loop_cancel(p->loop, &p->timer);
}

static void unlisten(struct circuit_port *p)
{
	line_port_close(p->own);
	free(p->own);
	p->own = NULL;
}

const struct circuit_kind circuit_plain = {
	.call = call, .hangup = hangup, .close = close_line,
	.listen = listen_on, .stop = stop, .unlisten = unlisten, .ended = ended,
};
