/* netlink.h - one rtnetlink request and its answer at a time, blocking (the
 * kernel answers within the call). */
#ifndef SP_SYS_NETLINK_H
#define SP_SYS_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

struct netlink_req {
	struct nlmsghdr h;
	uint8_t body[256];
	size_t n; /* bytes of body that are used */
};

/* A request: its type, NLM_F_ flags (REQUEST is added) and family header. */
void netlink_begin(struct netlink_req *r, uint16_t type, uint16_t flags, const void *head, size_t n);
void netlink_attr(struct netlink_req *r, uint16_t type, const void *p, size_t n);
void netlink_attr32(struct netlink_req *r, uint16_t type, uint32_t v);

int netlink_open(void); /* close-on-exec; -1 errno */
/* 0, or -1 with the kernel's errno. */
int netlink_ask(int nl, struct netlink_req *r);
/* The same for a question with an answer of its own (RTM_GETROUTE): as
 * netlink_dump, without asking for a dump. */
typedef void netlink_each_fn(void *arg, const struct nlmsghdr *h);
int netlink_get(int nl, struct netlink_req *r, size_t head, netlink_each_fn *fn, void *arg);
/* Asks for a dump; each message that has its whole family header (`head`
 * bytes) goes to fn, and the attributes behind it are found by netlink_find.
 * 0, or -1 errno. */
int netlink_dump(int nl, struct netlink_req *r, size_t head, netlink_each_fn *fn, void *arg);
/* The bytes of an attribute of at least `want` bytes behind the family header
 * of `head` bytes, or NULL. */
const void *netlink_find(const struct nlmsghdr *h, size_t head, uint16_t type, size_t want);
/* The same as a number of the host's order; `none` when there is none. */
uint32_t netlink_find32(const struct nlmsghdr *h, size_t head, uint16_t type, uint32_t none);

#endif
