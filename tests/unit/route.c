/* route.c - routes, rules, TUN devices and the guard, in a network namespace of
 * the test's own; what the kernel says afterwards is what counts. */
#include "sys/guard.h"
#include "sys/route.h"
#include "sys/tun.h"
#include "unit/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int nl;

static struct in_addr ip(const char *text)
{
	struct in_addr a;
	if (inet_pton(AF_INET, text, &a) != 1)
		abort();
	return a;
}

struct seen {
	unsigned n;
	struct route_rule last;
};

static void see(void *arg, const struct route_rule *r)
{
	struct seen *s = arg;
	s->n++;
	s->last = *r;
}

static unsigned rules(struct route_rule *last)
{
	struct seen s = { 0 };
	if (route_rule_each(nl, 4341, see, &s) < 0)
		return 99;
	if (last)
		*last = s.last;
	return s.n;
}

static void tun_device(struct tun *t)
{
	const char *why = "";
	struct in_addr peer = ip("192.0.2.2");
	struct tun other;
	check(tun_open(t, "spt%d", &why) == 0, "a TUN device is made (%s)", why);
	check_str(t->name, "spt0", "it has the first name of the pattern");
	check(tun_open(&other, "spt0", &why) == -1 && errno == EBUSY && other.fd == -1, "a name that is taken is refused");
	check(tun_open(&other, "a-name-that-is-too-long", &why) == -1 && errno == ENAMETOOLONG, "so is one that is too long");
	check(tun_address(t, ip("192.0.2.1"), &peer) == 0 && tun_mtu(t, 1400) == 0 && tun_up(t) == 0, "address, mtu, up");
	check(tun_mtu(t, 67) == -1 && errno == EINVAL, "an mtu of 67 is refused");
	check(route_address_own(nl, ip("192.0.2.1")) == 1 && route_address_own(nl, ip("192.0.2.2")) == 0, "the address is ours, the peer's is not");
}

/* A packet of the kernel's comes out whole, checksum included. */
static void tun_packet(const struct tun *t)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7), .sin_addr = ip("192.0.2.2") };
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	uint8_t b[2048];
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	check(sendto(s, "hello", 5, 0, (struct sockaddr *)&to, sizeof to) == 5, "a datagram to the peer is sent");
	ssize_t n = poll(&p, 1, 5000) == 1 ? tun_read(t->fd, b, sizeof b) : -1;
	check(n == 33 && b[0] == 0x45 && memcmp(b + 28, "hello", 5) == 0, "it is read from the device, whole");
	uint32_t sum = n == 33 ? 17 + 13 : 0;
	for (int i = 12; i < 33 && n == 33; i++)
		sum += i & 1 ? b[i] : (uint32_t)b[i] << 8;
	check(sum && ((sum & 0xffff) + (sum >> 16)) % 0xffff == 0, "its UDP checksum is filled in");
	check(tun_read(t->fd, b, sizeof b) == -1 && errno == EAGAIN, "the device does not block");
	close(s);
}

static void routes(const struct tun *t)
{
	struct route r = { .dst = ip("10.50.0.5"), .bits = 32, .ifindex = t->index, .table = 4341 };
	struct route far = r;
	check(route_count(nl, 4341) == 0, "the table is empty");
	check(route_add(nl, &r) == 0 && route_count(nl, 4341) == 1, "a route is added");
	check(route_add(nl, &r) == -1 && errno == EEXIST, "a second time it is there already");
	check(route_replace(nl, &r) == 0 && route_count(nl, 4341) == 1, "replacing leaves one");
	far.metric = 7;
	check(route_add(nl, &far) == 0 && route_count(nl, 4341) == 2, "another metric is another route");
	check(route_del(nl, &r) == 0 && route_del(nl, &far) == 0 && route_count(nl, 4341) == 0, "both are deleted");
	check(route_del(nl, &r) == -1 && errno == ESRCH, "what is not there cannot be deleted");
	r.ifindex = 9999;
	check(route_add(nl, &r) == -1 && errno == ENODEV, "no route through no device");
}

static void rule(void)
{
	struct route_rule r = { ip("192.0.2.1"), 4341, 10005 }, got;
	check(route_rule_add(nl, &r) == 0 && rules(&got) == 1, "a rule is added");
	check(got.from.s_addr == r.from.s_addr && got.priority == 10005 && got.table == 4341, "it reads back as written");
	check(route_rule_add(nl, &r) == -1 && errno == EEXIST, "a second time it is there already");
	r.priority++;
	check(route_rule_add(nl, &r) == 0 && rules(NULL) == 2, "another priority is another rule");
	check(route_rule_del(nl, &r) == 0 && rules(&got) == 1 && got.priority == 10005, "the one that is meant is deleted");
	r.priority--;
	check(route_rule_del(nl, &r) == 0 && rules(NULL) == 0, "and the other");
	check(route_rule_del(nl, &r) == -1 && errno == ENOENT, "what is not there cannot be deleted");
}

static void undo(const void *item)
{
	int own = route_open();
	route_rule_del(own, item);
	close(own);
}

/* A process that makes a rule under a guard and is killed. */
static void guarded(bool drop)
{
	int p[2];
	char c;
	struct route_rule r = { .from = ip("192.0.2.1"), .table = 4341, .priority = 10007 };
	if (pipe(p) < 0)
		abort();
	pid_t pid = fork();
	if (pid == 0) {
		struct guard *g = guard_new(sizeof r, undo);
		if (!g || guard_add(g, &r) < 0 || route_rule_add(nl, &r) < 0 || (drop && guard_drop(g, &r) < 0))
			_exit(1);
		if (write(p[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	check(read(p[0], &c, 1) == 1 && rules(NULL) == 1, "a process made a rule");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 500 && rules(NULL) != (drop ? 1u : 0u); i++)
		poll(NULL, 0, 10);
	check(rules(NULL) == (drop ? 1u : 0u), drop ? "what was taken off the list stays" : "killed with -9: its guard deletes it");
	close(p[0]);
	close(p[1]);
}

static void guard_end(void)
{
	struct route_rule r = { .from = ip("192.0.2.1"), .table = 4341, .priority = 10007 };
	struct guard *g = guard_new(sizeof r, undo);
	check(g && rules(NULL) == 1 && guard_add(g, &r) == 0, "a guard takes a rule over");
	guard_free(g);
	check(rules(NULL) == 0, "guard_free undoes what is left before it returns");
	check(guard_new(GUARD_ITEM_MAX + 1, undo) == NULL, "an item that is too large is refused");
	g = guard_new(sizeof r, undo);
	int i = 0;
	while (g && i <= GUARD_ITEMS && guard_add(g, &r) == 0)
		i++;
	check(i == GUARD_ITEMS && errno == ENOSPC, "the list has an end");
	guard_free(g);
}

static void rp_filter(const struct tun *t)
{
	check(route_rp_filter("all") >= 0 && route_rp_filter(t->name) >= 0, "rp_filter is read");
	check(route_rp_filter_set(t->name, 2) == 0 && route_rp_filter(t->name) == 2, "and set");
	check(route_rp_filter("no-such-dev") == -1 && errno == ENOENT, "of no device: ENOENT");
	check(route_rp_filter("../all") == -1 && errno == EINVAL, "a path is no name");
}

int main(void)
{
	struct tun t;
	if (!check(unshare(CLONE_NEWNET) == 0, "a network namespace of our own"))
		return tap_done();
	nl = route_open();
	check(nl >= 0 && route_link_up(nl, 1) == 0, "lo is up");
	check(route_address_own(nl, ip("127.0.0.1")) == 1 && route_address_own(nl, ip("127.9.9.9")) == 1, "127/8 is ours");
	tun_device(&t);
	tun_packet(&t);
	routes(&t);
	rule();
	guarded(false);
	guarded(true);
	guard_end();
	rp_filter(&t);
	struct route r = { .dst = ip("10.50.0.5"), .bits = 32, .ifindex = t.index, .table = 4341 };
	check(route_add(nl, &r) == 0, "a route again");
	tun_close(&t);
	tun_close(&t);
	/* What the killed process held may be let go of a moment after it was waited for. */
	for (int i = 0; i < 200 && route_rp_filter("spt0") != -1; i++)
		poll(NULL, 0, 10);
	check(route_count(nl, 4341) == 0 && route_rp_filter("spt0") == -1, "device and route go with the descriptor");
	return tap_done();
}
