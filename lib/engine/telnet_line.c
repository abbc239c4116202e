/* telnet_line.c - connecting, agreeing, pumping (engine/join.h), and an orderly
 * end. What a server says in the middle of the pump is looked at one turn of the
 * loop later: the pump may not be ended from within. */
#include "engine/telnet_line.h"

#include "engine/connect.h"
#include "engine/join.h"
#include "wire/telport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AGREE_MS 3000 /* that a server has to answer what it is asked */
#define FLUSH_MS 3000 /* for what is still to be sent at the end */
#define DROP_MS 1000  /* for the server to say that DTR is down */
#define ANSWERS_MAX 65536

enum phase { CONNECTING, AGREEING, OPEN, LOST, FLUSHING, DROPPING, CLOSED };

struct telnet_line {
	struct loop *loop;
	const struct telnet_line_ops *ops;
	void *arg;
	struct line_options opt;
	enum phase phase;
	struct connect *connect;
	struct telport *port;
	struct join *join;
	int net, fd; /* the join's far end; the owner's end of the pair */
	bool gone;   /* the connection is over, and what it brought is with the owner */
	bool follow, had_carrier;
	bool said;   /* what the owner wrote is out */
	char why[128], peer[64];
	struct buf answers;
	struct loop_timer timer, look;
};

static void failed(struct telnet_line *t, enum reason reason, const char *detail)
{
	t->phase = LOST;
	loop_cancel(t->loop, &t->timer);
	t->ops->gone(t->arg, reason, detail);
}

static void closed(void *arg)
{
	struct telnet_line *t = arg;
	loop_cancel(t->loop, &t->timer);
	t->phase = CLOSED;
	t->ops->closed(t->arg);
}

/* A server that closes a connection says why in words of its own: "in use" is
 * what most of them say when somebody else has the port. */
static void refused(struct telnet_line *t)
{
	char said[160];
	ssize_t n = read(t->fd, said, sizeof said - 1);
	said[n > 0 ? n : 0] = '\0';
	const char *text = said + strspn(said, "\r\n");
	said[(size_t)(text - said) + strcspn(text, "\r\n")] = '\0';
	text_tame(said, strlen(said));
	bool busy = strcasestr(text, "in use") || strcasestr(text, "busy");
	if (!*text)
		text = t->why[0] ? t->why : "the terminal server closed the connection";
	failed(t, busy ? REASON_BUSY : REASON_NO_CARRIER, text);
}

/* Its owner sees the end of file. */
static void lost(struct telnet_line *t)
{
	char why[sizeof t->why];
	memcpy(why, t->why, sizeof why);
	join_free(t->join);
	t->join = NULL;
	failed(t, REASON_LOST_CARRIER, why[0] ? why : t->said ? "its user sends no more" : "the terminal server closed the connection");
}

static void opened(struct telnet_line *t)
{
	t->phase = OPEN;
	loop_cancel(t->loop, &t->timer);
	t->ops->open(t->arg);
}

/* A server that does not say what it agrees to is taken as it is. */
static void agreed_enough(void *arg)
{
	opened(arg);
}

static void drop_dtr(struct telnet_line *t)
{
	t->phase = DROPPING;
	telnet_line_dtr(t, false);
	loop_at(t->loop, &t->timer, telnet_line_control(t) ? clock_deadline(DROP_MS) : clock_ms(), closed, t);
}

static void look(void *arg)
{
	struct telnet_line *t = arg;
	const char *why = telport_refused(t->port);
	int carrier = telport_carrier(t->port);
	t->had_carrier |= carrier == 1;
	if (t->phase >= FLUSHING && t->gone)
		closed(t);
	else if (t->phase == FLUSHING && t->said)
		drop_dtr(t);
	else if (t->phase == DROPPING && telport_hung_up(t->port))
		closed(t);
	else if (t->phase == OPEN && (t->gone || t->said)) /* a line has no half that could be closed */
		lost(t);
	else if (t->phase == OPEN && t->follow && t->had_carrier && carrier == 0)
		shutdown(t->net, SHUT_RDWR); /* the pump ends when all is passed */
	else if (t->phase == AGREEING && why)
		failed(t, REASON_PORT_ERROR, why);
	else if (t->phase == AGREEING && t->gone)
		refused(t);
	else if (t->phase == AGREEING && telport_ready(t->port))
		opened(t);
}

static void look_soon(struct telnet_line *t)
{
	if (t->phase < LOST || t->phase == FLUSHING || t->phase == DROPPING)
		loop_at(t->loop, &t->look, clock_ms(), look, t);
}

static int pass(void *arg, enum join_end from, struct view bytes, struct buf *to, const char **why)
{
	struct telnet_line *t = arg;
	*why = "more data than can be taken";
	if (from == JOIN_NEAR)
		return telport_send(t->port, bytes, to);
	t->answers.len = 0;
	int rc = telport_recv(t->port, bytes, to, &t->answers);
	if (rc == 0 && t->answers.len)
		rc = join_write(t->join, JOIN_FAR, buf_view(&t->answers));
	join_hold(t->join, JOIN_NEAR, telport_hold(t->port));
	look_soon(t);
	return rc;
}

static void on_over(void *arg, enum join_end first, const char *why)
{
	struct telnet_line *t = arg;
	t->gone = first == JOIN_FAR;
	t->said = first == JOIN_NEAR;
	if (t->gone)
		snprintf(t->why, sizeof t->why, "%s", why ? why : "");
	look_soon(t);
}

static bool pump(struct telnet_line *t, int net)
{
	static const struct join_ops join_ops = { pass, on_over };
	static const struct stream_ops none = { .open = NULL };
	struct telport_conf conf = { .baud = (uint32_t)t->opt.baud, .rtscts = t->opt.rtscts };
	struct stream *s = stream_new(t->loop, net, false, NULL, NULL, CLOCK_NEVER, &none, NULL);
	if (!s)
		return false;
	t->net = net;
	t->join = join_local(t->loop, s, &join_ops, t, &t->fd);
	t->port = telport_new(&conf, &t->answers);
	return t->join && t->port && join_write(t->join, JOIN_FAR, buf_view(&t->answers)) == 0;
}

static void on_connect(void *arg, int fd, int error)
{
	struct telnet_line *t = arg;
	t->connect = NULL;
	if (fd < 0) {
		char text[160];
		snprintf(text, sizeof text, "unable to connect: %s", strerror(error));
		failed(t, reason_of_errno(error), text);
		return;
	}
	sock_keepalive(fd);
	sock_peer_text(fd, t->peer, sizeof t->peer);
	t->phase = AGREEING;
	if (pump(t, fd))
		loop_at(t->loop, &t->timer, clock_deadline(AGREE_MS), agreed_enough, t);
	else
		failed(t, REASON_PORT_ERROR, "out of memory");
}

struct telnet_line *telnet_line_new(struct loop *l, const struct addr *server, const struct line_options *opt,
                                    int64_t deadline, const struct telnet_line_ops *ops, void *arg, const char **why)
{
	struct addr a = *server;
	struct telnet_line *t = calloc(1, sizeof *t);
	*why = "out of memory";
	if (!t)
		return NULL;
	*t = (struct telnet_line){ .loop = l, .ops = ops, .arg = arg, .opt = *opt, .net = -1, .fd = -1 };
	buf_init(&t->answers, ANSWERS_MAX);
	a.kind = ADDR_TCP;
	t->connect = connect_new(l, &a, deadline, on_connect, t, why);
	if (t->connect)
		return t;
	int e = errno;
	free(t);
	errno = e;
	return NULL;
}

int telnet_line_fd(const struct telnet_line *t)
{
	return t->fd;
}

const char *telnet_line_peer(const struct telnet_line *t)
{
	return t->peer;
}

bool telnet_line_control(const struct telnet_line *t)
{
	return t->port && telport_control(t->port);
}

void telnet_line_dtr(struct telnet_line *t, bool up)
{
	t->answers.len = 0;
	if (t->join && telport_dtr(t->port, up, &t->answers) == 0 && t->answers.len)
		join_write(t->join, JOIN_FAR, buf_view(&t->answers));
}

int telnet_line_carrier(const struct telnet_line *t)
{
	return t->port ? telport_carrier(t->port) : -1;
}

void telnet_line_follow(struct telnet_line *t, bool carrier)
{
	t->follow = carrier;
	t->had_carrier = telnet_line_carrier(t) == 1;
}

/* What the owner wrote goes out first. */
void telnet_line_close(struct telnet_line *t)
{
	if (t->phase >= FLUSHING)
		return;
	bool flush = t->phase == OPEN;
	t->phase = FLUSHING;
	connect_free(t->connect);
	t->connect = NULL;
	if (flush)
		shutdown(t->fd, SHUT_WR);
	loop_at(t->loop, &t->timer, flush ? clock_deadline(FLUSH_MS) : clock_ms(), closed, t);
}

void telnet_line_free(struct telnet_line *t)
{
	if (!t)
		return;
	loop_cancel(t->loop, &t->timer);
	loop_cancel(t->loop, &t->look);
	connect_free(t->connect);
	if (t->fd >= 0)
		close(t->fd);
	join_free(t->join);
	telport_free(t->port);
	buf_clear(&t->answers);
	free(t);
}
