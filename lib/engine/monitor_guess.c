/* monitor_guess.c - guesses that were wrong: questions for systems that are not there or not the
 * asker's, and such as nobody may ask. They are counted by address and user together, and
 * without a believed token by the address and nobody: so whoever guesses delays himself and
 * no engineer at the same address. Over unix: nobody is counted. */
#include "engine/monitor_impl.h"

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
