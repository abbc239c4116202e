/* places.h - who gets the last places of a server: strangers, who have not said who they
 * are, are counted by source (engine/source.h), and when all places are taken one from a
 * source that has fewer of them takes that of the oldest one of a source that has most.
 * So whoever opens connections without end, from many addresses, keeps out himself. */
#ifndef SP_ENGINE_PLACES_H
#define SP_ENGINE_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#define PLACES_ROWS 1024 /* sources are counted by a keyed hash */

/* Starts as zeros, for one look at all strangers. */
struct places {
	unsigned short n[PLACES_ROWS];
	unsigned most; /* strangers of a source that has most */
};

void places_count(struct places *p, const char *source); /* one stranger */
unsigned places_of(const struct places *p, const char *source); /* or more: rows are shared */
bool places_crowded(const struct places *p, const char *source); /* has it most? */
/* Has one of those to go for one more of this source? Not where that would only turn them
 * round: who comes again and again costs no more than being hung up on. own: how many that
 * source has, counted one by one: a row that it shares with a crowd's keeps nobody out. */
bool places_yields(const struct places *p, unsigned own);

/* A server's walk through its strangers, from the newest to the oldest: *at (NULL: before the
 * first) becomes the next one; its source, or NULL: that was the last. */
typedef const char *places_next(const void *server, void **at);
bool places_strangers(places_next *next, const void *server); /* is there one? */
/* Who has to go for one more of this source; NULL: nobody. */
void *places_yielder(places_next *next, const void *server, const char *newcomer);

#endif
