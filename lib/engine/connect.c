/* connect.c - connecting, one address after the other; none blocks the loop but
 * the resolver (sys/sock.c). */
#include "engine/connect.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

struct connect {
	struct loop *loop;
	struct addr addr;
	unsigned tried;
	int fd;
	struct loop_timer late;
	connect_fn *fn;
	void *arg;
};

static void done(struct connect *c, int fd, int error)
{
	connect_fn *fn = c->fn;
	void *arg = c->arg;
	if (fd >= 0) {
		loop_forget(c->loop, fd);
		c->fd = -1;
	}
	connect_free(c);
	fn(arg, fd, error);
}

static void on_fd(void *arg, int fd, short revents)
{
	struct connect *c = arg;
	const char *why;
	(void)revents;
	int e = sock_connected(fd);
	if (e == 0) {
		done(c, fd, 0);
		return;
	}
	loop_forget(c->loop, fd);
	close(fd);
	c->fd = sock_connect(&c->addr, &c->tried, &why);
	if (c->fd < 0)
		done(c, -1, errno == ENOENT ? e : errno); /* ENOENT: there are no more */
	else if (loop_fd(c->loop, c->fd, POLLOUT, on_fd, c) != 0)
		done(c, -1, ENOMEM);
}

static void on_late(void *arg)
{
	done(arg, -1, ETIMEDOUT);
}

struct connect *connect_new(struct loop *l, const struct addr *a, int64_t deadline, connect_fn *fn, void *arg,
                            const char **why)
{
	struct connect *c = calloc(1, sizeof *c);
	*why = "out of memory";
	if (!c)
		return NULL;
	*c = (struct connect){ .loop = l, .addr = *a, .fd = -1, .fn = fn, .arg = arg };
	c->fd = sock_connect(&c->addr, &c->tried, why);
	if (c->fd < 0 || loop_fd(l, c->fd, POLLOUT, on_fd, c) != 0) {
		int e = errno;
		connect_free(c);
		errno = e;
		return NULL;
	}
	if (deadline != CLOCK_NEVER)
		loop_at(l, &c->late, deadline, on_late, c);
	return c;
}

void connect_free(struct connect *c)
{
	if (!c)
		return;
	loop_cancel(c->loop, &c->late);
	if (c->fd >= 0) {
		loop_forget(c->loop, c->fd);
		close(c->fd);
	}
	free(c);
}

int64_t retry_next(struct retry *r)
{
	uint32_t dice = 0;
	r->delay = r->delay == 0 ? RETRY_FIRST : r->delay * 2 < RETRY_MOST ? r->delay * 2 : RETRY_MOST;
	if (getrandom(&dice, sizeof dice, GRND_NONBLOCK) != (ssize_t)sizeof dice)
		dice = (uint32_t)clock_ms();
	return r->delay - (int64_t)(dice % (uint32_t)(r->delay / 2));
}
