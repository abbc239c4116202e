/* pstn_port.c - a modem's serial port: a pty. It has no modem signals, so:
 *   DTR is up while somebody has the slave open with a speed other than B0;
 *   the carrier's end hangs the pty up as it does a tty: with &C1, and unless
 *   the program ignores modem signals (CLOCAL). Then the master is closed, and
 *   a new pty stands behind the same symlink. */
#include "engine/pstn_call.h"

#include "base/num.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define READ_MAX 4096
#define HANGUP_MS 500 /* a program has so long to read what the modem said last */
#define LATE_MS 1000  /* a program that has just read CONNECT turns CLOCAL off by then */
#define S_DTR 25      /* the register: DTR that is down for less, 1/100 s, is not seen */

static void on_master(void *arg, int fd, short revents);

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
	int fd = pty_slave(m);
	if (fd >= 0) {
		tcflush(fd, TCIFLUSH);
		close(fd);
	}
	loop_forget(m->x->conf.loop, p->fd);
	p->open = p->ending = p->held = false;
	p->hangup_by = p->fell_until = 0;
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

static void look_at_dtr(struct modem *m, int64_t now)
{
	struct port *p = &m->port;
	unsigned baud = p->open ? pty_baud(m) : 0;
	if (baud) {
		m->h.port_speed = baud;
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
	if (!hayes_par(&m->h, PAR_C, 1) || !m->port.open)
		return;
	if (pty_obeys(m))
		m->port.hangup_by = clock_deadline(HANGUP_MS);
	else
		m->port.fell_until = clock_deadline(LATE_MS);
}

/* The carrier that fell before the program looked at it. */
static void look_at_late(struct modem *m, int64_t now)
{
	struct port *p = &m->port;
	if (!p->fell_until)
		return;
	if (m->call || now >= p->fell_until)
		p->fell_until = 0;
	else if (pty_obeys(m)) {
		p->fell_until = 0;
		p->hangup_by = now + HANGUP_MS;
	}
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
	look_at_late(m, now);
	if (p->hangup_by && p->open && (now >= p->hangup_by || pty_was_read(m)))
		hangup(m);
	look_at_dtr(m, now);
}
