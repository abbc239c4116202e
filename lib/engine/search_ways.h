/* search_ways.h - the ways that a search can take to the systems: SQL. */
#ifndef SP_ENGINE_SEARCH_WAYS_H
#define SP_ENGINE_SEARCH_WAYS_H

#include "engine/search.h"

#define SEARCH_CAP 2000 /* a count goes no further */

/* rows: columns system ... phone, and whether all criteria and the grants
 * hold; systems > :after under :key, in order, :most of them.
 * keys: the :keys smallest keys > :key; NULL: there is one key, "".
 * count: how many systems there are on the way, at most :cap; NULL: this way
 * is only taken behind another. */
struct search_way {
	char letter;
	enum search_word word; /* is taken when this was asked for; S_WORDS: see fits */
	char then;             /* the way to take when this one is at its end; 0: none */
	const char *count, *keys, *rows;
};

extern const struct search_way search_ways[]; /* ends with letter 0 */

const struct search_way *search_way_of(char letter);
/* Does the way lead to every system that the search could give? */
bool search_way_fits(const struct search *q, const struct search_way *w);

#endif
