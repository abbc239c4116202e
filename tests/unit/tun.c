/* tun.c - packets through the kernel, from one TUN device to another: what
 * wire/gro.h put together comes apart as it was. */
#include "sys/route.h"
#include "sys/tun.h"
#include "unit/apart.h"
#include "unit/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#define SEGMENTS 11
#define DATA 1400

static struct tun from, to;

static bool device(struct tun *t, const char *own, const char *peer)
{
	const char *why;
	struct in_addr a, b;
	return inet_pton(AF_INET, own, &a) == 1 && inet_pton(AF_INET, peer, &b) == 1 && tun_open(t, "spt%d", &why) == 0 &&
	       tun_address(t, a, &b) == 0 && tun_up(t) == 0;
}

static bool forwarding(void)
{
	int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "1", 1) == 1;
	close(fd);
	return ok;
}

/* Is b[0..n) what comes out next, but for having been forwarded? */
static bool comes(const uint8_t *b, size_t n)
{
	struct pollfd p = { .fd = to.fd, .events = POLLIN };
	uint8_t got[2048];
	struct out o = out_of(got, sizeof got);
	if (poll(&p, 1, 5000) != 1 || tun_read(to.fd, got, sizeof got) != (ssize_t)n)
		return false;
	bool right = flow_fold(flow_sum(0, got, 20)) == 0 && got[8] == b[8] - 1;
	out_bytes(&o, got, n);
	got[8]++;
	out_patch16(&o, 10, 0);
	out_patch16(&o, 10, flow_fold(flow_sum(0, got, 20)));
	return right && memcmp(got, b, n) == 0;
}

static void segments(unsigned n, size_t last)
{
	static uint8_t packet[SEGMENTS][1500];
	static struct gro g;
	struct flow f = { .port = 1024, .window = 500, .id = 0xfffe, .seq = 0xfffffff0, .timestamps = 0 };
	size_t length[SEGMENTS];
	unsigned added = 0, right = 0;
	g.n = 0;
	for (unsigned i = 0; i < n; i++) {
		struct flow_segment s = { .seq = f.seq, .flags = i + 1 < n ? 16 : 24, .data = i + 1 < n ? DATA : last };
		length[i] = flow_write(&f, &s, packet[i]);
		f.seq += (uint32_t)s.data;
		f.id++;
		added += gro_add(&g, packet[i], length[i]);
	}
	gro_seal(&g);
	check(added == n && tun_write(from.fd, g.b, g.n, g.segment) == 0, "%u segments are one packet of %zu bytes for the device", n, g.n);
	for (unsigned i = 0; i < n; i++)
		right += comes(packet[i], length[i]);
	check(right == n, "and come out of the other as they were (%u of %u)", right, n);
}

int main(void)
{
	uint8_t b[64];
	if (!check(unshare(CLONE_NEWNET) == 0 && forwarding(), "a network namespace of our own, where packets go on"))
		return tap_done();
	check(device(&from, "10.200.0.2", "10.200.0.1") && device(&to, "10.50.0.6", "10.50.0.5"), "two TUN devices");
	segments(1, DATA);
	segments(2, DATA);
	segments(2, 1);
	segments(SEGMENTS, DATA);
	segments(SEGMENTS, 700);
	check(tun_read(to.fd, b, sizeof b) == -1 && errno == EAGAIN, "and nothing else");
	tun_close(&from);
	tun_close(&to);
	return tap_done();
}
