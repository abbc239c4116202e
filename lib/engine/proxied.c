/* proxied.c - one CONNECT from the client's side; then a pump between the proxy and a socket
 * pair, whose other end is the owner's. */
#include "engine/proxied.h"

#include "engine/connect.h"
#include "engine/join.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct proxied {
	struct loop *loop;
	struct proxied_conf conf;
	struct connect *connecting;
	struct stream *s; /* the join's once that is there */
	struct join *join;
	struct loop_timer late;
	bool told, busy, freed;
};

bool proxied_parse(struct httpconnect *to, const char *text)
{
	struct view v = view_of(text);
	struct httpconnect_no no;
	struct buf b;
	buf_init(&b, HTTPCONNECT_MAX);
	/* What a proxy would take. */
	bool good = v.n < HTTPCONNECT_MAX / 2 && buf_printf(&b, "CONNECT %s HTTP/1.0\r\n\r\n", text) == 0 && httpconnect_read(buf_view(&b), to, &no) == 1;
	buf_clear(&b);
	return good;
}

static enum sp_exit status_of(unsigned http)
{
	return http == 403 || http == 407 ? SP_DENIED : http == 408 || http == 504 ? SP_TIMEOUT : SP_PEER;
}

int proxied_heard(struct buf *in, enum sp_exit *status, char why[PROXIED_WHY])
{
	struct httpconnect_said said;
	const char *fault;
	int rc = httpconnect_heard(buf_view(in), &said, &fault);
	*status = SP_PEER;
	if (rc < 0)
		snprintf(why, PROXIED_WHY, "%s", fault);
	if (rc != 1)
		return rc;
	buf_consume(in, said.n);
	if (said.status / 100 == 2)
		return 1;
	*status = status_of(said.status);
	snprintf(why, PROXIED_WHY, "the proxy does not lead there: %u %s", said.status, said.phrase);
	return -1;
}

static void leave(struct proxied *p)
{
	p->busy = false;
	if (p->freed)
		free(p);
}

static void fail(struct proxied *p, enum sp_exit status, const char *why)
{
	if (p->told || p->freed)
		return;
	p->told = true;
	loop_cancel(p->loop, &p->late);
	p->conf.failed(p->conf.arg, status, why);
}

static void on_late(void *arg)
{
	struct proxied *p = arg;
	p->busy = true;
	fail(p, SP_TIMEOUT, STREAM_TIMED_OUT);
	leave(p);
}

/* The proxy's end closes ours, which the owner sees. */
static void on_over(void *arg, enum join_end first, const char *why)
{
	struct proxied *p = arg;
	(void)first, (void)why;
	join_free(p->join);
	p->join = NULL;
}

static void opened(struct proxied *p, struct buf *in)
{
	static const struct join_ops ops = { .over = on_over };
	struct buf behind;
	int fd = -1;
	buf_init(&behind, STREAM_IN_MAX);
	bool kept = buf_addv(&behind, buf_view(in)) == 0;
	buf_consume(in, in->len);
	loop_cancel(p->loop, &p->late);
	p->join = kept ? join_local(p->loop, p->s, &ops, p, &fd) : NULL;
	if (kept)
		p->s = NULL;
	if (p->join && behind.len && join_write(p->join, JOIN_NEAR, buf_view(&behind)) != 0) {
		close(fd);
		fd = -1;
	}
	buf_clear(&behind);
	if (fd < 0) {
		fail(p, SP_SYSTEM, strerror(errno));
		return;
	}
	p->told = true;
	p->conf.open(p->conf.arg, fd);
}

static void on_data(void *arg, struct buf *in)
{
	struct proxied *p = arg;
	enum sp_exit status;
	char why[PROXIED_WHY];
	p->busy = true;
	int rc = p->told ? 0 : proxied_heard(in, &status, why);
	if (rc == 1)
		opened(p, in);
	else if (rc < 0)
		fail(p, status, why);
	leave(p);
}

static void on_open(void *arg)
{
	struct proxied *p = arg;
	struct buf b;
	buf_init(&b, HTTPCONNECT_MAX);
	sock_keepalive(stream_fd(p->s));
	if (httpconnect_write(&b, &p->conf.to) == 0)
		stream_write(p->s, buf_view(&b)); /* else it is late */
	buf_clear(&b);
}

static void on_closed(void *arg, const char *why)
{
	struct proxied *p = arg;
	p->busy = true;
	bool late = why && strcmp(why, STREAM_TIMED_OUT) == 0;
	fail(p, stream_denied(p->s) ? SP_DENIED : late ? SP_TIMEOUT : SP_PEER, why ? why : "the proxy hung up");
	leave(p);
}

static void on_connect(void *arg, int fd, int error)
{
	static const struct stream_ops ops = { .open = on_open, .data = on_data, .closed = on_closed };
	struct proxied *p = arg;
	p->connecting = NULL;
	p->busy = true;
	if (fd >= 0)
		p->s = stream_new(p->loop, fd, true, p->conf.ctx, p->conf.proxy.host, p->conf.deadline, &ops, p);
	if (fd < 0)
		fail(p, error == ETIMEDOUT ? SP_TIMEOUT : SP_PEER, error == ETIMEDOUT ? STREAM_TIMED_OUT : strerror(error));
	else if (!p->s || !stream_expect(p->s, addr_peer(&p->conf.proxy)))
		fail(p, SP_SYSTEM, "out of memory, or behind the ? of the proxy's address is no name");
	leave(p);
}

struct proxied *proxied_new(struct loop *l, const struct proxied_conf *conf, const char **why)
{
	struct proxied *p = calloc(1, sizeof *p);
	*why = "out of memory";
	if (!p)
		return NULL;
	p->loop = l;
	p->conf = *conf;
	p->connecting = connect_new(l, &p->conf.proxy, conf->deadline, on_connect, p, why);
	if (!p->connecting) {
		free(p);
		return NULL;
	}
	if (conf->deadline != CLOCK_NEVER)
		loop_at(l, &p->late, conf->deadline, on_late, p);
	return p;
}

void proxied_free(struct proxied *p)
{
	if (!p || p->freed)
		return;
	p->freed = true;
	loop_cancel(p->loop, &p->late);
	connect_free(p->connecting);
	join_free(p->join);
	stream_free(p->s);
	p->connecting = NULL;
	p->join = NULL;
	p->s = NULL;
	if (!p->busy)
		free(p);
}
