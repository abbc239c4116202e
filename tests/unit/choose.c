/* choose.c - which router: every policy, dedicated ones, those that cannot. */
#include "engine/choose.h"
#include "unit/tap.h"

#include <math.h>

#define AT(a, o) { true, a, o, "" }
static struct candidate all[] = {
	{ "boston", AT(42.36, -71.06), "", false, true, 0, 10, 5 },
	{ "london", AT(51.5, -0.12), "", false, true, 1, 10, 2 },
	{ "tokyo", AT(35.68, 139.69), "", false, true, 9, 10, 9 },
	{ "fiji", AT(-17.7, 178.0), "", false, true, 5, 10, 0 },
	{ "nowhere", { false, 0, 0, "emea" }, "", false, true, 2, 4, 3 },
};
#define N (sizeof all / sizeof *all)

static const char *pick(const struct candidate *c, unsigned n, struct wish w)
{
	unsigned at = 99;
	switch (choose_router(c, n, &w, &at)) {
	case CHOSEN: return c[at].router;
	case CHOOSE_NONE: return "none";
	case CHOOSE_DOWN: return "down";
	case CHOOSE_FULL: return "full";
	}
	return "?";
}

static void nearest(const char *what, struct place p, const char *want)
{
	check_str(pick(all, N, (struct wish){ "acme", p, CHOOSE_NEAREST, NULL }), want, what);
}

static void policies(void)
{
	nearest("New York: Boston", (struct place)AT(40.7, -74), "boston");
	nearest("Paris: London", (struct place)AT(48.85, 2.35), "london");
	nearest("Samoa: Fiji, over the date line", (struct place)AT(-13.8, -171.7), "fiji");
	nearest("near the pole: by the circle, not the map", (struct place)AT(89, 139), "london");
	nearest("no position: the same region", (struct place){ false, 0, 0, "emea" }, "nowhere");
	nearest("nothing known: the least loaded", (struct place){ false, 0, 0, "" }, "boston");
	struct wish w = { "acme", AT(0, 0), CHOOSE_ROUNDROBIN, NULL };
	check_str(pick(all, N, w), "fiji", "round robin: never chosen goes first");
	w.policy = CHOOSE_LEASTLOADED;
	check_str(pick(all, N, w), "boston", "least loaded: by share of its calls");
	w.router = "tokyo";
	check_str(pick(all, N, w), "tokyo", "asked for by name");
	w.router = "paris";
	check_str(pick(all, N, w), "none", "asked for one that may not");
	check(choose_policy_of("leastloaded") == CHOOSE_LEASTLOADED && choose_policy_of("best") == CHOOSE_POLICIES, "words");
	struct place bos = AT(42.36, -71.06), lon = AT(51.5, -0.12), anti = AT(-42.36, 108.94);
	check(fabs(choose_distance(&bos, &lon) - 5265) < 15, "Boston to London is 5265 km");
	check(fabs(choose_distance(&bos, &anti) - 20015) < 5, "half round the world");
	check(choose_distance(&bos, &bos) < 0.001, "nowhere to go");
}

static void dedicated(void)
{
	struct candidate c[] = {
		{ "own", AT(0, 90), "acme", false, true, 0, 1, 0 },
		{ "free", AT(0, 0), "", false, true, 0, 1, 0 },
		{ "theirs", AT(0, 0), "globex", true, true, 0, 1, 0 },
	};
	struct wish acme = { "acme", AT(0, 0), CHOOSE_NEAREST, NULL }, globex = acme, other = acme;
	globex.customer = "globex";
	other.customer = "other";
	check_str(pick(c, 3, acme), "own", "his own is preferred, though far");
	check_str(pick(c, 3, globex), "theirs", "only: his own");
	check_str(pick(c, 3, other), "free", "another's is never given away");
	c[0].load = 1;
	check_str(pick(c, 3, acme), "free", "preferred is full: any other");
	c[2].up = false;
	check_str(pick(c, 3, globex), "down", "only is down: no other");
	c[2].up = true;
	c[2].load = 1;
	check_str(pick(c, 3, globex), "full", "only is full: no other");
	globex.router = "free";
	check_str(pick(c, 3, globex), "none", "only: no other by name either");
	other.router = "own";
	check_str(pick(c, 3, other), "none", "another's not by name either");
	acme.router = "free";
	c[0].load = 0;
	check_str(pick(c, 3, acme), "free", "prefer: another by name");
	c[1].up = false;
	acme.router = NULL;
	check_str(pick(c + 1, 2, acme), "down", "all down");
	check_str(pick(c, 0, acme), "none", "no candidate");
	c[0].max = c[0].load = 0;
	check_str(pick(c, 1, acme), "full", "no calls at all allowed");
}

int main(void)
{
	policies();
	dedicated();
	return tap_done();
}
