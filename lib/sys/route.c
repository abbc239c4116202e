/* route.c - routes, rules and addresses by rtnetlink; rp_filter by /proc/sys. */
#include "sys/route.h"

#include "sys/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int route_open(void)
{
	return netlink_open();
}

static int change(int nl, uint16_t type, uint16_t flags, const struct route *r)
{
	struct netlink_req q;
	bool own = r->table == ROUTE_TABLE_LOCAL;
	struct rtmsg m = { .rtm_family = AF_INET, .rtm_dst_len = (unsigned char)r->bits,
		           .rtm_table = RT_TABLE_UNSPEC, .rtm_protocol = ROUTE_PROTOCOL,
		           .rtm_scope = own ? RT_SCOPE_HOST : RT_SCOPE_LINK,
		           .rtm_type = own ? RTN_LOCAL : RTN_UNICAST };
	netlink_begin(&q, type, flags, &m, sizeof m);
	netlink_attr32(&q, RTA_DST, r->dst.s_addr);
	netlink_attr32(&q, RTA_OIF, (uint32_t)r->ifindex);
	netlink_attr32(&q, RTA_TABLE, r->table);
	if (r->metric)
		netlink_attr32(&q, RTA_PRIORITY, r->metric);
	return netlink_ask(nl, &q);
}

int route_add(int nl, const struct route *r)
{
	return change(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, r);
}

int route_replace(int nl, const struct route *r)
{
	return change(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, r);
}

int route_del(int nl, const struct route *r)
{
	return change(nl, RTM_DELROUTE, 0, r);
}

struct tally {
	uint32_t table;
	int n;
};

static void count_one(void *arg, const struct nlmsghdr *h)
{
	struct tally *t = arg;
	const struct rtmsg *m = NLMSG_DATA(h);
	t->n += netlink_find32(h, sizeof *m, RTA_TABLE, m->rtm_table) == t->table;
}

int route_count(int nl, uint32_t table)
{
	struct netlink_req q;
	struct tally t = { table, 0 };
	netlink_begin(&q, RTM_GETROUTE, 0, &(struct rtmsg){ .rtm_family = AF_INET }, sizeof(struct rtmsg));
	return netlink_dump(nl, &q, sizeof(struct rtmsg), count_one, &t) < 0 ? -1 : t.n;
}

static int rule(int nl, uint16_t type, uint16_t flags, const struct route_rule *r)
{
	struct netlink_req q;
	uint8_t protocol = ROUTE_PROTOCOL;
	struct fib_rule_hdr h = { .family = AF_INET, .src_len = 32, .action = FR_ACT_TO_TBL };
	netlink_begin(&q, type, flags, &h, sizeof h);
	netlink_attr32(&q, FRA_SRC, r->from.s_addr);
	netlink_attr32(&q, FRA_TABLE, r->table);
	netlink_attr32(&q, FRA_PRIORITY, r->priority);
	netlink_attr(&q, FRA_PROTOCOL, &protocol, sizeof protocol);
	return netlink_ask(nl, &q);
}

int route_rule_add(int nl, const struct route_rule *r)
{
	return rule(nl, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, r);
}

int route_rule_del(int nl, const struct route_rule *r)
{
	return rule(nl, RTM_DELRULE, 0, r);
}

struct walk {
	uint32_t table;
	route_rule_fn *fn;
	void *arg;
};

static void rule_one(void *arg, const struct nlmsghdr *h)
{
	struct walk *w = arg;
	const struct fib_rule_hdr *m = NLMSG_DATA(h);
	const uint8_t *protocol = netlink_find(h, sizeof *m, FRA_PROTOCOL, 1);
	struct route_rule r = { .table = netlink_find32(h, sizeof *m, FRA_TABLE, m->table) };
	if (r.table != w->table || m->src_len != 32 || !protocol || *protocol != ROUTE_PROTOCOL)
		return;
	r.from.s_addr = netlink_find32(h, sizeof *m, FRA_SRC, 0);
	r.priority = netlink_find32(h, sizeof *m, FRA_PRIORITY, 0);
	w->fn(w->arg, &r);
}

int route_rule_each(int nl, uint32_t table, route_rule_fn *fn, void *arg)
{
	struct netlink_req q;
	struct walk w = { table, fn, arg };
	netlink_begin(&q, RTM_GETRULE, 0, &(struct fib_rule_hdr){ .family = AF_INET }, sizeof(struct fib_rule_hdr));
	return netlink_dump(nl, &q, sizeof(struct fib_rule_hdr), rule_one, &w);
}

int route_address_add(int nl, int ifindex, struct in_addr own, const struct in_addr *peer, unsigned bits)
{
	struct netlink_req q;
	struct ifaddrmsg m = { .ifa_family = AF_INET, .ifa_prefixlen = (unsigned char)bits,
		               .ifa_index = (unsigned)ifindex };
	netlink_begin(&q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
	netlink_attr32(&q, IFA_LOCAL, own.s_addr);
	netlink_attr32(&q, IFA_ADDRESS, peer ? peer->s_addr : own.s_addr);
	return netlink_ask(nl, &q);
}

int route_link_up(int nl, int ifindex)
{
	struct netlink_req q;
	struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	netlink_begin(&q, RTM_NEWLINK, 0, &m, sizeof m);
	return netlink_ask(nl, &q);
}

struct own {
	in_addr_t a;
	int found;
};

static void own_one(void *arg, const struct nlmsghdr *h)
{
	struct own *o = arg;
	const struct rtmsg *m = NLMSG_DATA(h);
	uint32_t table = netlink_find32(h, sizeof *m, RTA_TABLE, m->rtm_table);
	if (table != RT_TABLE_LOCAL || (m->rtm_type != RTN_LOCAL && m->rtm_type != RTN_BROADCAST))
		return;
	uint32_t mask = m->rtm_dst_len ? htonl(UINT32_MAX << (32 - m->rtm_dst_len)) : 0;
	if ((o->a & mask) == (netlink_find32(h, sizeof *m, RTA_DST, 0) & mask))
		o->found = 1;
}

int route_address_own(int nl, struct in_addr a)
{
	struct netlink_req q;
	struct own o = { a.s_addr, 0 };
	netlink_begin(&q, RTM_GETROUTE, 0, &(struct rtmsg){ .rtm_family = AF_INET }, sizeof(struct rtmsg));
	return netlink_dump(nl, &q, sizeof(struct rtmsg), own_one, &o) < 0 ? -1 : o.found;
}

static int rp_open(const char *ifname, int flags)
{
	char path[64 + IFNAMSIZ];
	if (strlen(ifname) >= IFNAMSIZ || strchr(ifname, '/') || ifname[0] == '.') {
		errno = EINVAL;
		return -1;
	}
	snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/rp_filter", ifname);
	return open(path, flags | O_CLOEXEC);
}

int route_rp_filter(const char *ifname)
{
	char c = 0;
	int fd = rp_open(ifname, O_RDONLY);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, &c, 1);
	close(fd);
	if (n == 1 && c >= '0' && c <= '2')
		return c - '0';
	errno = EINVAL;
	return -1;
}

int route_rp_filter_set(const char *ifname, int value)
{
	char c = (char)('0' + value);
	int fd = rp_open(ifname, O_WRONLY);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, &c, 1);
	int e = errno;
	close(fd);
	errno = e;
	return n == 1 ? 0 : -1;
}

int route_listen(const char *ifname, struct in_addr own, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = own };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname, (socklen_t)strlen(ifname) + 1) == 0 &&
	    bind(fd, (struct sockaddr *)&sin, sizeof sin) == 0 && listen(fd, 16) == 0)
		return fd;
	int e = errno;
	close(fd);
	errno = e;
	return -1;
}

int route_link_mtu(const char *ifname)
{
	struct ifreq r;
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -1;
	memset(&r, 0, sizeof r);
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", ifname);
	int rc = ioctl(s, SIOCGIFMTU, &r);
	close(s);
	return rc < 0 ? -1 : r.ifr_mtu;
}
