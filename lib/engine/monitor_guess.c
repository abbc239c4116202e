/* monitor_guess.c - guesses that were wrong: searches that found nothing, questions for systems
 * that are not there or not the asker's, and such as nobody may ask. They are counted by
 * address and user together, and without a believed token by the address and nobody: so
 * whoever guesses delays himself and no engineer at the same address. Over unix: nobody is
 * counted. */
#include "engine/monitor_impl.h"

#define TURN_MAX_MS 9000 /* a search waits no longer: less than its asker does */

/* 0: he is not counted. */
static uint64_t guesser(const struct mon_ask *a)
{
	static const struct view nobody = { "", 0 };
	const struct monitor_client *c = a->c;
	if (!*c->source)
		return 0;
	return guess_who(&c->m->guesses, c->source, a->who ? record_get(a->who, "user") : nobody,
	                 a->who ? record_get(a->who, "domain") : nobody);
}

void mon_guessed_wrong(struct mon_ask *a)
{
	struct monitor *m = a->c->m;
	uint64_t who = guesser(a);
	if (!who)
		return;
	a->later = guess_cost(&m->guesses, who, clock_ms(), m->conf.fail_delay_ms);
	guess_wrong(&m->guesses, who, clock_ms(), m->conf.fail_delay_ms);
}

/* What a search costs is taken before it is made, and given back when something is found: who
 * asks over many connections at once, or hangs up early, has learnt nothing. */
int64_t mon_turn_take(struct mon_ask *a, struct mon_turn *t)
{
	struct monitor *m = a->c->m;
	int64_t now = clock_ms(), unit = m->conf.fail_delay_ms;
	*t = (struct mon_turn){ .who = guesser(a) };
	if (!t->who)
		return 0;
	t->cost = guess_cost(&m->guesses, t->who, now, unit);
	return guess_wait(&m->guesses, t->who, now, unit, TURN_MAX_MS);
}

void mon_turn_over(struct monitor *m, const struct mon_turn *t, bool found)
{
	if (t->who && found)
		guess_back(&m->guesses, t->who, t->cost);
	else if (t->who)
		guess_wrong(&m->guesses, t->who, clock_ms(), m->conf.fail_delay_ms);
}
