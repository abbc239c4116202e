/* may.h - may this user reach that system now, by which of his grants, and which ports
 * do they open. sp-may(1) and the monitor's step 313 ask the same. */
#ifndef SP_ENGINE_MAY_H
#define SP_ENGINE_MAY_H

#include "engine/reach.h"
#include "wire/ports.h"

struct may {
	bool allow, too_many; /* too_many: ranges of ports, which is why not */
	struct buf rule;    /* NUL-terminated: the first grant that applies, as key=value words; or why none does:
	                       no-user, user-blocked, no-such-system, no-grant, or with the grant behind it
	                       outside-window, not-yet-valid, expired; too-many-ports */
	struct ports ports; /* what the grants that apply open together */
	time_t until;       /* when the last of them ends, WINDOW_ALWAYS: none does; 0: not allowed */
};

/* r as reach_of left it, known: what that returned (1 or 0). 0, or -1 (store_why).
 * Clear it in every case. */
int may_system(struct may *m, struct store *s, const struct reach *r, bool known, const char *system);
void may_clear(struct may *m);
/* decision= rule= and, if allowed, ports= and may_until= as far as there are limits. 0/-1. */
int may_answer(const struct may *m, struct record *r);

#define MAY_SYSTEM 256
/* The system with this serial number, whole; "" when there is none. How many have it, 2
 * standing for more; -1. */
int may_find(struct store *s, struct view serial, char system[MAY_SYSTEM]);

#endif
