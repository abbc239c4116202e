/* circuit_modem.c - a carrier that is gone by the time the tty follows it: no end of
 * file would ever come of that. Serial ports are a stand-in, the modem is us. */
#include "engine/circuit.h"
#include "sys/tty.h"
#include "unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct { /* the port */
	int bits, looks, keeps; /* the carrier: so many looks find it, in each call */
} port;
static struct tty_system real_system;
static struct loop *loop;
static struct circuit *line;
static int master;
static char said[256]; /* what was told to the owner */

static int control(int fd, unsigned long request, int *bits)
{
	(void)fd;
	if (request == TIOCMGET)
		*bits = port.bits | (port.looks++ < port.keeps ? TIOCM_CAR : 0);
	else
		port.bits = request == TIOCMBIS ? port.bits | *bits : port.bits & ~*bits;
	return 0;
}

static void say(const char *a, const char *b, const char *c)
{
	size_t n = strlen(said);
	snprintf(said + n, sizeof said - n, "%s%s%s%s%s%s", n ? "; " : "", a, *b ? " " : "", b, *c ? ": " : "", c);
}

/* The modem: OK to all commands, a ring when it is to wait, CONNECT. */
static void on_master(void *arg, int fd, short revents)
{
	char b[256];
	ssize_t n = read(fd, b, sizeof b - 1);
	(void)arg, (void)revents;
	if (n <= 0)
		return;
	b[n] = '\0';
	bool connect = strstr(b, "ATD") || strstr(b, "ATA\r");
	const char *answer = connect ? "\r\nCONNECT 33600\r\n" : "\r\nOK\r\n";
	port.looks = connect ? 0 : port.looks;
	if (write(fd, answer, strlen(answer)) < 0)
		abort();
}

static void on_event(void *arg, const struct circuit_event *ev)
{
	(void)arg;
	if (ev->what == CIRCUIT_PROGRESS)
		return;
	say(ev->what == CIRCUIT_UP ? "up" : "down", ev->what == CIRCUIT_UP ? "" : reason_name(ev->reason),
	    ev->what == CIRCUIT_UP ? "" : ev->detail);
	if (ev->what == CIRCUIT_UP)
		circuit_hangup(line);
	else
		loop_stop(loop);
}

static const struct circuit_ops ops = { on_event };

static void on_missed(void *arg, const char *from, const char *why)
{
	(void)arg;
	say("missed", from, why);
	port.keeps = 1000;
}

static void on_call(void *arg, struct circuit *c)
{
	(void)arg;
	say("call", "", "");
	line = c;
	circuit_own(c, &ops, NULL);
	circuit_hangup(c);
}

static void on_trouble(void *arg, const char *why)
{
	(void)arg;
	say("trouble", "", why);
	loop_stop(loop);
}

static void ring(void *arg)
{
	struct loop_timer *t = arg;
	if (write(master, "\r\nNMBR = 5550199\r\n\r\nRING\r\n", 27) < 0)
		abort();
	loop_at(loop, t, clock_deadline(100), ring, t);
}

static void stop(void *arg)
{
	(void)arg;
	say("nothing", "", "");
	loop_stop(loop);
}

static void run(void)
{
	struct loop_timer late = { 0 };
	loop_at(loop, &late, clock_deadline(20000), stop, NULL);
	loop_fd(loop, master, POLLIN, on_master, NULL);
	loop_run(loop);
	loop_cancel(loop, &late);
	loop_forget(loop, master);
}

static void calls(const char *address, int keeps, const char *want, const char *what)
{
	const char *why = "";
	struct circuit_conf conf = { .address = address, .number = "5550142", .deadline = CLOCK_NEVER, .ops = &ops };
	said[0] = '\0';
	port.keeps = keeps;
	line = circuit_call(loop, &conf, &why);
	if (!check(line != NULL, "opened"))
		return;
	run();
	circuit_free(line);
	check_str(said, want, what);
}

static void waits(const char *address)
{
	static const struct circuit_port_ops port_ops = { .missed = on_missed, .call = on_call, .trouble = on_trouble };
	struct loop_timer rings = { 0 };
	const char *why = "";
	said[0] = '\0';
	port.keeps = 1;
	struct circuit_port *p = circuit_listen(loop, address, &port_ops, NULL, &why);
	if (!check(p != NULL, "waits"))
		return;
	loop_at(loop, &rings, clock_ms(), ring, &rings);
	run();
	loop_cancel(loop, &rings);
	circuit_free(line);
	circuit_port_free(p);
	check_str(said, "missed 5550199: the carrier was lost at once; call; down: hung up",
	          "a call that is none is told, and the next one taken");
}

int main(void)
{
	char address[256];
	real_system = tty_system;
	tty_system.control = control;
	loop = loop_new();
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || fcntl(master, F_SETFL, O_NONBLOCK) != 0)
		abort();
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY); /* the pty outlives its openings */
	snprintf(address, sizeof address, "modem:%s?lock=no", ptsname(master));
	calls(address, 1000, "up; down: hung up", "a carrier that stays");
	calls(address, 1, "down no-carrier: the carrier was lost at once", "one that goes at once");
	waits(address);
	tty_system = real_system;
	close(slave);
	close(master);
	loop_free(loop);
	return tap_done();
}
