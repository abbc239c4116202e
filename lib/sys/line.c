/* line.c - lines: TCP, unix sockets, ttys and inherited descriptors as one
 * thing that calls are made and taken over. Refuses kinds that take
 * a dialogue (engine/circuit.h), and a tty that somebody else holds. */
#include "sys/line.h"

#include "sys/lineopt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int parse(const char *text, struct addr *a, struct line_options *o, const char **why)
{
	errno = EINVAL;
	if (!addr_parse(text, a, why))
		return -1;
	*why = "no kind of plain line (tcp:, unix:, tty:, fd:)";
	if (a->kind != ADDR_TCP && a->kind != ADDR_UNIX && a->kind != ADDR_TTY && a->kind != ADDR_FD)
		return -1;
	return line_options(a, o, why);
}

static void name_of(const struct addr *a, char *out, size_t size)
{
	bool v6 = strchr(a->host, ':') != NULL;
	switch (a->kind) {
	case ADDR_TTY: snprintf(out, size, "tty:%s", a->path); break;
	case ADDR_UNIX: snprintf(out, size, "unix:%s", a->path); break;
	case ADDR_FD: snprintf(out, size, "fd:%d", a->fd); break;
	default:
		snprintf(out, size, v6 ? "tcp:[%s]:%s" : "tcp:%s:%s", a->host[0] ? a->host : "*", a->port);
	}
}

/* An inherited descriptor, made ours. */
static int adopt(int fd, const char **why)
{
	int flags = fcntl(fd, F_GETFD);
	*why = "no such descriptor";
	if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0 || !sock_nonblock(fd, true))
		return -1;
	return fd;
}

static bool is_socket(int fd)
{
	int type;
	socklen_t n = sizeof type;
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0;
}

static void peer_of(struct line *l)
{
	if (l->up && is_socket(l->fd))
		sock_peer_text(l->fd, l->peer, sizeof l->peer);
	if (!l->peer[0])
		snprintf(l->peer, sizeof l->peer, "%.63s", l->name);
}

static int open_tty(struct tty *t, const struct addr *a, const struct line_options *o, const char **why)
{
	struct tty_conf conf = line_tty(o);
	return tty_open(t, a->path, &conf, why) == 0 ? t->fd : -1;
}

int line_call(struct line *l, const char *text, const char **why)
{
	struct line_options o;
	*l = (struct line){ .fd = -1, .tty.fd = -1 };
	if (parse(text, &l->addr, &o, why) < 0)
		return -1;
	l->speed = o.speed;
	name_of(&l->addr, l->name, sizeof l->name);
	l->up = l->addr.kind == ADDR_TTY || l->addr.kind == ADDR_FD;
	if (l->addr.kind == ADDR_TTY)
		l->fd = open_tty(&l->tty, &l->addr, &o, why);
	else if (l->addr.kind == ADDR_FD)
		l->fd = adopt(l->addr.fd, why);
	else
		l->fd = sock_connect(&l->addr, &l->tried, why);
	if (l->fd < 0)
		return -1;
	peer_of(l);
	return 0;
}

int line_connected(struct line *l, const char **why)
{
	int e = sock_connected(l->fd);
	const char *none;
	if (e == 0) {
		l->up = true;
		l->peer[0] = '\0';
		peer_of(l);
		return 1;
	}
	close(l->fd);
	l->fd = sock_connect(&l->addr, &l->tried, &none);
	if (l->fd >= 0)
		return 0;
	*why = "unable to connect";
	errno = e;
	return -1;
}

int line_listen(struct line_port *p, const char *text, const char **why)
{
	struct line_options o;
	*p = (struct line_port){ .fd = -1, .tty.fd = -1 };
	if (parse(text, &p->addr, &o, why) < 0)
		return -1;
	p->speed = o.speed;
	if (p->addr.kind == ADDR_TTY)
		p->fd = open_tty(&p->tty, &p->addr, &o, why);
	else if (p->addr.kind == ADDR_FD)
		p->fd = adopt(p->addr.fd, why);
	else
		p->fd = sock_listen(&p->addr, p->bound, sizeof p->bound, why);
	if (p->fd < 0)
		return -1;
	name_of(&p->addr, p->name, sizeof p->name);
	if (p->addr.kind == ADDR_TCP)
		snprintf(p->name, sizeof p->name, "tcp:%.180s", p->bound);
	else if (!p->bound[0])
		snprintf(p->bound, sizeof p->bound, "%s", strchr(p->name, ':') + 1);
	return 0;
}

static bool one_call(const struct line_port *p)
{
	return p->addr.kind == ADDR_TTY || p->addr.kind == ADDR_FD;
}

int line_accept(struct line_port *p, struct line *l)
{
	*l = (struct line){ .fd = -1, .tty.fd = -1, .speed = p->speed, .up = true };
	if (one_call(p) && p->taken)
		return 0;
	l->fd = one_call(p) ? fcntl(p->fd, F_DUPFD_CLOEXEC, 3) : sock_accept(p->fd);
	if (l->fd < 0)
		return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED ||
		                       (!one_call(p) && (errno == EMFILE || errno == ENFILE)) ? 0 : -1;
	p->taken = true;
	l->addr = p->addr;
	snprintf(l->name, sizeof l->name, "%s", p->name);
	peer_of(l);
	return 1;
}

int line_port_ended(struct line_port *p)
{
	p->taken = false;
	return p->addr.kind == ADDR_TTY && p->fd >= 0 && tty_hangup(&p->tty) ? TTY_DTR_MS : 0;
}

void line_port_again(struct line_port *p)
{
	if (p->addr.kind == ADDR_TTY && p->fd >= 0) {
		tty_dtr(&p->tty, true);
		tcflush(p->fd, TCIOFLUSH);
	}
}

void line_port_close(struct line_port *p)
{
	if (p->fd < 0)
		return;
	if (p->addr.kind == ADDR_UNIX)
		unlink(p->addr.path);
	if (p->addr.kind == ADDR_TTY)
		tty_close(&p->tty);
	else
		close(p->fd);
	p->fd = -1;
}

void line_close(struct line *l)
{
	if (l->fd < 0)
		return;
	if (l->tty.fd >= 0)
		tty_close(&l->tty);
	else
		close(l->fd);
	l->fd = -1;
}
