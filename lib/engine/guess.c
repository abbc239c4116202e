/* guess.c - the table of guess.h. Users are known by a keyed hash, so that nobody can
 * choose whose row he shares. Guesses that come side by side wait one behind the other. */
#include "engine/guess.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/random.h>

int guesses_init(struct guesses *g)
{
	*g = (struct guesses){ .key = { 0 } };
	return getrandom(g->key, sizeof g->key, 0) == (ssize_t)sizeof g->key ? 0 : -1;
}

uint64_t guess_who(const struct guesses *g, const char *source, struct view user, struct view domain)
{
	uint8_t text[700];
	int n = snprintf((char *)text, sizeof text, "%s\t%.*s\t%.*s", source, (int)user.n, user.p ? user.p : "", (int)domain.n,
	                 domain.p ? domain.p : "");
	size_t used = n < (int)sizeof text ? (size_t)n : sizeof text - 1;
	for (size_t i = 0; i < used; i++)
		text[i] = (uint8_t)tolower(text[i]);
	return siphash(g->key, text, used);
}

/* His row, or, where he has none, the one that goes first. */
static unsigned find(struct guesses *g, uint64_t who, int64_t now)
{
	unsigned at = 0;
	for (unsigned i = 0; i < GUESS_ROWS; i++) {
		if (g->row[i].wrong && now - g->row[i].next >= GUESS_FORGET_MS)
			g->row[i].wrong = 0;
		if (g->row[i].wrong && g->row[i].who == who)
			return i;
		if (!g->row[i].wrong)
			g->row[i].next = 0;
		if (g->row[i].next < g->row[at].next)
			at = i;
	}
	return at;
}

static int64_t delay(unsigned wrong, int64_t unit)
{
	return wrong < GUESS_FREE ? 0 : unit << (wrong - GUESS_FREE);
}

int64_t guess_cost(struct guesses *g, uint64_t who, int64_t now, int64_t unit)
{
	unsigned i = find(g, who, now);
	return g->row[i].wrong && g->row[i].who == who ? delay(g->row[i].wrong, unit) : 0;
}

int64_t guess_wait(struct guesses *g, uint64_t who, int64_t now, int64_t unit, int64_t max)
{
	unsigned i = find(g, who, now);
	if (g->row[i].wrong < GUESS_FREE || g->row[i].who != who)
		return 0;
	int64_t at = g->row[i].next > now ? g->row[i].next : now;
	if (at - now > max)
		return -1;
	g->row[i].next = at + delay(g->row[i].wrong, unit);
	return at - now;
}

void guess_back(struct guesses *g, uint64_t who, int64_t cost)
{
	for (unsigned i = 0; i < GUESS_ROWS; i++)
		if (g->row[i].wrong && g->row[i].who == who)
			g->row[i].next -= cost;
}

void guess_wrong(struct guesses *g, uint64_t who, int64_t now, int64_t unit)
{
	unsigned i = find(g, who, now);
	if (!g->row[i].wrong || g->row[i].who != who) {
		g->row[i].who = who;
		g->row[i].wrong = 0;
		g->row[i].next = now;
	}
	g->row[i].wrong += g->row[i].wrong < GUESS_FREE + GUESS_STEPS;
	int64_t next = now + delay(g->row[i].wrong, unit);
	g->row[i].next = g->row[i].next > next ? g->row[i].next : next;
}

void guess_right(struct guesses *g, uint64_t who)
{
	for (unsigned i = 0; i < GUESS_ROWS; i++)
		if (g->row[i].wrong && g->row[i].who == who)
			g->row[i].wrong = 0;
}
