/* login_guess.h - wrong guesses at a login, by where they come from and whose it is: who
 * has guessed wrong waits before he is listened to again. Others, and he elsewhere, do
 * not: a stranger cannot lock an engineer out. */
#ifndef SP_ENGINE_LOGIN_GUESS_H
#define SP_ENGINE_LOGIN_GUESS_H

#include "base/siphash.h"
#include "base/view.h"

#define GUESS_ROWS 512          /* remembered; then the one that was quiet longest goes */
#define GUESS_FREE 3            /* that cost nothing: people mistype */
#define GUESS_STEPS 3           /* times that the wait is doubled */
#define GUESS_FORGET_MS 300000  /* after the last one */

struct login_guesses {
	uint8_t key[SIPHASH_KEY]; /* random */
	struct { uint64_t who; unsigned wrong; int64_t next; } row[GUESS_ROWS]; /* next: clock_ms */
};

/* source as of source.h. */
uint64_t login_guess_who(const struct login_guesses *g, const char *source, struct view user, struct view domain);
/* How long this guess waits, which is then taken: the one after it waits longer by unit,
 * doubled with each that was wrong. 0 as long as few were wrong; -1: longer than max,
 * and nothing is taken. All times in ms. */
int64_t login_guess_wait(struct login_guesses *g, uint64_t who, int64_t now, int64_t unit, int64_t max);
void login_guess_wrong(struct login_guesses *g, uint64_t who, int64_t now, int64_t unit);
void login_guess_right(struct login_guesses *g, uint64_t who);

#endif
