/* wallnet.h - for tests of the wall: a service processor in a network namespace of the test's own,
 * with a link, a tunnel and a customer's network, which are TUN devices, and packets as they come
 * in from those. What is let in is told by who gets it. */
#ifndef SP_TESTS_WALLNET_H
#define SP_TESTS_WALLNET_H

#include "base/cursor.h"
#include "sys/route.h"
#include "sys/tun.h"
#include "sys/wall.h"
#include "unit/flow.h"
#include "unit/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#define OWN "192.0.2.1"
#define INSIDE "10.99.0.7"
#define GATEWAY "10.9.0.1"
#define WORKSTATION "10.50.0.5"
#define LAN_OWN "10.1.1.1"
#define LAN_HOST "10.1.1.2"

enum { NET_TCP = 6, NET_UDP = 17, NET_SYN = 2, NET_RST = 4, NET_ACK = 16 };

static struct tun net_link = { .fd = -1 }, net_tunnel = { .fd = -1 }, net_lan = { .fd = -1 };

static inline struct in_addr net_ip(const char *text)
{
	struct in_addr a;
	if (inet_pton(AF_INET, text, &a) != 1)
		abort();
	return a;
}

static inline bool net_device(struct tun *t, const char *name, const char *own, const char *peer)
{
	const char *why;
	struct in_addr to = net_ip(peer);
	return tun_open(t, name, &why) == 0 && tun_address(t, net_ip(own), &to) == 0 && tun_up(t) == 0;
}

static inline bool net_forwarding(void)
{
	int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "1", 1) == 1;
	close(fd);
	return ok;
}

/* The tunnel's peer is the workstation; the gateway is behind the link. */
static inline bool net_begin(void)
{
	int nl;
	if (unshare(CLONE_NEWNET) != 0 || (nl = route_open()) < 0)
		return false;
	bool ok = route_link_up(nl, 1) == 0 && net_forwarding() && net_device(&net_link, "ras%d", OWN, "192.0.2.2") &&
	          net_device(&net_tunnel, "spg%d", INSIDE, WORKSTATION) && net_device(&net_lan, "lan%d", LAN_OWN, LAN_HOST) &&
	          route_add(nl, &(struct route){ net_ip(GATEWAY), 32, net_link.index, ROUTE_TABLE_MAIN, 0 }) == 0;
	close(nl);
	return ok;
}

struct net_packet {
	uint8_t proto;
	const char *from;
	uint16_t sport;
	const char *to;
	uint16_t dport;
	uint8_t flags; /* of TCP */
	const char *data; /* of UDP */
};

static inline size_t net_write(const struct net_packet *p, uint8_t b[1500])
{
	struct out o = out_of(b, 1500);
	size_t data = p->data ? strlen(p->data) : 0, n = p->proto == NET_TCP ? 40 : 28 + data;
	out_u32(&o, 0x45000000 | (uint32_t)n);
	out_u32(&o, 0x12340000);
	out_u32(&o, 64u << 24 | (uint32_t)p->proto << 16);
	out_u32(&o, ntohl(net_ip(p->from).s_addr));
	out_u32(&o, ntohl(net_ip(p->to).s_addr));
	out_u16(&o, p->sport);
	out_u16(&o, p->dport);
	if (p->proto == NET_TCP) {
		out_u32(&o, p->flags == NET_RST ? 1001 : 1000);
		out_u32(&o, 0);
		out_u32(&o, 0x50000000 | (uint32_t)p->flags << 16 | 1000);
		out_u32(&o, 0);
		out_patch16(&o, 36, flow_tcp_sum(b, 40));
	} else {
		out_u16(&o, (uint16_t)(8 + data));
		out_u16(&o, 0); /* none is made */
		out_bytes(&o, p->data, data);
	}
	out_patch16(&o, 10, flow_fold(flow_sum(0, b, 20)));
	return n;
}

static inline void net_inject(const struct tun *t, const struct net_packet *p)
{
	uint8_t b[1500];
	if (tun_write(t->fd, b, net_write(p, b), 0) != 0)
		check(false, "written into %s: %s", t->name, strerror(errno));
}

/* What the kernel sends out of a device, now: 0 when there is nothing. Its ports and TCP flags. */
struct net_out { size_t n; uint8_t proto, flags; uint16_t sport, dport; };
static inline struct net_out net_read(const struct tun *t)
{
	uint8_t b[1500];
	ssize_t n = tun_read(t->fd, b, sizeof b);
	if (n < 28)
		return (struct net_out){ 0 };
	return (struct net_out){ (size_t)n, b[9], b[9] == NET_TCP ? b[33] : b[20], (uint16_t)(b[20] << 8 | b[21]), (uint16_t)(b[22] << 8 | b[23]) };
}

static inline void net_drain(const struct tun *t)
{
	while (net_read(t).n)
		;
}

static inline int net_socket(int type, const char *own, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = net_ip(own), .sin_port = htons(port) };
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || (type == SOCK_STREAM && listen(fd, 8) != 0))
		check(false, "port %u: %s", port, strerror(errno));
	return fd;
}

static inline bool net_send(int fd, const char *to, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = net_ip(to), .sin_port = htons(port) };
	return sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof a) == 1;
}

/* Does a UDP packet arrive? One that is written into a device is where it goes to when that returns. */
static inline bool net_arrives(const struct tun *t, const struct net_packet *p, int fd)
{
	char b[16];
	while (recv(fd, b, sizeof b, 0) >= 0)
		;
	net_inject(t, p);
	return recv(fd, b, sizeof b, 0) >= 0;
}

/* Is a connection answered, over the device that it came by? It ends at once, so that it is another one next time. */
static inline bool net_answered(const struct tun *t, const struct net_packet *p)
{
	struct net_packet end = *p;
	end.flags = NET_RST;
	net_drain(t);
	net_inject(t, p);
	struct net_out o = net_read(t);
	net_inject(t, &end);
	return o.n && o.proto == NET_TCP && o.flags == (NET_SYN | NET_ACK) && o.sport == p->dport && o.dport == p->sport;
}

#endif
