/* choose.c - nearest, round robin, least loaded; dedicated routers first.
 * A router that is down or full, or another customer's, is never chosen. Ties
 * go to the less loaded, then to the one that was not chosen for longer, then
 * by name, so that the same question has the same answer. */
#include "engine/choose.h"

#include <math.h>
#include <string.h>

#define EARTH_KM 6371.0
#define RADIANS (3.14159265358979323846 / 180)
#define SAME_REGION_KM 5000.0 /* for lack of a position: nearer than the other side of the world */
#define ANYWHERE_KM 20100.0   /* half the circumference and a bit */

static const char *const names[CHOOSE_POLICIES] = { "nearest", "roundrobin", "leastloaded" };

const char *choose_policy_name(enum choose_policy p)
{
	return p < CHOOSE_POLICIES ? names[p] : "";
}

enum choose_policy choose_policy_of(const char *word)
{
	enum choose_policy p = 0;
	while (p < CHOOSE_POLICIES && strcmp(names[p], word) != 0)
		p++;
	return p;
}

double choose_distance(const struct place *a, const struct place *b)
{
	double s = sin((b->lat - a->lat) * RADIANS / 2), t = sin((b->lon - a->lon) * RADIANS / 2);
	double h = s * s + cos(a->lat * RADIANS) * cos(b->lat * RADIANS) * t * t;
	return 2 * EARTH_KM * asin(sqrt(h > 1 ? 1 : h));
}

static double far_away(const struct place *a, const struct place *b)
{
	if (a->known && b->known)
		return choose_distance(a, b);
	return *a->region && strcmp(a->region, b->region) == 0 ? SAME_REGION_KM : ANYWHERE_KM;
}

static double used(const struct candidate *c)
{
	return c->max ? (double)c->load / (double)c->max : 1;
}

static int order(double a, double b)
{
	return (a > b) - (a < b);
}

/* < 0: a is the better one. */
static int compare(const struct candidate *a, const struct candidate *b, const struct wish *w)
{
	int by = 0;
	if (w->policy == CHOOSE_NEAREST)
		by = order(far_away(&a->place, &w->place), far_away(&b->place, &w->place));
	if (by == 0 && w->policy != CHOOSE_ROUNDROBIN)
		by = order(used(a), used(b));
	if (by == 0)
		by = (a->last > b->last) - (a->last < b->last);
	return by ? by : strcmp(a->router, b->router);
}

static bool his_own(const struct candidate *c, const struct wish *w)
{
	return *c->customer && strcmp(c->customer, w->customer) == 0;
}

/* May it be used for this customer, when `only` says that his own must be? */
static bool permitted(const struct candidate *c, const struct wish *w, bool only)
{
	if (w->router && strcmp(w->router, c->router) != 0)
		return false;
	return his_own(c, w) || (!*c->customer && !only);
}

static enum choose_end best_of(const struct candidate *c, unsigned n, const struct wish *w, bool only, unsigned *at)
{
	enum choose_end end = CHOOSE_NONE;
	for (unsigned i = 0; i < n; i++) {
		if (!permitted(&c[i], w, only))
			continue;
		enum choose_end this = !c[i].up ? CHOOSE_DOWN : c[i].load >= c[i].max ? CHOOSE_FULL : CHOSEN;
		if (this == CHOSEN && (end != CHOSEN || compare(&c[i], &c[*at], w) < 0))
			*at = i;
		if (this == CHOSEN || (end != CHOSEN && this > end))
			end = this;
	}
	return end;
}

enum choose_end choose_router(const struct candidate *c, unsigned n, const struct wish *w, unsigned *at)
{
	bool own = false, only = false;
	for (unsigned i = 0; i < n; i++) {
		own |= his_own(&c[i], w);
		only |= his_own(&c[i], w) && c[i].only;
	}
	enum choose_end end = own ? best_of(c, n, w, true, at) : CHOOSE_NONE;
	return end == CHOSEN || only ? end : best_of(c, n, w, false, at);
}
