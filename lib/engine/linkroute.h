/* linkroute.h - what the kernel is told for one link: routes to hosts in a table,
 * the rule that has the table asked for packets from the link's address, and
 * rp_filter. Each deed is known to a guard before it is done. */
#ifndef SP_ENGINE_LINKROUTE_H
#define SP_ENGINE_LINKROUTE_H

#include "engine/prefix.h"
#include "sys/guard.h"
#include "sys/route.h"

#include <net/if.h>

struct linkroute {
	int nl; /* the caller's */
	struct guard *guard; /* the caller's */
	char interface[IFNAMSIZ];
	int ifindex;
	struct in_addr own;
	uint32_t table;
	unsigned users; /* routes: the rule is there while there are any */
};

struct guard *linkroute_guard(void); /* NULL errno */

/* Makes packets from the vendor's hosts arrive at all: rp_filter of the device
 * is set to 0, or, where that of `all` (the customer's, not touched) works
 * regardless, to 2 with a route to each prefix, so that the check finds one.
 * Rules of links that exist no more are deleted. 0, or -1 with errno and why. */
int linkroute_open(struct linkroute *l, const struct prefix *p, unsigned n, const char **why);
/* A route to the host; the first brings the rule. 0/-1 errno: EEXIST when one
 * leads there through another link. */
int linkroute_add(struct linkroute *l, struct in_addr host);
/* Takes one away; the last takes the rule along. */
void linkroute_del(struct linkroute *l, struct in_addr host);
/* Takes the prefixes of linkroute_open away. */
void linkroute_close(struct linkroute *l, const struct prefix *p, unsigned n);

#endif
