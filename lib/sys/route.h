/* route.h - the kernel's routing by rtnetlink, of this network namespace, IPv4.
 * `nl` is what route_open gave. Every call is one request and its answer: 0, or
 * -1 with the kernel's errno (EEXIST: is there already; ESRCH, ENODEV: is not). */
#ifndef SP_SYS_ROUTE_H
#define SP_SYS_ROUTE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

int route_open(void); /* close-on-exec; close(2) it. -1 errno */

#define ROUTE_TABLE_MAIN 254u
/* dst/bits through the device, in a table. route_add fails with EEXIST when
 * there is one; route_put replaces it. It goes with the device by itself. */
int route_add(int nl, struct in_addr dst, unsigned bits, int ifindex, uint32_t table);
int route_put(int nl, struct in_addr dst, unsigned bits, int ifindex, uint32_t table);
int route_del(int nl, struct in_addr dst, unsigned bits, int ifindex, uint32_t table);
/* How many routes a table has; -1 errno. */
int route_count(int nl, uint32_t table);

/* "from ADDRESS lookup TABLE" at a priority (lower is asked first; the main
 * table is 32766). rule_del deletes one such rule, ENOENT when there is none. */
int route_rule_add(int nl, struct in_addr from, uint32_t table, uint32_t priority);
int route_rule_del(int nl, struct in_addr from, uint32_t table, uint32_t priority);
/* 1: there is one, 0: none, -1 errno. */
int route_rule_has(int nl, struct in_addr from, uint32_t table, uint32_t priority);

/* own/bits (peer NULL), or own with a peer on a point-to-point device. */
int route_address_add(int nl, int ifindex, struct in_addr own, const struct in_addr *peer, unsigned bits);
int route_link_up(int nl, int ifindex);

/* An address of this machine, or a broadcast address of one of its networks?
 * 1, 0, or -1 errno. */
int route_address_own(int nl, struct in_addr a);
/* The device has this address? 1, 0, or -1 errno. */
int route_address_on(int nl, int ifindex, struct in_addr a);

/* rp_filter as it works on the device: the larger of conf/all and conf/NAME.
 * 0, 1, 2, or -1 errno. */
int route_rp_filter(const char *ifname);
/* Sets conf/NAME. 0/-1. */
int route_rp_filter_set(const char *ifname, int value);

#endif
