/* netlink.c - requests and answers of rtnetlink (RFC 3549).
 * Answers of others (another sequence number, another sender than the kernel)
 * are passed over; what is shorter than it says is not handed on. */
#include "sys/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int netlink_open(void)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (nl < 0 || bind(nl, (struct sockaddr *)&own, sizeof own) == 0)
		return nl;
	int e = errno;
	close(nl);
	errno = e;
	return -1;
}

static void put(struct netlink_req *r, const void *p, size_t n)
{
	if (r->n + NLMSG_ALIGN(n) > sizeof r->body)
		return; /* requests are a few attributes of fixed size */
	memcpy(&r->body[r->n], p, n);
	r->n += NLMSG_ALIGN(n);
}

void netlink_begin(struct netlink_req *r, uint16_t type, uint16_t flags, const void *head, size_t n)
{
	memset(r, 0, sizeof *r);
	r->h.nlmsg_type = type;
	r->h.nlmsg_flags = flags | NLM_F_REQUEST;
	put(r, head, n);
}

void netlink_attr(struct netlink_req *r, uint16_t type, const void *p, size_t n)
{
	struct rtattr a = { .rta_len = (unsigned short)RTA_LENGTH(n), .rta_type = type };
	put(r, &a, sizeof a);
	put(r, p, n);
}

void netlink_attr32(struct netlink_req *r, uint16_t type, uint32_t v)
{
	netlink_attr(r, type, &v, sizeof v);
}

static int post(int nl, struct netlink_req *r)
{
	static uint32_t seq;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	r->h.nlmsg_seq = ++seq;
	r->h.nlmsg_len = (uint32_t)(sizeof r->h + r->n);
	return sendto(nl, r, r->h.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0 ? -1 : 0;
}

struct answer {
	uint32_t seq;
	size_t head;
	netlink_each_fn *fn;
	void *arg;
	bool over;
	int error;
};

static void one(struct answer *a, const struct nlmsghdr *h)
{
	if (h->nlmsg_seq != a->seq)
		return;
	size_t n = h->nlmsg_len - sizeof *h;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		int e = 0;
		if (n >= sizeof e)
			memcpy(&e, NLMSG_DATA(h), sizeof e);
		a->over = true;
		a->error = -e;
	} else if (a->fn && n >= a->head) {
		a->fn(a->arg, h);
	}
}

static void each(struct answer *a, const char *b, size_t n)
{
	struct nlmsghdr h;
	for (size_t at = 0; at + sizeof h <= n && !a->over; at += NLMSG_ALIGN(h.nlmsg_len)) {
		memcpy(&h, b + at, sizeof h);
		if (h.nlmsg_len < sizeof h || h.nlmsg_len > n - at)
			return;
		one(a, (const struct nlmsghdr *)(const void *)(b + at));
	}
}

static int receive(int nl, struct answer *a)
{
	_Alignas(struct nlmsghdr) char b[32768];
	while (!a->over) {
		struct sockaddr_nl from = { 0 };
		socklen_t size = sizeof from;
		ssize_t got = recvfrom(nl, b, sizeof b, 0, (struct sockaddr *)&from, &size);
		if (got < 0 && errno != EINTR)
			return -1;
		if (got < 0 || from.nl_pid != 0)
			continue;
		each(a, b, (size_t)got);
	}
	errno = a->error;
	return a->error ? -1 : 0;
}

int netlink_get(int nl, struct netlink_req *r, size_t head, netlink_each_fn *fn, void *arg)
{
	r->h.nlmsg_flags |= NLM_F_ACK;
	if (post(nl, r) < 0)
		return -1;
	struct answer a = { .seq = r->h.nlmsg_seq, .head = head, .fn = fn, .arg = arg };
	return receive(nl, &a);
}

int netlink_ask(int nl, struct netlink_req *r)
{
	return netlink_get(nl, r, 0, NULL, NULL);
}

int netlink_dump(int nl, struct netlink_req *r, size_t head, netlink_each_fn *fn, void *arg)
{
	r->h.nlmsg_flags |= NLM_F_DUMP;
	if (post(nl, r) < 0)
		return -1;
	struct answer a = { .seq = r->h.nlmsg_seq, .head = head, .fn = fn, .arg = arg };
	return receive(nl, &a);
}

const void *netlink_find(const struct nlmsghdr *h, size_t head, uint16_t type, size_t want)
{
	size_t skip = NLMSG_SPACE(head);
	if (h->nlmsg_len < skip)
		return NULL;
	const char *base = (const char *)h + skip;
	size_t left = h->nlmsg_len - skip;
	for (size_t at = 0; at + sizeof(struct rtattr) <= left;) {
		struct rtattr a;
		memcpy(&a, base + at, sizeof a);
		if (a.rta_len < sizeof a || a.rta_len > left - at)
			return NULL;
		if ((a.rta_type & NLA_TYPE_MASK) == type && a.rta_len >= RTA_LENGTH(want))
			return base + at + RTA_LENGTH(0);
		at += RTA_ALIGN(a.rta_len);
	}
	return NULL;
}

uint32_t netlink_find32(const struct nlmsghdr *h, size_t head, uint16_t type, uint32_t none)
{
	uint32_t v = none;
	const void *p = netlink_find(h, head, type, sizeof v);
	if (p)
		memcpy(&v, p, sizeof v);
	return v;
}
