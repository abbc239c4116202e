/* tty.c - termios for lines. Only rates that POSIX names have a constant each;
 * they stand in one table. */
#include "sys/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct rate {
	unsigned baud;
	speed_t code;
} rates[] = {
	{ 300, B300 }, { 600, B600 }, { 1200, B1200 }, { 2400, B2400 }, { 4800, B4800 },
	{ 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 },
	{ 115200, B115200 }, { 230400, B230400 }, { 460800, B460800 }, { 921600, B921600 },
};

static int control(int fd, unsigned long request, int *bits)
{
	return ioctl(fd, request, bits);
}

static int set(int fd, const struct termios *t)
{
	return tcsetattr(fd, TCSANOW, t);
}

struct tty_system tty_system = { control, set };

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

static int set_raw(struct tty *t, const struct rate *r, bool rtscts)
{
	t->raw = t->before;
	cfmakeraw(&t->raw);
	t->raw.c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | CRTSCTS);
	t->raw.c_cflag |= (tcflag_t)(CS8 | CREAD | CLOCAL | HUPCL) | (rtscts ? CRTSCTS : 0);
	t->raw.c_cc[VMIN] = 1;
	t->raw.c_cc[VTIME] = 0;
	if (cfsetispeed(&t->raw, r->code) < 0 || cfsetospeed(&t->raw, r->code) < 0)
		return -1;
	return tty_system.set(t->fd, &t->raw);
}

static int use(struct tty *t, const struct rate *r, bool rtscts, const char **why)
{
	*why = "not a tty";
	if (tcgetattr(t->fd, &t->before) < 0)
		return -1;
	*why = "another process has the tty";
	if (flock(t->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			errno = EBUSY;
		return -1;
	}
	*why = "unable to set the tty";
	return set_raw(t, r, rtscts);
}

int tty_open(struct tty *t, const char *path, const struct tty_conf *conf, const char **why)
{
	const struct rate *r = rate_of(conf->baud);
	*t = (struct tty){ .fd = -1 };
	errno = EINVAL;
	*why = "no rate of a tty";
	if (!r)
		return -1;
	if (conf->lock && uucplock_take(&t->lock, conf->lock, path, why) < 0)
		return -1;
	*why = "unable to open the tty";
	t->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (t->fd >= 0 && use(t, r, conf->rtscts, why) == 0) {
		tty_dtr(t, true);
		return 0;
	}
	int e = errno;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	uucplock_drop(&t->lock);
	errno = e;
	return -1;
}

void tty_dtr(struct tty *t, bool up)
{
	int bits = TIOCM_DTR | TIOCM_RTS;
	if (tty_system.control(t->fd, up ? TIOCMBIS : TIOCMBIC, &bits) == 0)
		return;
	struct termios now = t->raw;
	if (!up)
		cfsetospeed(&now, B0);
	tty_system.set(t->fd, &now);
}

int tty_carrier(const struct tty *t)
{
	int bits = 0;
	if (tty_system.control(t->fd, TIOCMGET, &bits) < 0)
		return -1;
	return bits & TIOCM_CAR ? 1 : 0;
}

int tty_follow(struct tty *t, bool follow)
{
	if (follow && tty_carrier(t) == 0)
		return -1;
	t->raw.c_cflag = follow ? t->raw.c_cflag & ~(tcflag_t)CLOCAL : t->raw.c_cflag | CLOCAL;
	if (tty_system.set(t->fd, &t->raw) < 0)
		return follow ? -1 : 1;
	return follow ? tty_carrier(t) != 0 : 1; /* a carrier that went in between hangs nothing up */
}

bool tty_hangup(struct tty *t)
{
	int bits = TIOCM_DTR | TIOCM_RTS;
	if (tty_system.control(t->fd, TIOCMBIC, &bits) < 0) {
		tcflush(t->fd, TCIFLUSH);
		return false;
	}
	tcflush(t->fd, TCIOFLUSH);
	return true;
}

void tty_close(struct tty *t)
{
	if (t->fd < 0)
		return;
	int bits = TIOCM_DTR | TIOCM_RTS;
	t->before.c_cflag |= HUPCL;
	tcflush(t->fd, TCIOFLUSH);
	tty_system.set(t->fd, &t->before);
	tty_system.control(t->fd, TIOCMBIC, &bits);
	close(t->fd);
	t->fd = -1;
	uucplock_drop(&t->lock);
}
