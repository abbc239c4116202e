/* ports.h - which ports a grant or a permit opens: ports= in grants, records and
 * permits, `tcp/22,tcp/80,udp/161:both` (sp-record(5)). */
#ifndef SP_WIRE_PORTS_H
#define SP_WIRE_PORTS_H

#include "base/view.h"

#include <stdint.h>

#define PORTS_MAX 16   /* ranges */
#define PORTS_TEXT 352 /* the longest text, NUL included */

enum ports_proto { PORTS_TCP = 6, PORTS_UDP = 17 }; /* as in the IP header */
enum ports_way {
	PORTS_IN = 1,  /* to that port of the service processor; when nothing is said */
	PORTS_OUT = 2, /* from the service processor to that port of the workstation */
	PORTS_BOTH = 3
};

struct ports_range {
	uint8_t proto, way;
	uint16_t from, to; /* 1 <= from <= to */
};

/* Whatever is made here is in one form: by protocol and port, without overlaps, and
 * with neighbours of one way joined. So equal lists are equal range by range. */
struct ports {
	bool all;   /* every port in both ways; then there are no ranges */
	unsigned n; /* 0, and not all: nothing */
	struct ports_range range[PORTS_MAX];
};

/* The empty text is all, "none" is nothing. false with a constant reason: a word that is
 * no range, or more than PORTS_MAX of them. */
bool ports_parse(struct view text, struct ports *p, const char **why);
void ports_write(const struct ports *p, char text[PORTS_TEXT]);

/* Any ranges, as somebody else's encoding has them, in the form above. false: one is no
 * range, or they are more than PORTS_MAX. */
bool ports_of(const struct ports_range *range, unsigned n, struct ports *p);

/* What either has, what both have; to may be a or b. false, and `to` as it was: more than PORTS_MAX
 * ranges. */
bool ports_union(const struct ports *a, const struct ports *b, struct ports *to);
bool ports_intersect(const struct ports *a, const struct ports *b, struct ports *to);

/* Is all of b in a? */
bool ports_contains(const struct ports *a, const struct ports *b);
/* Is this port open, in every one of these ways? */
bool ports_has(const struct ports *p, unsigned proto, unsigned port, unsigned way);

#endif
