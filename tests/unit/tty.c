/* tty.c - modem signals: what is asked of a serial port, which this machine has
 * not got, by a stand-in for ioctl; and what a pty does instead. */
#include "sys/tty.h"
#include "unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct { /* the port */
	int bits;
	bool clocal, broken, carrier_goes;
	char did[256];
} port;
static struct tty_system real_system;

static void did(const char *what)
{
	size_t n = strlen(port.did);
	snprintf(port.did + n, sizeof port.did - n, "%s%s", n ? " " : "", what);
}

static int control(int fd, unsigned long request, int *bits)
{
	(void)fd;
	if (port.broken) {
		errno = EIO;
		return -1;
	}
	if (request == TIOCMGET) {
		*bits = port.bits;
		return 0;
	}
	if (*bits != (TIOCM_DTR | TIOCM_RTS))
		return -1;
	did(request == TIOCMBIS ? "dtr-up" : request == TIOCMBIC ? "dtr-down" : "?");
	port.bits = request == TIOCMBIS ? port.bits | *bits : port.bits & ~*bits;
	return 0;
}

static int set(int fd, const struct termios *t)
{
	bool local = t->c_cflag & CLOCAL;
	if (local != port.clocal)
		did(local ? "clocal" : "follow");
	port.clocal = local;
	if (!local && port.carrier_goes)
		port.bits &= ~TIOCM_CAR;
	return real_system.set(fd, t);
}

static const char *done(void)
{
	static char text[sizeof port.did];
	snprintf(text, sizeof text, "%s", port.did);
	port.did[0] = '\0';
	return text;
}

static int pty(char *path, size_t size)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (m < 0 || grantpt(m) < 0 || unlockpt(m) < 0 || ptsname_r(m, path, size) != 0)
		abort();
	return m;
}

static const struct tty_conf conf = { .baud = 57600 };

static void serial(const char *path)
{
	struct tty t;
	const char *why = "";
	tty_system = (struct tty_system){ control, set };
	check(tty_open(&t, path, &conf, &why) == 0, "a serial port (%s)", why);
	check_str(done(), "clocal dtr-up", "opened: modem signals ignored, DTR up");
	check(tty_carrier(&t) == 0 && tty_follow(&t, true) == -1, "no carrier: not followed");
	check_str(done(), "", "and left as it was");
	port.bits |= TIOCM_CAR;
	check(tty_carrier(&t) == 1 && tty_follow(&t, true) == 1, "a carrier: followed");
	check_str(done(), "follow", "CLOCAL is off");
	check(tty_follow(&t, false) == 1, "not to follow");
	check_str(done(), "clocal", "CLOCAL is on");
	port.carrier_goes = true;
	check(tty_follow(&t, true) == 0, "a carrier that goes at that moment is noticed");
	tty_follow(&t, false);
	done();
	port.carrier_goes = false;
	tty_dtr(&t, false);
	tty_dtr(&t, true);
	check_str(done(), "dtr-down dtr-up", "DTR by its bit");
	check(tty_hangup(&t), "hanging up wants time");
	check_str(done(), "dtr-down", "with DTR down");
	tty_dtr(&t, true);
	done();
	tty_close(&t);
	check(t.fd == -1 && strstr(done(), "dtr-down"), "closed with DTR down");
	tty_close(&t);
}

static void hung_up(const char *path)
{
	struct tty t;
	const char *why = "";
	tty_system = (struct tty_system){ control, set };
	check(tty_open(&t, path, &conf, &why) == 0, "a port again (%s)", why);
	port.broken = true; /* all it says after the kernel hung it up */
	check(tty_carrier(&t) == -1 && !tty_hangup(&t), "a port that hung up has no signals");
	tty_dtr(&t, false);
	tty_close(&t);
	check(t.fd == -1, "and is closed like any other");
	port.broken = false;
}

static speed_t speed_of(int m)
{
	struct termios now;
	return tcgetattr(m, &now) == 0 ? cfgetospeed(&now) : 1;
}

static void of_pty(const char *path, int m)
{
	struct tty t;
	struct termios now;
	const char *why = "";
	tty_system = real_system;
	check(tty_open(&t, path, &conf, &why) == 0 && tty_carrier(&t) == -1, "a pty has no carrier (%s)", why);
	check(speed_of(m) == B57600, "its rate is seen from the other end");
	tty_dtr(&t, false);
	check(speed_of(m) == B0, "DTR that is down is B0");
	tty_dtr(&t, true);
	check(speed_of(m) == B57600, "DTR that is up is the rate");
	check(tty_follow(&t, true) == 1 && tcgetattr(m, &now) == 0 && !(now.c_cflag & CLOCAL), "CLOCAL off tells the other end");
	check(!tty_hangup(&t), "hanging up takes no time");
	tty_close(&t);
}

int main(void)
{
	char path[64];
	int m = pty(path, sizeof path);
	real_system = tty_system;
	serial(path);
	hung_up(path);
	of_pty(path, m);
	close(m);
	return tap_done();
}
