/* tty.c - termios for lines. Only rates that POSIX names have a constant each;
 * they stand in one table. */
#include "sys/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const struct rate {
	unsigned baud;
	speed_t code;
} rates[] = {
	{ 300, B300 }, { 600, B600 }, { 1200, B1200 }, { 2400, B2400 }, { 4800, B4800 },
	{ 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 },
	{ 115200, B115200 }, { 230400, B230400 }, { 460800, B460800 }, { 921600, B921600 },
};

static const struct rate *rate_of(uint64_t baud)
{
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
		if (rates[i].baud == baud)
			return &rates[i];
	return NULL;
}

bool tty_rate(uint64_t baud)
{
	return rate_of(baud) != NULL;
}

static int set_raw(int fd, const struct rate *r, bool rtscts, const struct termios *before)
{
	struct termios t = *before;
	cfmakeraw(&t);
	t.c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | CRTSCTS);
	t.c_cflag |= (tcflag_t)(CS8 | CREAD | CLOCAL | HUPCL) | (rtscts ? CRTSCTS : 0);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	if (cfsetispeed(&t, r->code) < 0 || cfsetospeed(&t, r->code) < 0)
		return -1;
	return tcsetattr(fd, TCSANOW, &t);
}

int tty_open(const char *path, uint64_t baud, bool rtscts, struct termios *before, const char **why)
{
	const struct rate *r = rate_of(baud);
	int e, fd = -1;
	errno = EINVAL;
	*why = "no rate of a tty";
	if (!r)
		return -1;
	*why = "unable to open the tty";
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	*why = "not a tty";
	if (tcgetattr(fd, before) < 0)
		goto out;
	*why = "another process has the tty";
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			errno = EBUSY;
		goto out;
	}
	*why = "unable to set the tty";
	if (set_raw(fd, r, rtscts, before) < 0)
		goto out;
	return fd;
out:
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

/* A modem that is to notice wants DTR down for a while; one that has none
 * (a pty) says so and costs nothing: what was written last still arrives. */
void tty_hangup(int fd)
{
	int dtr = TIOCM_DTR;
	if (ioctl(fd, TIOCMBIC, &dtr) < 0) {
		tcflush(fd, TCIFLUSH);
		return;
	}
	tcflush(fd, TCIOFLUSH);
	nanosleep(&(struct timespec){ .tv_nsec = 250000000 }, NULL);
	ioctl(fd, TIOCMBIS, &dtr);
	tcflush(fd, TCIOFLUSH);
}

void tty_restore(int fd, const struct termios *before)
{
	struct termios t = *before;
	int dtr = TIOCM_DTR;
	t.c_cflag |= HUPCL;
	tcflush(fd, TCIOFLUSH);
	tcsetattr(fd, TCSANOW, &t);
	ioctl(fd, TIOCMBIC, &dtr);
}
