/* carrier.c - a stream's bytes over its descriptor as they are; and how one is left. */
#include "sys/stream_impl.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

const struct carrier *carrier_secure;

void tls_free(struct ssl_ctx_st *ctx)
{
	if (ctx)
		carrier_secure->free(ctx);
}

static int handshake(struct stream *s)
{
	(void)s;
	return 1;
}

ssize_t carrier_read(struct stream *s, void *p, size_t n)
{
	ssize_t got = read(s->fd, p, n);
	if (got > 0)
		return got;
	if (got == 0)
		return -2;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

ssize_t carrier_write(struct stream *s, const void *p, size_t n)
{
	ssize_t rc = send(s->fd, p, n, MSG_NOSIGNAL);
	if (rc < 0 && errno == ENOTSOCK)
		rc = write(s->fd, p, n);
	return rc >= 0 ? rc : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static const char *reason(struct stream *s)
{
	(void)s;
	return NULL;
}

static void nothing(struct stream *s)
{
	(void)s;
}

const struct carrier carrier_plain = { .handshake = handshake, .get = carrier_read, .put = carrier_write,
	.reason = reason, .end = nothing, .clear = nothing };

#define LINGER_MS 1000
#define LINGER_MAX 64 /* at once: who is refused may not keep descriptors of ours */

static struct leaving {
	struct loop *loop; /* NULL: free */
	int fd;
	struct loop_timer timer;
} leaving[LINGER_MAX];

static void linger_end(void *arg)
{
	struct leaving *g = arg;
	loop_cancel(g->loop, &g->timer);
	loop_forget(g->loop, g->fd);
	close(g->fd);
	g->loop = NULL;
}

static void linger_read(void *arg, int fd, short revents)
{
	char nothing[4096];
	ssize_t n = read(fd, nothing, sizeof nothing);
	(void)revents;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		linger_end(arg);
}

void carrier_linger(struct loop *l, int fd)
{
	struct leaving *g = NULL;
	for (unsigned i = 0; i < LINGER_MAX && !g; i++)
		if (!leaving[i].loop)
			g = &leaving[i];
	if (!g || shutdown(fd, SHUT_WR) != 0 || loop_fd(l, fd, POLLIN, linger_read, g) != 0) {
		close(fd);
		return;
	}
	*g = (struct leaving){ .loop = l, .fd = fd };
	loop_at(l, &g->timer, clock_deadline(LINGER_MS), linger_end, g);
}
