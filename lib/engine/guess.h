/* guess.h - wrong guesses, at logins and of systems, by where they come from and whose they
 * are: who has guessed wrong waits before he is listened to again. Others, and he elsewhere,
 * do not: a stranger cannot lock an engineer out. */
#ifndef SP_ENGINE_GUESS_H
#define SP_ENGINE_GUESS_H

#include "base/siphash.h"
#include "base/view.h"

#define GUESS_ROWS 512          /* remembered; then the one that was quiet longest goes */
#define GUESS_FREE 3            /* that cost nothing: people mistype */
#define GUESS_STEPS 3           /* times that the wait is doubled */
#define GUESS_FORGET_MS 300000  /* after the last one */

struct guesses {
	uint8_t key[SIPHASH_KEY]; /* random */
	struct { uint64_t who; unsigned wrong; int64_t next; } row[GUESS_ROWS]; /* next: clock_ms */
};

int guesses_init(struct guesses *g); /* 0, or -1 with errno: there are no random numbers */
/* source as of source.h; user and domain may be empty. */
uint64_t guess_who(const struct guesses *g, const char *source, struct view user, struct view domain);
/* What one of his guesses costs now: 0 as long as few were wrong, then unit, doubled with
 * each. All times in ms. */
int64_t guess_cost(struct guesses *g, uint64_t who, int64_t now, int64_t unit);
/* How long this guess waits, which is then taken: the one after it waits longer by its
 * cost. 0 as long as few were wrong; -1: longer than max, and nothing is taken. */
int64_t guess_wait(struct guesses *g, uint64_t who, int64_t now, int64_t unit, int64_t max);
/* It was none: what it cost is given back. */
void guess_back(struct guesses *g, uint64_t who, int64_t cost);
void guess_wrong(struct guesses *g, uint64_t who, int64_t now, int64_t unit);
void guess_right(struct guesses *g, uint64_t who); /* all are forgotten */

#endif
