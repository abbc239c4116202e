/* circuit_back.c - calls to service processors that hold a connection to this
 * machine's sp-back(8): its unix socket is asked for one by serial, and from its
 * answer on carries the call's bytes itself. */
#include "engine/circuit_back.h"

#include "base/record.h"
#include "engine/connect.h"
#include "engine/hello.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct ask {
	struct connect *connect;
	int fd;
};

static void late(void *arg)
{
	circuit_down(arg, REASON_NO_ANSWER, "no answer in time");
}

static void refused(struct circuit *c, struct record *r)
{
	char detail[200];
	enum reason why = reason_of(record_get(r, "reason"));
	const char *text = record_str(r, "detail");
	snprintf(detail, sizeof detail, "%s", text ? text : "refused");
	record_clear(r);
	circuit_down(c, why != REASON_NONE ? why : REASON_PORT_ERROR, detail);
}

static void answered(struct circuit *c, struct view line)
{
	struct ask *a = c->own;
	struct record r;
	const char *why;
	record_init(&r);
	if (record_parse(&r, line, &why) != 1 || (!record_has(&r, "done") && !record_has(&r, "error"))) {
		record_clear(&r);
		circuit_down(c, REASON_PORT_ERROR, "sp-back answers what is no answer");
		return;
	}
	if (record_has(&r, "error")) {
		refused(c, &r);
		return;
	}
	const char *peer = record_str(&r, "peer");
	snprintf(c->peer, sizeof c->peer, "%.63s", peer ? peer : c->addr.path);
	record_clear(&r);
	c->fd = a->fd;
	circuit_up(c);
}

/* The answer's line, which comes in one piece, and not a byte more: what follows is
 * the call's. */
static void on_answer(void *arg, int fd, short revents)
{
	struct circuit *c = arg;
	char line[HELLO_MAX + 1];
	(void)revents;
	ssize_t n = recv(fd, line, sizeof line, MSG_PEEK);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	const char *lf = n > 0 ? memchr(line, '\n', (size_t)n) : NULL;
	loop_forget(c->loop, fd);
	loop_cancel(c->loop, &c->timer);
	if (lf && recv(fd, line, (size_t)(lf - line) + 1, 0) == lf - line + 1)
		answered(c, (struct view){ line, (size_t)(lf - line) });
	else
		circuit_down(c, REASON_PORT_ERROR, "sp-back closed the connection");
}

static void on_connect(void *arg, int fd, int error)
{
	struct circuit *c = arg;
	struct ask *a = c->own;
	char text[300];
	a->connect = NULL;
	if (fd < 0) {
		snprintf(text, sizeof text, "unable to reach sp-back at %s: %s", c->opt.via[0] ? c->opt.via : BACK_SOCKET,
		         strerror(error));
		circuit_down(c, REASON_PORT_ERROR, text);
		return;
	}
	a->fd = fd;
	int n = snprintf(text, sizeof text, "op=call\tserial=%s\n", c->addr.path);
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n || loop_fd(c->loop, fd, POLLIN, on_answer, c) != 0) {
		circuit_down(c, REASON_PORT_ERROR, "unable to ask sp-back");
		return;
	}
	if (c->deadline != CLOCK_NEVER)
		loop_at(c->loop, &c->timer, c->deadline, late, c);
	circuit_progress(c, "dialing");
}

static int call(struct circuit *c, const char **why)
{
	struct addr via;
	errno = EINVAL;
	*why = "a serial is dialed: letters, digits, _ . and - only";
	if (!record_key_ok(view_of(c->addr.path)) || strlen(c->addr.path) > 63)
		return -1;
	*why = "cert=, key= and ca= are for the answering side";
	if (*c->opt.cert || *c->opt.key || *c->opt.ca)
		return -1;
	if (!addr_parse(c->opt.via[0] ? c->opt.via : BACK_SOCKET, &via, why))
		return -1;
	*why = "via= is no unix: address";
	if (via.kind != ADDR_UNIX)
		return -1;
	struct ask *a = calloc(1, sizeof *a);
	*why = "out of memory";
	if (!a)
		return -1;
	a->fd = -1;
	c->own = a;
	if (c->probe) { /* there is no way to look without calling */
		loop_at(c->loop, &c->timer, clock_ms(), circuit_hung_up, c);
		return 0;
	}
	a->connect = connect_new(c->loop, &via, c->deadline, on_connect, c, why);
	if (a->connect)
		return 0;
	free(a);
	c->own = NULL;
	*why = "unable to reach sp-back"; /* a fault of this machine's, not of the called one */
	errno = ENXIO;
	return -1;
}

static void hangup(struct circuit *c)
{
	struct ask *a = c->own;
	if (c->port) {
		back_port_hangup(c);
		return;
	}
	connect_free(a->connect);
	a->connect = NULL;
	if (a->fd >= 0)
		loop_forget(c->loop, a->fd);
	loop_at(c->loop, &c->timer, clock_ms(), circuit_hung_up, c);
}

static void close_call(struct circuit *c)
{
	struct ask *a = c->own;
	if (c->port) {
		back_port_close(c);
		return;
	}
	connect_free(a->connect);
	if (a->fd >= 0) {
		loop_forget(c->loop, a->fd);
		close(a->fd);
	}
	free(a);
	c->own = NULL;
}

const struct circuit_kind circuit_back = {
	.call = call, .hangup = hangup, .close = close_call,
	.listen = back_port_listen, .stop = back_port_stop, .unlisten = back_port_unlisten, .ended = back_port_ended,
};
