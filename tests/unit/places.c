/* places.c - unit tests of lib/engine/places.h: who has to go for whom. */
#include "engine/places.h"
#include "unit/tap.h"

/* Strangers of a server, newest first; one without a source is none. Sources that are counted in
 * different rows: the hash is another each time. */
static char name[5][8];
static const char *strangers[] = { name[0], name[1], NULL, name[0], name[2] };

static void draw(void)
{
	for (unsigned n = 0, tries = 0; n < 5; tries++) {
		struct places p = { 0 };
		snprintf(name[n], sizeof name[n], "s%u", tries);
		for (unsigned i = 0; i < n; i++)
			places_count(&p, name[i]);
		n += places_of(&p, name[n]) == 0;
	}
}

static void count(struct places *p, const char *source, unsigned n)
{
	while (n--)
		places_count(p, source);
}

static void shares(void)
{
	struct places p = { 0 };
	const char *a = name[0], *b = name[1], *c = name[2];
	check(!places_crowded(&p, a) && places_of(&p, a) == 0, "nobody is there");
	check(!places_yields(&p, places_of(&p, a)), "and nobody has to go");
	count(&p, a, 5);
	count(&p, b, 3);
	check(places_of(&p, a) == 5 && places_of(&p, b) == 3 && p.most == 5, "each source is counted");
	check(places_crowded(&p, a) && !places_crowded(&p, b), "that which has most");
	check(places_yields(&p, places_of(&p, c)), "one of a new source is let in at once");
	check(places_yields(&p, places_of(&p, b)), "and one of a source that has less");
	check(!places_yields(&p, places_of(&p, a)), "not one of that which has most");
	count(&p, b, 1);
	check(!places_yields(&p, places_of(&p, b)), "nor where that would only turn them round");
	count(&p, c, 70000);
	check(places_of(&p, c) == UINT16_MAX && places_crowded(&p, c), "as many as can be counted");
}

static void many(void)
{
	struct places p = { 0 };
	char source[16];
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(source, sizeof source, "s%u", i);
		places_count(&p, source);
	}
	check(p.most >= 10 && p.most < 40, "ten thousand sources share the rows evenly");
}

static const char *next(const void *server, void **at)
{
	const char **s = *at, **end = strangers + sizeof strangers / sizeof *strangers;
	(void)server;
	for (s = s ? s + 1 : strangers; s < end && !*s; s++)
		;
	*at = s < end ? s : NULL;
	return s < end ? *s : NULL;
}
static const char *no_next(const void *server, void **at)
{
	(void)server;
	(void)at;
	return NULL;
}

static void yields(void)
{
	check(places_strangers(next, NULL) && !places_strangers(no_next, NULL), "whether one is there");
	check(places_yielder(next, NULL, name[3]) == strangers + 3, "the oldest of the source with most has to go for another");
	check(!places_yielder(next, NULL, name[0]), "not for one of its own");
	check(!places_yielder(next, NULL, name[1]), "nor where that would only turn them round");
	check(!places_yielder(no_next, NULL, name[3]), "where nobody is, nobody has to go");
}

/* A newcomer whose row is that of the source with most. */
static void shares_a_row(void)
{
	struct places p = { 0 };
	char other[16];
	places_count(&p, name[0]);
	for (unsigned i = 0; snprintf(other, sizeof other, "o%u", i), places_of(&p, other) == 0; i++)
		;
	check(places_yielder(next, NULL, other) == strangers + 3, "the oldest has to go for one that shares its row, too");
}

int main(void)
{
	draw();
	shares();
	many();
	yields();
	shares_a_row();
	return tap_done();
}
