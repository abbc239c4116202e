/* line.c - calls over every kind of line: what one end writes the other reads. */
#include "sys/line.h"
#include "sys/tty.h"
#include "unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static bool ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	return poll(&p, 1, 5000) == 1;
}

static bool passes(int from, int to, const char *what)
{
	char b[64];
	size_t n = strlen(what), got = 0;
	if (write(from, what, n) != (ssize_t)n)
		return false;
	while (got < n && ready(to, POLLIN)) {
		ssize_t r = read(to, b + got, sizeof b - got);
		if (r <= 0)
			return false;
		got += (size_t)r;
	}
	return got == n && memcmp(b, what, n) == 0;
}

static const char all_bytes[] = "\x7e\xff\x03\x11\x13\r\n\x7f\x1c\x04";

static void socket_line(const char *kind, const char *rest)
{
	struct line_port p;
	struct line a, b;
	char listen_on[128], to[256];
	const char *why = "";
	snprintf(listen_on, sizeof listen_on, "%s:%s", kind, rest);
	if (!check(line_listen(&p, listen_on, &why) == 0, "%s waits for calls (%s)", listen_on, why))
		return;
	check(line_accept(&p, &b) == 0, "no call yet");
	snprintf(to, sizeof to, "%s:%s?speed=33600", kind, p.bound);
	check(line_call(&a, to, &why) == 0 && ready(a.fd, POLLOUT), "%s is called (%s)", to, why);
	check(line_connected(&a, &why) == 1 && a.up && a.speed == 33600, "it is up, its speed is declared");
	check(ready(p.fd, POLLIN) && line_accept(&p, &b) == 1 && b.up, "the call arrives");
	check(passes(a.fd, b.fd, all_bytes) && passes(b.fd, a.fd, all_bytes), "bytes both ways");
	check(strncmp(to, a.name, strlen(a.name)) == 0 && b.peer[0], "named %s, called by %s", a.name, b.peer);
	check(fcntl(a.fd, F_GETFD) == FD_CLOEXEC && fcntl(b.fd, F_GETFD) == FD_CLOEXEC, "close-on-exec");
	line_close(&a);
	char c;
	check(ready(b.fd, POLLIN) && read(b.fd, &c, 1) == 0, "hanging up is seen by the other");
	line_close(&b);
	line_close(&b);
	line_port_close(&p);
}

static void refused(void)
{
	static const char *const bad[] = {
		"tls:127.0.0.1:1", "udp:127.0.0.1:1", "tcp:127.0.0.1", "modem:x", "", "tcp:127.0.0.1:1?speed=299",
		"tcp:127.0.0.1:1?speed=", "tcp:127.0.0.1:1?baud=9600", "tcp:127.0.0.1:1?color=red",
		"tty:/dev/null?baud=33600", "tty:/dev/null?flow=maybe",
	};
	struct line l;
	struct line_port p;
	const char *why;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		why = NULL;
		bool no = line_call(&l, bad[i], &why) == -1 && errno == EINVAL && l.fd == -1;
		check(no && why, "no line: \"%s\": %s", bad[i], why ? why : "?");
	}
	check(line_call(&l, "tty:/dev/null", &why) == -1 && errno == ENOTTY, "a file is no tty: %s", why);
	check(line_call(&l, "fd:77", &why) == -1 && errno == EBADF, "a closed descriptor: %s", why);
	check(line_listen(&p, "tty:/no/such", &why) == -1 && errno == ENOENT && p.fd == -1, "no such tty: %s", why);
	check(line_listen(&p, "unix:/no/such/dir", &why) == -1 && p.fd == -1, "no such directory: %s", why);
}

static void nobody(void)
{
	struct line l;
	struct line_port p;
	char to[256];
	const char *why = "";
	check(line_listen(&p, "tcp:127.0.0.1:0", &why) == 0, "a port");
	snprintf(to, sizeof to, "tcp:%s", p.bound);
	line_port_close(&p);
	int rc = line_call(&l, to, &why);
	for (; rc == 0 && ready(l.fd, POLLOUT) && (rc = line_connected(&l, &why)) == 0;)
		;
	check(rc == -1 && errno == ECONNREFUSED && l.fd == -1, "nobody answers: %s", why);
}

static int pty(char *path, size_t size)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (m < 0 || grantpt(m) < 0 || unlockpt(m) < 0 || ptsname_r(m, path, size) != 0)
		abort();
	return m;
}

static void tty_line(void)
{
	char path[64], text[128];
	struct line l, second;
	struct termios t;
	const char *why = "";
	int m = pty(path, sizeof path);
	snprintf(text, sizeof text, "tty:%s?speed=33600", path);
	check(line_call(&l, text, &why) == 0 && l.up && l.speed == 33600, "a tty is up at once (%s)", why);
	check(tcgetattr(l.fd, &t) == 0 && cfgetospeed(&t) == B115200 && !(t.c_lflag & (ICANON | ECHO | ISIG)) &&
	      !(t.c_iflag & (IXON | ICRNL)) && !(t.c_oflag & OPOST) && t.c_cflag & CLOCAL && !(t.c_cflag & CRTSCTS),
	      "raw, CLOCAL, no flow control; 115200 where the speed is no rate of a tty");
	check(passes(m, l.fd, all_bytes) && passes(l.fd, m, all_bytes), "bytes both ways, unchanged");
	check(line_call(&second, text, &why) == -1 && errno == EBUSY, "a second time: %s", why);
	line_close(&l);
	snprintf(text, sizeof text, "tty:%s?speed=9600&flow=rtscts", path);
	check(line_call(&l, text, &why) == 0 && tcgetattr(l.fd, &t) == 0, "free again when closed");
	check(cfgetospeed(&t) == B9600 && t.c_cflag & CRTSCTS && l.speed == 9600, "a speed that is a rate is the rate; flow=rtscts");
	line_close(&l);
	check(l.fd == -1 && tty_rate(57600) && !tty_rate(33600), "rates");
	close(m);
}

static void tty_port(void)
{
	char path[64], text[128], b[8];
	struct line_port p;
	struct line l, no;
	const char *why = "";
	int m = pty(path, sizeof path);
	snprintf(text, sizeof text, "tty:%s", path);
	check(line_listen(&p, text, &why) == 0 && strcmp(p.name, text) == 0, "a tty waits for a call (%s)", why);
	check(write(m, "ring", 4) == 4 && ready(p.fd, POLLIN), "its first bytes are the call");
	check(line_accept(&p, &l) == 1 && p.taken && line_accept(&p, &no) == 0, "one call at a time");
	check(read(l.fd, b, sizeof b) == 4 && memcmp(b, "ring", 4) == 0, "no byte of it is lost");
	line_close(&l);
	check(write(m, "rest", 4) == 4, "what comes after the end");
	line_port_ended(&p);
	check(!p.taken && read(p.fd, b, sizeof b) == -1 && errno == EAGAIN, "is discarded by hanging up");
	check(write(m, "x", 1) == 1 && ready(p.fd, POLLIN) && line_accept(&p, &l) == 1, "the next call");
	line_close(&l);
	line_port_close(&p);
	close(m);
}

static void fd_line(void)
{
	int s[2];
	char text[32];
	struct line l;
	const char *why = "";
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
		abort();
	snprintf(text, sizeof text, "fd:%d?speed=9600", s[0]);
	check(line_call(&l, text, &why) == 0 && l.up && l.fd == s[0] && l.speed == 9600, "an inherited descriptor is a line (%s)", why);
	check(fcntl(l.fd, F_GETFL) & O_NONBLOCK && fcntl(l.fd, F_GETFD) == FD_CLOEXEC, "made non-blocking and close-on-exec");
	check(passes(s[1], l.fd, all_bytes), "bytes");
	line_close(&l);
	close(s[1]);
}

/* With no descriptor left the caller is hung up on; the port is quiet, and
 * works again when there is one. */
static void no_descriptors(void)
{
	struct line_port p;
	struct line a, b;
	struct rlimit was, low;
	const char *why = "";
	char to[256], c;
	if (!check(line_listen(&p, "tcp:127.0.0.1:0", &why) == 0, "a line that is called too often"))
		return;
	check(line_accept(&p, &b) == 0, "no call yet");
	snprintf(to, sizeof to, "tcp:%s", p.bound);
	check(line_call(&a, to, &why) == 0 && ready(p.fd, POLLIN), "a call comes");
	getrlimit(RLIMIT_NOFILE, &was);
	low = (struct rlimit){ (rlim_t)a.fd + 1, was.rlim_max };
	setrlimit(RLIMIT_NOFILE, &low);
	int got = line_accept(&p, &b);
	bool quiet = poll(&(struct pollfd){ .fd = p.fd, .events = POLLIN }, 1, 0) == 0;
	setrlimit(RLIMIT_NOFILE, &was);
	check(got == 0 && quiet, "without a descriptor it is taken and hung up on");
	check(ready(a.fd, POLLIN) && read(a.fd, &c, 1) <= 0, "the caller sees that");
	line_close(&a);
	check(line_call(&a, to, &why) == 0 && ready(p.fd, POLLIN) && line_accept(&p, &b) == 1, "the next call is taken");
	line_close(&a);
	line_close(&b);
	line_port_close(&p);
}

int main(void)
{
	char dir[] = "/tmp/sp-line.XXXXXX", path[64];
	if (!mkdtemp(dir))
		abort();
	socket_line("tcp", "127.0.0.1:0?speed=33600");
	snprintf(path, sizeof path, "%s/s", dir);
	socket_line("unix", path);
	check(access(path, F_OK) == -1, "the socket's file is gone");
	rmdir(dir);
	refused();
	nobody();
	tty_line();
	tty_port();
	fd_line();
	no_descriptors();
	return tap_done();
}
