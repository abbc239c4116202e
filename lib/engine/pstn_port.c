/* pstn_port.c - a modem's serial port: a pty. It has no modem signals, so:
 *   DTR is up while somebody has the slave open with a speed other than B0;
 *   the carrier's end hangs the pty up as it does a tty: with &C1, and unless
 *   the program ignores modem signals (CLOCAL). Then the master is closed, and
 *   a new pty stands behind the same symlink. */
#include "engine/pstn_call.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define READ_MAX 4096
#define HANGUP_MS 500 /* a program has so long to read what the modem said last */
#define S_DTR 25      /* the register: DTR that is down for less, 1/100 s, is not seen */

static void on_master(void *arg, int fd, short revents);

/* The slave, for a moment. */
static int slave_open(const struct modem *m)
{
	return open(m->port.slave, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

static int point(const struct modem *m)
{
	char fresh[PSTN_NAME + 32];
	int dir = m->x->dirfd;
	snprintf(fresh, sizeof fresh, ".%s.%d", m->name, (int)getpid());
	unlinkat(dir, fresh, 0);
	if (symlinkat(m->port.slave, dir, fresh) < 0)
		return -1;
	if (renameat(dir, fresh, dir, m->name) == 0)
		return 0;
	int e = errno;
	unlinkat(dir, fresh, 0);
	errno = e;
	return -1;
}

/* A line as a driver leaves it, but raw: nobody has to turn echo off first. */
static int set_line(const struct modem *m)
{
	struct termios t;
	int fd = slave_open(m), rc = -1;
	if (fd < 0)
		return -1;
	if (tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		t.c_cflag |= (tcflag_t)(CS8 | CREAD | CLOCAL | HUPCL);
		cfsetispeed(&t, B115200);
		cfsetospeed(&t, B115200);
		rc = tcsetattr(fd, TCSANOW, &t);
	}
	int e = errno;
	close(fd);
	errno = e;
	return rc;
}

int port_new(struct modem *m)
{
	struct port *p = &m->port;
	*p = (struct port){ .fd = posix_openpt(O_RDWR | O_NOCTTY), .low_since = clock_ms(), .dropped = true };
	if (p->fd < 0)
		return -1;
	if (fcntl(p->fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(p->fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0 &&
	    grantpt(p->fd) == 0 && unlockpt(p->fd) == 0 && ptsname_r(p->fd, p->slave, sizeof p->slave) == 0 &&
	    set_line(m) == 0 && point(m) == 0)
		return 0;
	int e = errno;
	close(p->fd);
	p->fd = -1;
	errno = e;
	return -1;
}

static void master_close(struct modem *m)
{
	if (m->port.fd < 0)
		return;
	loop_forget(m->x->conf.loop, m->port.fd);
	close(m->port.fd);
	m->port.fd = -1;
}

void port_free(struct modem *m)
{
	char to[PSTN_NAME] = "";
	master_close(m);
	if (readlinkat(m->x->dirfd, m->name, to, sizeof to - 1) > 0 && strcmp(to, m->port.slave) == 0)
		unlinkat(m->x->dirfd, m->name, 0);
}

bool port_able(const struct modem *m)
{
	return m->port.low_since == 0;
}

static void watch(struct modem *m)
{
	short events = (short)((m->port.held ? 0 : POLLIN) | (m->h.out.len ? POLLOUT : 0));
	if (m->port.open && !m->port.ending)
		loop_fd(m->x->conf.loop, m->port.fd, events, on_master, m);
}

/* Nobody has it any more, and all that he wrote was read. What he did not read
 * is not for the next one. */
static void closed(struct modem *m, int64_t now)
{
	struct port *p = &m->port;
	int fd = slave_open(m);
	if (fd >= 0) {
		tcflush(fd, TCIFLUSH);
		close(fd);
	}
	loop_forget(m->x->conf.loop, p->fd);
	p->open = p->ending = p->held = false;
	p->hangup_by = 0;
	m->h.out.len = 0;
	if (p->low_since == 0)
		p->low_since = now;
}

/* In data mode no more than the line's buffer takes. */
static size_t room(const struct modem *m)
{
	if (!m->call || m->h.state != HAYES_ONLINE)
		return READ_MAX;
	size_t n = path_room(&m->call->path[m->side]);
	return n < READ_MAX ? n : READ_MAX;
}

static void guard_tick(void *arg);

static void arm_guard(struct modem *m)
{
	int64_t at = hayes_deadline(&m->h);
	if (at == CLOCK_NEVER)
		loop_cancel(m->x->conf.loop, &m->guard);
	else
		loop_at(m->x->conf.loop, &m->guard, at, guard_tick, m);
}

static void to_line(struct modem *m)
{
	struct call *c = m->call;
	if (c && c->phase == CALL_CONNECTED && m->h.line.len) {
		buf_addv(&c->path[m->side].queue, buf_view(&m->h.line));
		c->path[m->side].taken += m->h.line.len;
	}
	m->h.line.len = 0;
}

/* Bytes of the computer through the modem; its events are obeyed between. */
static void feed(struct modem *m, struct view v, int64_t now)
{
	while (v.n) {
		size_t part = v.n;
		if (m->call && m->h.state == HAYES_ONLINE) {
			if (fault_escape(m->call, m->side))
				hayes_dte(&m->h, view_of("+++"), now);
			size_t limit = fault_limit_sent(m->call, m->side);
			part = limit < part ? limit : part;
		}
		size_t n = hayes_dte(&m->h, (struct view){ v.p, part }, now);
		v.p += n;
		v.n -= n;
		to_line(m);
		call_events(m);
	}
	arm_guard(m);
}

static void guard_tick(void *arg)
{
	struct modem *m = arg;
	int64_t now = clock_ms();
	if (m->port.held)
		hayes_held(&m->h, now);
	hayes_tick(&m->h, now);
	arm_guard(m);
	port_flush(m);
}

/* false: nothing was there, or there is no room. */
static bool take(struct modem *m, int64_t now)
{
	char bytes[READ_MAX];
	size_t n = room(m);
	m->port.held = n == 0;
	if (n == 0)
		return false;
	ssize_t got = read(m->port.fd, bytes, n);
	if (got < 0 && errno == EIO)
		closed(m, now);
	if (got <= 0)
		return false;
	feed(m, (struct view){ bytes, (size_t)got }, now);
	if (m->call)
		call_pump(m->call);
	port_flush(m);
	return true;
}

static void on_master(void *arg, int fd, short revents)
{
	struct modem *m = arg;
	if (revents & POLLOUT) {
		port_flush(m);
		if (m->call)
			call_pump(m->call);
	}
	if (revents & (POLLHUP | POLLERR)) { /* port_look goes on reading */
		m->port.ending = true;
		loop_forget(m->x->conf.loop, fd);
		return;
	}
	if (revents & POLLIN)
		take(m, clock_ms());
	watch(m);
}

void port_resume(struct modem *m)
{
	if (!m->port.held || room(m) == 0)
		return;
	hayes_held(&m->h, clock_ms());
	m->port.held = false;
	watch(m);
}

/* Has anybody the slave open? One who came, wrote and went counts until that is
 * read. */
static bool look(struct modem *m)
{
	struct port *p = &m->port;
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	bool polled = poll(&pfd, 1, 0) >= 0, taken = polled && !(pfd.revents & (POLLHUP | POLLERR | POLLNVAL));
	if (!p->open && (taken || (pfd.revents & POLLIN))) {
		p->open = true;
		p->dropped = false;
		p->low_since = 0;
	}
	return taken;
}

void port_flush(struct modem *m)
{
	struct buf *b = &m->h.out;
	if (b->len && !m->port.open)
		look(m);
	if (!m->port.open) {
		b->len = 0;
		return;
	}
	while (b->len) {
		ssize_t n = write(m->port.fd, b->data, b->len);
		if (n <= 0)
			break;
		buf_consume(b, (size_t)n);
	}
	watch(m);
}

static unsigned baud(speed_t s)
{
	static const struct { speed_t s; unsigned n; } all[] = {
		{ B300, 300 }, { B1200, 1200 }, { B2400, 2400 }, { B4800, 4800 }, { B9600, 9600 },
		{ B19200, 19200 }, { B38400, 38400 }, { B57600, 57600 }, { B230400, 230400 }, { 0, 115200 },
	};
	size_t i = 0;
	while (all[i].s && all[i].s != s)
		i++;
	return all[i].n;
}

static void look_at_dtr(struct modem *m, int64_t now)
{
	struct port *p = &m->port;
	struct termios t;
	if (p->open && tcgetattr(p->fd, &t) == 0 && cfgetospeed(&t) != B0) {
		m->h.port_speed = baud(cfgetospeed(&t));
		p->low_since = 0;
		p->dropped = false;
		return;
	}
	if (p->low_since == 0)
		p->low_since = now;
	if (p->dropped || now - p->low_since < (int64_t)hayes_s(&m->h, S_DTR) * 10)
		return;
	p->dropped = true;
	hayes_dtr(&m->h);
	call_events(m);
	arm_guard(m);
	port_flush(m);
}

void port_carrier_fell(struct modem *m)
{
	struct termios t;
	if (hayes_par(&m->h, PAR_C, 1) && m->port.open && tcgetattr(m->port.fd, &t) == 0 && !(t.c_cflag & CLOCAL))
		m->port.hangup_by = clock_deadline(HANGUP_MS);
}

/* Did the program read what was said last? */
static bool was_read(const struct modem *m)
{
	int left = 0, fd = slave_open(m);
	if (fd < 0)
		return true;
	if (ioctl(fd, FIONREAD, &left) < 0)
		left = 0;
	close(fd);
	return left == 0 && m->h.out.len == 0;
}

/* The new pty is there before the old one is hung up: whoever opens the symlink
 * finds one at any time. */
static void hangup(struct modem *m)
{
	struct port old = m->port;
	if (port_new(m) < 0) {
		m->port = old;
		return;
	}
	loop_forget(m->x->conf.loop, old.fd);
	close(old.fd);
	m->h.out.len = 0;
	m->port.dropped = false;
	look_at_dtr(m, clock_ms());
}

void port_look(struct modem *m, int64_t now)
{
	struct port *p = &m->port;
	bool taken = look(m);
	p->ending = p->open && !taken;
	for (unsigned i = 0; p->ending && i < 16 && take(m, now); i++)
		;
	watch(m);
	if (p->hangup_by && p->open && (now >= p->hangup_by || was_read(m)))
		hangup(m);
	look_at_dtr(m, now);
}
