/* ports.c - lists of ports. Two lists are combined edge by edge: between two edges
 * of either nothing changes, so that one port stands for all there. A range whose
 * way differs from its neighbour's is a range of its own, also when it was
 * written within another. Refuses port 0 and what is neither TCP nor UDP. */
#include "wire/ports.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

#define EDGES_MAX (4 * PORTS_MAX)

static const struct { const char *name; uint8_t number; } protos[] = { { "tcp", PORTS_TCP }, { "udp", PORTS_UDP } };
static const char *const ways[] = { [PORTS_IN] = "in", [PORTS_OUT] = "out", [PORTS_BOTH] = "both" };
#define PROTOS (sizeof protos / sizeof *protos)

static unsigned way_at(const struct ports *p, unsigned proto, unsigned port)
{
	unsigned way = p->all ? PORTS_BOTH : 0;
	for (unsigned i = 0; i < p->n; i++)
		if (p->range[i].proto == proto && p->range[i].from <= port && port <= p->range[i].to)
			way |= p->range[i].way;
	return way;
}

static int ascending(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return (x > y) - (x < y);
}

/* Where a range of this protocol begins, and behind where it ends. */
static unsigned edges_add(const struct ports *p, unsigned proto, unsigned edge[EDGES_MAX], unsigned n)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->range[i].proto == proto) {
			edge[n++] = p->range[i].from;
			edge[n++] = p->range[i].to + 1u;
		}
	return n;
}

static bool append(struct ports *p, const struct ports_range *r)
{
	struct ports_range *last = p->n ? &p->range[p->n - 1] : NULL;
	if (last && last->proto == r->proto && last->way == r->way && last->to + 1u == r->from) {
		last->to = r->to;
		return true;
	}
	if (p->n == PORTS_MAX)
		return false;
	p->range[p->n++] = *r;
	return true;
}

static bool combine_one(const struct ports *a, const struct ports *b, bool both, uint8_t proto, struct ports *to)
{
	unsigned edge[EDGES_MAX], n = edges_add(b, proto, edge, edges_add(a, proto, edge, 0));
	qsort(edge, n, sizeof *edge, ascending);
	for (unsigned i = 0; i + 1 < n; i++) {
		unsigned x = way_at(a, proto, edge[i]), y = way_at(b, proto, edge[i]), way = both ? x & y : x | y;
		struct ports_range r = { proto, (uint8_t)way, (uint16_t)edge[i], (uint16_t)(edge[i + 1] - 1) };
		if (way && edge[i] < edge[i + 1] && !append(to, &r))
			return false;
	}
	return true;
}

static bool combine(const struct ports *a, const struct ports *b, bool both, struct ports *to)
{
	struct ports made = { .all = both ? a->all && b->all : a->all || b->all };
	for (size_t i = 0; i < PROTOS && !made.all; i++)
		if (!combine_one(a, b, both, protos[i].number, &made))
			return false;
	*to = made;
	return true;
}

bool ports_union(const struct ports *a, const struct ports *b, struct ports *to)
{
	return combine(a, b, false, to);
}

bool ports_intersect(const struct ports *a, const struct ports *b, struct ports *to)
{
	return combine(a, b, true, to);
}

static bool known(unsigned proto)
{
	return proto == PORTS_TCP || proto == PORTS_UDP;
}

bool ports_of(const struct ports_range *range, unsigned n, struct ports *p)
{
	const struct ports nothing = { 0 };
	struct ports raw = { .n = n };
	if (n > PORTS_MAX)
		return false;
	for (unsigned i = 0; i < n; i++) {
		raw.range[i] = range[i];
		if (!known(range[i].proto) || range[i].from == 0 || range[i].from > range[i].to || range[i].way == 0 ||
		    range[i].way > PORTS_BOTH)
			return false;
	}
	return combine(&raw, &nothing, false, p);
}

bool ports_contains(const struct ports *a, const struct ports *b)
{
	struct ports both;
	return ports_intersect(a, b, &both) && both.all == b->all && both.n == b->n &&
	       (b->n == 0 || memcmp(both.range, b->range, b->n * sizeof *b->range) == 0);
}

bool ports_has(const struct ports *p, unsigned proto, unsigned port, unsigned way)
{
	return known(proto) && port > 0 && port <= UINT16_MAX && (way_at(p, proto, port) & way) == way;
}

static bool way_parse(struct view v, struct ports_range *r)
{
	r->way = PORTS_IN;
	if (!v.p)
		return true;
	for (uint8_t i = PORTS_IN; i <= PORTS_BOTH; i++)
		if (view_is(v, ways[i])) {
			r->way = i;
			return true;
		}
	return false;
}

/* "tcp/22-25:both". NULL, or the reason. */
static const char *range_parse(struct view v, struct ports_range *r)
{
	struct view what, proto, from;
	uint64_t low, high;
	view_split(&v, ':', &what);
	if (!way_parse(v, r))
		return "the way of a port must be in, out or both";
	view_split(&what, '/', &proto);
	r->proto = 0;
	for (size_t i = 0; i < PROTOS; i++)
		if (view_is(proto, protos[i].name))
			r->proto = protos[i].number;
	if (!r->proto || !what.p)
		return "a port must be like tcp/22, tcp/8000-8099 or udp/161:both";
	view_split(&what, '-', &from);
	if (!num_u64(from, 1, UINT16_MAX, &low) || (what.p && !num_u64(what, low, UINT16_MAX, &high)))
		return "a port's number must be from 1 to 65535, and a range's end not before its beginning";
	r->from = (uint16_t)low;
	r->to = (uint16_t)(what.p ? high : low);
	return NULL;
}

bool ports_parse(struct view text, struct ports *p, const char **why)
{
	struct ports_range range[PORTS_MAX];
	struct view part;
	unsigned n = 0;
	*p = (struct ports){ .all = text.n == 0 };
	*why = NULL;
	if (p->all || view_is(text, "none"))
		return true;
	while (!*why && view_split(&text, ',', &part))
		*why = n == PORTS_MAX ? "more than 16 ranges of ports" : range_parse(part, &range[n++]);
	if (!*why && !ports_of(range, n, p))
		*why = "more than 16 ranges of ports, when those that overlap are taken apart";
	return !*why;
}

static const char *proto_name(unsigned proto)
{
	return proto == PORTS_TCP ? "tcp" : "udp";
}

void ports_write(const struct ports *p, char text[PORTS_TEXT])
{
	size_t at = 0;
	snprintf(text, PORTS_TEXT, "%s", p->all || p->n ? "" : "none");
	for (unsigned i = 0; i < p->n; i++) {
		const struct ports_range *r = &p->range[i];
		char to[8] = "";
		if (r->to != r->from)
			snprintf(to, sizeof to, "-%u", (unsigned)r->to);
		at += (size_t)snprintf(text + at, PORTS_TEXT - at, "%s%s/%u%s%s%s", i ? "," : "", proto_name(r->proto),
		                       (unsigned)r->from, to, r->way == PORTS_IN ? "" : ":", r->way == PORTS_IN ? "" : ways[r->way]);
	}
}
