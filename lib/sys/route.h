/* route.h - the kernel's routing by rtnetlink, of this network namespace, IPv4.
 * `nl` is what route_open gave. Every call is one request and its answer: 0, or
 * -1 with the kernel's errno (EEXIST: is there already; ESRCH, ENOENT, ENODEV:
 * is not). What it makes is marked with a protocol number of our own. */
#ifndef SP_SYS_ROUTE_H
#define SP_SYS_ROUTE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

int route_open(void); /* close-on-exec; close(2) it. -1 errno */

#define ROUTE_TABLE_MAIN 254u
#define ROUTE_TABLE_LOCAL 255u /* what it leads to are addresses of this machine */
#define ROUTE_PROTOCOL 143 /* "proto 143" in what `ip route` and `ip rule` show */

/* dst/bits through a device, in a table; metric 0 is the first choice. It goes
 * with the device by itself. */
struct route {
	struct in_addr dst;
	unsigned bits;
	int ifindex;
	uint32_t table, metric;
};
int route_add(int nl, const struct route *r);     /* EEXIST: there is one to there */
int route_replace(int nl, const struct route *r); /* whatever was there */
int route_del(int nl, const struct route *r);
int route_count(int nl, uint32_t table); /* how many a table has; -1 errno */

/* "from ADDRESS lookup TABLE" at a priority (lower is asked first; the main
 * table is 32766). Adding one that is there is EEXIST. */
struct route_rule {
	struct in_addr from;
	uint32_t table, priority;
};
int route_rule_add(int nl, const struct route_rule *r);
int route_rule_del(int nl, const struct route_rule *r);
/* All rules for a table that carry our mark. The callback may not use nl. */
typedef void route_rule_fn(void *arg, const struct route_rule *r);
int route_rule_each(int nl, uint32_t table, route_rule_fn *fn, void *arg);

/* own/bits (peer NULL), or own and a peer. */
int route_address_add(int nl, int ifindex, struct in_addr own, const struct in_addr *peer, unsigned bits);
int route_link_up(int nl, int ifindex);
int route_link_mtu(const char *ifname); /* bytes; -1 errno */

/* What of ours is this? An address or broadcast address of this machine (local
 * table), or nothing: 1, 0, or -1 errno. */
int route_address_own(int nl, struct in_addr a);

/* rp_filter of conf/NAME ("all" too): 0, 1, 2 or -1 errno. What works on a
 * device is the larger of its own and that of all. */
int route_rp_filter(const char *ifname);
int route_rp_filter_set(const char *ifname, int value); /* 0/-1 */

/* A listening TCP socket, non-blocking and close-on-exec, that takes
 * connections from one device only, and answers over it whatever the routing
 * says. -1 errno. */
int route_listen(const char *ifname, struct in_addr own, uint16_t port);

#endif
