/* tlscmd.c - a TLS stream between standard input and output. The end of the input is told
 * to the peer (RFC 8446, 6.1), which may go on; the end is its own. What is under way is
 * bounded each way. Descriptors of others are not made non-blocking: a pipe gets what it
 * is sure to take. */
#include "tool/tlscmd.h"

#include "engine/connect.h"
#include "engine/proxied.h"
#include "sys/peerhost.h"
#include "tool/filter.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536

struct pump {
	struct loop *loop;
	const struct tls_command *c;
	struct stream *s;
	struct buf out;
	bool input_over, output_pipe, closed;
	bool asking; /* the proxy has not answered */
	struct loop_timer late;
	enum sp_exit status;
};

static void read_input(struct pump *p, bool on);
static void watch_output(struct pump *p);

/* The first cause counts: that the peer goes then is its answer to it. */
static void fail(struct pump *p, enum sp_exit status, const char *why)
{
	if (p->status != SP_OK)
		return;
	p->status = status;
	tool_log(0, "failed", "error", sp_exit_name(status), "detail", why, NULL);
	tool_say("%s", why);
	loop_stop(p->loop);
}

static void finish(struct pump *p)
{
	tool_log(0, "closed", NULL);
	loop_stop(p->loop);
}

static void on_output(void *arg, int fd, short revents)
{
	struct pump *p = arg;
	size_t most = p->out.len < PIPE_BUF ? p->out.len : PIPE_BUF;
	if (!(revents & POLLOUT)) {
		finish(p); /* nobody reads */
		return;
	}
	ssize_t n = send(fd, p->out.data, p->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno == ENOTSOCK)
		n = write(fd, p->out.data, most);
	if (n < 0 && errno == EPIPE) {
		finish(p);
		return;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		p->status = SP_SYSTEM;
		tool_say("unable to write standard output: %s", strerror(errno));
		loop_stop(p->loop);
		return;
	}
	buf_consume(&p->out, n > 0 ? (size_t)n : 0);
	watch_output(p);
	if (p->closed && p->out.len == 0)
		finish(p);
	else if (!p->closed)
		stream_pause(p->s, p->out.len >= CHUNK);
}

/* With nothing to write, to see that nobody reads any more. */
static void watch_output(struct pump *p)
{
	if (p->out.len == 0 && !p->output_pipe)
		loop_forget(p->loop, STDOUT_FILENO);
	else if (loop_fd(p->loop, STDOUT_FILENO, p->out.len ? POLLOUT : 0, on_output, p) != 0)
		fail(p, SP_SYSTEM, "out of memory");
}

static void on_input(void *arg, int fd, short revents)
{
	struct pump *p = arg;
	char b[CHUNK];
	ssize_t n = read(fd, b, sizeof b);
	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && stream_write(p->s, (struct view){ b, (size_t)n }) != 0)
		fail(p, SP_SYSTEM, "out of memory");
	p->input_over = n <= 0;
	if (p->input_over && stream_queued(p->s) == 0)
		stream_end(p->s);
	read_input(p, n > 0 && stream_queued(p->s) < CHUNK);
	explicit_bzero(b, n > 0 ? (size_t)n : 0);
}

static void read_input(struct pump *p, bool on)
{
	if (!on)
		loop_forget(p->loop, STDIN_FILENO);
	else if (loop_fd(p->loop, STDIN_FILENO, POLLIN, on_input, p) != 0)
		fail(p, SP_SYSTEM, "out of memory");
}

/* It is where it is to be: now the bytes are others'. */
static void opened(struct pump *p)
{
	char peer[320];
	p->asking = false;
	loop_cancel(p->loop, &p->late);
	sock_peer_text(stream_fd(p->s), peer, sizeof peer);
	tool_log(0, "open", "peer", peer, NULL);
	read_input(p, true);
}

static void on_late(void *arg)
{
	fail(arg, SP_TIMEOUT, STREAM_TIMED_OUT);
}

static void ask_proxy(struct pump *p)
{
	struct buf b;
	buf_init(&b, HTTPCONNECT_MAX);
	p->asking = true;
	if (p->c->deadline != CLOCK_NEVER)
		loop_at(p->loop, &p->late, p->c->deadline, on_late, p);
	if (httpconnect_write(&b, p->c->connect) != 0 || stream_write(p->s, buf_view(&b)) != 0)
		fail(p, SP_SYSTEM, "out of memory");
	buf_clear(&b);
}

static void on_open(void *arg)
{
	struct pump *p = arg;
	if (p->c->host && !stream_peer_host(p->s, p->c->host))
		fail(p, SP_DENIED, "the server's certificate is made out to another name");
	else if (p->c->connect)
		ask_proxy(p);
	else
		opened(p);
}

static void on_answer(struct pump *p, struct buf *in)
{
	enum sp_exit status;
	char why[PROXIED_WHY];
	int rc = proxied_heard(in, &status, why);
	if (rc == 1)
		opened(p);
	else if (rc < 0)
		fail(p, status, why);
}

static void on_data(void *arg, struct buf *in)
{
	struct pump *p = arg;
	if (p->asking)
		on_answer(p, in);
	if (p->asking)
		return;
	if (buf_addv(&p->out, buf_view(in)) != 0) {
		fail(p, SP_SYSTEM, "out of memory");
		return;
	}
	buf_consume(in, in->len);
	stream_pause(p->s, p->out.len >= CHUNK);
	watch_output(p);
}

static void on_drained(void *arg)
{
	struct pump *p = arg;
	if (p->input_over)
		stream_end(p->s);
	else if (!p->asking)
		read_input(p, true);
}

static void on_closed(void *arg, const char *why)
{
	struct pump *p = arg;
	p->closed = true;
	read_input(p, false);
	if (!why && p->asking)
		why = "the proxy hung up";
	if (why)
		fail(p, stream_denied(p->s) ? SP_DENIED : strcmp(why, "timed out") == 0 ? SP_TIMEOUT : SP_PEER, why);
	else if (p->out.len == 0)
		finish(p);
}

static void on_connect(void *arg, int fd, int error)
{
	static const struct stream_ops ops = { on_open, on_data, on_drained, on_closed, NULL };
	struct pump *p = arg;
	if (fd < 0) {
		fail(p, error == ETIMEDOUT ? SP_TIMEOUT : SP_PEER, error == ETIMEDOUT ? "timed out" : strerror(error));
		return;
	}
	sock_keepalive(fd);
	p->s = stream_new(p->loop, fd, true, p->c->ctx, p->c->addr->host, p->c->deadline, &ops, p);
	if (!p->s)
		fail(p, SP_SYSTEM, "out of memory");
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	finish(arg);
}

enum sp_exit tls_run(struct loop *l, const struct tls_command *c)
{
	struct pump p = { .loop = l, .c = c, .status = SP_OK };
	struct stat st;
	const char *why;
	buf_init(&p.out, CHUNK + STREAM_IN_MAX);
	p.output_pipe = fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
	loop_signal(l, SIGTERM, on_signal, &p);
	loop_signal(l, SIGINT, on_signal, &p);
	watch_output(&p);
	struct connect *k = NULL;
	if (c->addr->kind == ADDR_FD && !sock_nonblock(c->addr->fd, true))
		tool_die(SP_USAGE, "fd:%d: %s", c->addr->fd, strerror(errno));
	if (c->addr->kind == ADDR_FD)
		on_connect(&p, c->addr->fd, 0);
	else if (!(k = connect_new(l, c->addr, c->deadline, on_connect, &p, &why)))
		fail(&p, SP_PEER, why);
	if (p.status == SP_OK && loop_run(l) != 0)
		tool_die(SP_SYSTEM, "poll: %s", strerror(errno));
	if (!p.s && p.status == SP_OK) /* on_connect was not called */
		connect_free(k);
	loop_cancel(l, &p.late);
	stream_free(p.s);
	buf_clear(&p.out);
	return p.status;
}
