/* rate.c - pacing one destination by HTB: root qdisc 5097:, a class and a u32
 * filter a destination, all by rtnetlink. Several processes share a device:
 * they take turns by a lock that is an abstract socket's name, so that it is
 * one a network namespace and dies with its owner. */
#include "sys/rate.h"

#include "sys/netlink.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ROOT 0x50970000u
#define BURST 3028u      /* bytes that may go at once: two full packets */
#define PACKET 1514u
#define LOCK_TRIES 1000  /* of a millisecond each */

static int lock(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0sp-rate" };
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 8);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
		if (bind(fd, (struct sockaddr *)&a, size) == 0)
			return fd;
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	if (fd >= 0)
		close(fd);
	errno = ETIMEDOUT;
	return -1;
}

static void on_route(void *arg, const struct nlmsghdr *h)
{
	*(uint32_t *)arg = netlink_find32(h, sizeof(struct rtmsg), RTA_OIF, 0);
}

static int device_to(int nl, struct in_addr to)
{
	struct netlink_req q;
	struct rtmsg m = { .rtm_family = AF_INET, .rtm_dst_len = 32 };
	uint32_t oif = 0;
	netlink_begin(&q, RTM_GETROUTE, 0, &m, sizeof m);
	netlink_attr32(&q, RTA_DST, to.s_addr);
	if (netlink_get(nl, &q, sizeof m, on_route, &oif) != 0)
		return -1;
	return (int)oif;
}

struct seen {
	int ifindex;
	uint32_t root;      /* handle of the root qdisc; 0 the kernel's own */
	bool ours;          /* that is HTB */
	unsigned classes;
	uint8_t used[8192]; /* a bit a minor */
};

static void on_qdisc(void *arg, const struct nlmsghdr *h)
{
	struct seen *s = arg;
	const struct tcmsg *m = NLMSG_DATA(h);
	if (m->tcm_ifindex != s->ifindex || m->tcm_parent != TC_H_ROOT)
		return;
	const char *kind = netlink_find(h, sizeof *m, TCA_KIND, 4);
	s->root = m->tcm_handle;
	s->ours = m->tcm_handle == ROOT && kind && memcmp(kind, "htb", 4) == 0;
}

static void on_class(void *arg, const struct nlmsghdr *h)
{
	struct seen *s = arg;
	const struct tcmsg *m = NLMSG_DATA(h);
	uint32_t minor = TC_H_MIN(m->tcm_handle);
	if (m->tcm_ifindex != s->ifindex || TC_H_MAJ(m->tcm_handle) != ROOT)
		return;
	s->classes++;
	s->used[minor / 8] |= (uint8_t)(1u << minor % 8);
}

static int look(int nl, int ifindex, struct seen *s)
{
	struct netlink_req q;
	struct tcmsg m = { .tcm_family = AF_UNSPEC, .tcm_ifindex = ifindex };
	memset(s, 0, sizeof *s);
	s->ifindex = ifindex;
	netlink_begin(&q, RTM_GETQDISC, 0, &m, sizeof m);
	if (netlink_dump(nl, &q, sizeof m, on_qdisc, s) != 0)
		return -1;
	netlink_begin(&q, RTM_GETTCLASS, 0, &m, sizeof m);
	return netlink_dump(nl, &q, sizeof m, on_class, s);
}

/* One attribute as the payload of another. */
struct nested {
	struct rtattr a;
	uint8_t b[64];
};

static size_t nest(struct nested *n, uint16_t type, const void *p, size_t size)
{
	n->a.rta_type = type;
	n->a.rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(n->b, p, size);
	return RTA_LENGTH(size);
}

static void begin(struct netlink_req *q, uint16_t type, const struct tcmsg *m, const char *kind)
{
	netlink_begin(q, type, type == RTM_DELQDISC || type == RTM_DELTCLASS || type == RTM_DELTFILTER ? 0
	                       : NLM_F_CREATE | NLM_F_EXCL, m, sizeof *m);
	if (kind)
		netlink_attr(q, TCA_KIND, kind, strlen(kind) + 1);
}

static int root_add(int nl, int ifindex)
{
	struct netlink_req q;
	struct nested n;
	struct tc_htb_glob g = { .version = 3, .rate2quantum = 10 }; /* what is in no class goes unpaced */
	struct tcmsg m = { .tcm_ifindex = ifindex, .tcm_handle = ROOT, .tcm_parent = TC_H_ROOT };
	begin(&q, RTM_NEWQDISC, &m, "htb");
	netlink_attr(&q, TCA_OPTIONS, &n, nest(&n, TCA_HTB_INIT, &g, sizeof g));
	q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	return netlink_ask(nl, &q);
}

/* Time to send `bytes`, in the kernel's ticks of 64 ns. */
static uint32_t ticks(uint64_t bytes, uint64_t per_second)
{
	uint64_t t = bytes * 1000000000u / per_second / 64;
	return t > UINT32_MAX ? UINT32_MAX : (uint32_t)t;
}

static int class_add(int nl, const struct rate *r, uint64_t per_second)
{
	struct netlink_req q;
	struct nested n;
	uint64_t burst = per_second / 100 > BURST ? per_second / 100 : BURST;
	struct tc_ratespec spec = { .linklayer = TC_LINKLAYER_ETHERNET, .rate = (uint32_t)per_second };
	struct tc_htb_opt o = { .rate = spec, .ceil = spec, .quantum = PACKET,
		                .buffer = ticks(burst, per_second), .cbuffer = ticks(burst, per_second) };
	struct tcmsg m = { .tcm_ifindex = r->ifindex, .tcm_handle = ROOT | r->minor, .tcm_parent = ROOT };
	begin(&q, RTM_NEWTCLASS, &m, "htb");
	netlink_attr(&q, TCA_OPTIONS, &n, nest(&n, TCA_HTB_PARMS, &o, sizeof o));
	return netlink_ask(nl, &q);
}

/* A queue of about a second: the device's own would hold minutes of a modem. */
static int queue_add(int nl, const struct rate *r, uint64_t per_second)
{
	struct netlink_req q;
	uint64_t packets = per_second / PACKET;
	struct tc_fifo_qopt o = { .limit = packets < 8 ? 8 : packets > 1000 ? 1000 : (uint32_t)packets };
	struct tcmsg m = { .tcm_ifindex = r->ifindex, .tcm_parent = ROOT | r->minor };
	begin(&q, RTM_NEWQDISC, &m, "pfifo");
	netlink_attr(&q, TCA_OPTIONS, &o, sizeof o);
	return netlink_ask(nl, &q);
}

static struct tcmsg filter_head(const struct rate *r)
{
	return (struct tcmsg){ .tcm_ifindex = r->ifindex, .tcm_parent = ROOT,
		               .tcm_info = TC_H_MAKE(r->minor << 16, htons(ETH_P_IP)) };
}

static int filter_add(int nl, const struct rate *r, struct in_addr to)
{
	struct netlink_req q;
	struct nested n;
	struct tcmsg m = filter_head(r);
	struct tc_u32_sel sel = { .flags = TC_U32_TERMINAL, .nkeys = 1 };
	struct tc_u32_key key = { .mask = UINT32_MAX, .val = to.s_addr, .off = 16 }; /* the destination */
	uint8_t u[sizeof sel + sizeof key], both[128];
	uint32_t class = ROOT | r->minor;
	memcpy(u, &sel, sizeof sel);
	memcpy(u + sizeof sel, &key, sizeof key);
	size_t at = nest(&n, TCA_U32_CLASSID, &class, sizeof class);
	memcpy(both, &n, at);
	size_t more = nest(&n, TCA_U32_SEL, u, sizeof u);
	memcpy(both + at, &n, more);
	begin(&q, RTM_NEWTFILTER, &m, "u32");
	netlink_attr(&q, TCA_OPTIONS, both, at + more);
	return netlink_ask(nl, &q);
}

static int undo_parts(int nl, const struct rate *r)
{
	struct netlink_req q;
	struct tcmsg f = filter_head(r);
	struct tcmsg c = { .tcm_ifindex = r->ifindex, .tcm_handle = ROOT | r->minor, .tcm_parent = ROOT };
	struct tcmsg root = { .tcm_ifindex = r->ifindex, .tcm_handle = ROOT, .tcm_parent = TC_H_ROOT };
	struct seen s;
	int rc;
	begin(&q, RTM_DELTFILTER, &f, NULL);
	netlink_ask(nl, &q); /* may never have been made */
	begin(&q, RTM_DELTCLASS, &c, NULL);
	rc = netlink_ask(nl, &q);
	if (look(nl, r->ifindex, &s) == 0 && s.ours && s.classes == 0) {
		begin(&q, RTM_DELQDISC, &root, NULL);
		rc = netlink_ask(nl, &q);
	}
	return rc;
}

/* A minor that nobody has; 0 when all are taken. */
static uint32_t minor_free(const struct seen *s, struct in_addr to)
{
	uint32_t first = ntohl(to.s_addr) & 0x7fff;
	for (uint32_t i = 0; i < 0x7fff; i++) {
		uint32_t minor = (first + i) % 0x7fff + 1;
		if (!(s->used[minor / 8] & 1u << minor % 8))
			return minor;
	}
	return 0;
}

static int set_locked(int nl, struct guard *g, struct in_addr to, uint64_t per_second, struct rate *r,
                      const char **why)
{
	struct seen s;
	*why = "there is no route to it";
	r->ifindex = device_to(nl, to);
	if (r->ifindex <= 0)
		return -1;
	*why = "the kernel does not say what the device's queueing is";
	if (look(nl, r->ifindex, &s) != 0)
		return -1;
	*why = "the device has a queueing discipline of somebody else's";
	errno = EBUSY;
	if ((!s.ours && s.root != 0) || (r->minor = minor_free(&s, to)) == 0)
		return -1;
	*why = "the guard that would undo it is gone";
	if (guard_add(g, r) != 0)
		return -1;
	*why = "the kernel refuses to pace";
	if ((s.ours || root_add(nl, r->ifindex) == 0) && class_add(nl, r, per_second) == 0 &&
	    queue_add(nl, r, per_second) == 0 && filter_add(nl, r, to) == 0)
		return 0;
	int e = errno;
	undo_parts(nl, r);
	guard_drop(g, r);
	errno = e;
	return -1;
}

int rate_set(struct guard *g, struct in_addr to, uint64_t bits_per_second, struct rate *out, const char **why)
{
	uint64_t per_second = bits_per_second / 8;
	int rc = -1, nl = -1, turn = -1;
	*out = (struct rate){ 0, 0 };
	*why = "no rate that can be set";
	errno = ERANGE;
	if (per_second == 0 || per_second > UINT32_MAX)
		return -1;
	*why = "another process does not let go of the lock";
	if ((turn = lock()) < 0)
		return -1;
	*why = "no netlink socket";
	if ((nl = netlink_open()) >= 0)
		rc = set_locked(nl, g, to, per_second, out, why);
	int e = errno;
	if (nl >= 0)
		close(nl);
	close(turn);
	errno = e;
	return rc;
}

static int undo(const struct rate *r)
{
	int rc = -1, turn = lock(), nl = netlink_open();
	if (nl >= 0)
		rc = undo_parts(nl, r); /* also without the lock: better than to leave it */
	int e = errno;
	if (nl >= 0)
		close(nl);
	if (turn >= 0)
		close(turn);
	errno = e;
	return rc;
}

int rate_undo(struct guard *g, const struct rate *r)
{
	int rc = undo(r);
	if (rc == 0)
		guard_drop(g, r);
	return rc;
}

static void undo_by_guard(const void *item)
{
	struct rate r;
	memcpy(&r, item, sizeof r);
	undo(&r);
}

struct guard *rate_guard(void)
{
	return guard_new(sizeof(struct rate), undo_by_guard);
}

bool rate_permitted(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { 0 };
	return syscall(SYS_capget, &h, d) == 0 && (d[0].effective & 1u << CAP_NET_ADMIN) != 0;
}
