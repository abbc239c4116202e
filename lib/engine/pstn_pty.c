/* pstn_pty.c - a modem's pty itself: made, put behind its symlink, looked at
 * from the slave's side, removed. */
#include "engine/pstn_impl.h"

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

int pty_slave(const struct modem *m)
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
	int fd = pty_slave(m), rc = -1;
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

unsigned pty_baud(const struct modem *m)
{
	static const struct { speed_t s; unsigned n; } all[] = {
		{ B0, 0 }, { B300, 300 }, { B1200, 1200 }, { B2400, 2400 }, { B4800, 4800 }, { B9600, 9600 },
		{ B19200, 19200 }, { B38400, 38400 }, { B57600, 57600 }, { B230400, 230400 },
	};
	struct termios t;
	if (tcgetattr(m->port.fd, &t) < 0)
		return 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].s == cfgetospeed(&t))
			return all[i].n;
	return 115200;
}

bool pty_obeys(const struct modem *m)
{
	struct termios t;
	return tcgetattr(m->port.fd, &t) == 0 && !(t.c_cflag & CLOCAL);
}

/* Did the program read what was said last? */
bool pty_was_read(const struct modem *m)
{
	int left = 0, fd = pty_slave(m);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (fd < 0)
		return true;
	poll(&p, 1, 0); /* makes the kernel carry over what it has still in its hands */
	if (ioctl(fd, FIONREAD, &left) < 0)
		left = 0;
	close(fd);
	return left == 0 && m->h.out.len == 0;
}
