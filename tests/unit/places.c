/* places.c - unit tests of lib/engine/places.h: who has to go for whom. */
#include "engine/places.h"
#include "unit/tap.h"

static void count(struct places *p, const char *source, unsigned n)
{
	while (n--)
		places_count(p, source);
}

static void shares(void)
{
	struct places p = { 0 };
	check(!places_crowded(&p, "a") && places_of(&p, "a") == 0, "nobody is there");
	check(!places_yields(&p, "a"), "and nobody has to go");
	count(&p, "a", 5);
	count(&p, "b", 3);
	check(places_of(&p, "a") == 5 && places_of(&p, "b") == 3 && p.most == 5, "each source is counted");
	check(places_crowded(&p, "a") && !places_crowded(&p, "b"), "that which has most");
	check(places_yields(&p, "c"), "one of a new source is let in at once");
	check(places_yields(&p, "b"), "and one of a source that has less");
	check(!places_yields(&p, "a"), "not one of that which has most");
	count(&p, "b", 1);
	check(!places_yields(&p, "b"), "nor where that would only turn them round");
	count(&p, "c", 70000);
	check(places_of(&p, "c") == UINT16_MAX && places_crowded(&p, "c"), "as many as can be counted");
}

static void many(void)
{
	struct places p = { 0 };
	char name[16];
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(name, sizeof name, "s%u", i);
		places_count(&p, name);
	}
	check(p.most >= 10 && p.most < 40, "ten thousand sources share the rows evenly");
}

/* Strangers of a server, newest first; one without a source is none. */
static const char *strangers[] = { "a", "b", NULL, "a", "c" };

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
	check(places_yielder(next, NULL, "d") == strangers + 3, "the oldest of the source with most has to go for another");
	check(!places_yielder(next, NULL, "a"), "not for one of its own");
	check(!places_yielder(next, NULL, "b"), "nor where that would only turn them round");
	check(!places_yielder(no_next, NULL, "d"), "where nobody is, nobody has to go");
}

int main(void)
{
	shares();
	many();
	yields();
	return tap_done();
}
