/* rate.c - unit tests of lib/sys/rate.h in a network namespace of its own: what
 * the kernel has afterwards, and how fast packets then go. */
#include "base/num.h"
#include "sys/rate.h"
#include "unit/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct in_addr ip(const char *text)
{
	struct in_addr a = { 0 };
	inet_pton(AF_INET, text, &a);
	return a;
}

/* How many lines of `tc WHAT show dev lo` contain text. */
static int tc(const char *what, const char *text)
{
	char command[128], line[512];
	int n = 0;
	snprintf(command, sizeof command, "tc %s show dev lo 2>/dev/null", what);
	FILE *f = popen(command, "r");
	while (f && fgets(line, sizeof line, f))
		n += strstr(line, text) != NULL;
	if (f)
		pclose(f);
	return n;
}

static bool lo_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool ok = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &r) == 0;
	close(fd);
	return ok;
}

/* Milliseconds until `packets` of 1000 bytes sent to the address have come. */
static int64_t send_some(const char *to, int packets)
{
	char b[972] = { 0 }; /* and 28 of headers */
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = ip(to) };
	socklen_t size = sizeof a;
	int in = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(in, (struct sockaddr *)&a, sizeof a) != 0 || getsockname(in, (struct sockaddr *)&a, &size) != 0)
		return -1;
	int64_t begun = clock_ms();
	for (int i = 0; i < packets; i++)
		if (sendto(out, b, sizeof b, 0, (struct sockaddr *)&a, size) < 0)
			return -1;
	for (int i = 0; i < packets; i++)
		if (recv(in, b, sizeof b, 0) < 0)
			return -1;
	close(in);
	close(out);
	return clock_ms() - begun;
}

static void test_set(struct guard *g)
{
	struct rate a, b;
	const char *why = "";
	int64_t begun = clock_ms();
	check(rate_set(g, ip("127.0.0.2"), 160000, &a, &why) == 0, "a rate: %s", why);
	check(clock_ms() - begun < 100, "set in %d ms", (int)(clock_ms() - begun));
	check(rate_set(g, ip("127.128.0.2"), 33600, &b, &why) == 0, "a second on the same device: %s", why);
	check(a.minor != b.minor, "classes of their own, also where the addresses' ends are alike");
	check(tc("class", "rate 160Kbit") == 1 && tc("class", "rate 33600bit") == 1, "the kernel has both");
	int64_t ms = send_some("127.0.0.2", 8); /* 64 kbit, 24 of them at once */
	check(ms > 100 && ms < 3000, "8 kB at 160 kbit/s take %d ms", (int)ms);
	ms = send_some("127.0.0.3", 8);
	check(ms >= 0 && ms < 100, "others are not slowed: %d ms", (int)ms);
	check(rate_undo(g, &a) == 0 && tc("class", "rate") == 1, "one undone, the other stays");
	check(rate_undo(g, &b) == 0 && tc("qdisc", "htb") == 0, "the discipline goes with the last");
	check(rate_undo(g, &b) == -1, "undoing twice is said");
}

static void test_refused(struct guard *g)
{
	struct rate a;
	const char *why = "";
	check(rate_set(g, ip("10.1.2.3"), 33600, &a, &why) == -1, "no route: %s", why);
	check(rate_set(g, ip("127.0.0.2"), 7, &a, &why) == -1, "no rate: %s", why);
	if (system("tc qdisc add dev lo root handle 7: htb") != 0)
		check(false, "tc");
	check(rate_set(g, ip("127.0.0.2"), 33600, &a, &why) == -1 && errno == EBUSY, "somebody else's: %s", why);
	check(tc("qdisc", "htb 7:") == 1, "is left alone");
	if (system("tc qdisc del dev lo root") != 0)
		check(false, "tc");
}

/* A process that sets a rate and is killed with -9 leaves nothing. */
static void test_guard(void)
{
	int p[2];
	char c = 0;
	if (pipe(p) != 0)
		exit(8);
	pid_t pid = fork();
	if (pid == 0) {
		struct rate a;
		const char *why;
		struct guard *g = rate_guard();
		if (g && rate_set(g, ip("127.0.0.2"), 33600, &a, &why) == 0 && write(p[1], "y", 1) == 1)
			pause();
		_exit(1);
	}
	check(read(p[0], &c, 1) == 1 && tc("qdisc", "htb") == 1, "another process sets a rate");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	int64_t end = clock_deadline(5000);
	while (tc("qdisc", "htb") && clock_ms() < end)
		;
	check(tc("qdisc", "htb") == 0, "killed with -9, its guard undoes it");
}

int main(void)
{
	if (unshare(CLONE_NEWNET) != 0 || !lo_up()) {
		check(false, "a network namespace of its own (needs root): %s", strerror(errno));
		return tap_done();
	}
	check(rate_permitted(), "permitted");
	struct guard *g = rate_guard();
	test_set(g);
	test_refused(g);
	guard_free(g);
	test_guard();
	return tap_done();
}
