/* wallports.c - the same ranges, from where protocols are to where the machine is. */
#include "engine/wallports.h"

_Static_assert(WALL_RANGES == PORTS_MAX && (int)WALL_IN == (int)PORTS_IN && (int)WALL_OUT == (int)PORTS_OUT,
               "the wall's ports are those of wire/ports.h");

struct wall_ports wallports(const struct ports *p)
{
	struct wall_ports to = { .all = p->all, .n = p->n };
	for (unsigned i = 0; i < p->n && i < WALL_RANGES; i++)
		to.range[i] = (struct wall_range){ p->range[i].proto, p->range[i].way, p->range[i].from, p->range[i].to };
	return to;
}
