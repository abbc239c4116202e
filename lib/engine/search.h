/* search.h - the systems that match and that a user may reach, in bounded
 * steps and pages. A million matches cost the memory of one. */
#ifndef SP_ENGINE_SEARCH_H
#define SP_ENGINE_SEARCH_H

#include "engine/reach.h"

#define SEARCH_LIMIT 100      /* rows of a page, when nothing is said */
#define SEARCH_LIMIT_MAX 1000
#define SEARCH_KEYS 128

enum search_word { /* what was asked for, folded */
	S_SERIAL, S_SERIAL_BACK, S_PHONE_BACK, S_CUSTOMER, S_SITE, S_REGION, S_MODEL, S_WORDS
};

struct search {
	struct store *store;
	const struct reach *reach; /* the caller's; must outlive the search */
	struct buf word[S_WORDS];  /* NUL-terminated; len 0: not asked for */
	struct buf customer_key;   /* the criterion as written: may be a customer's key */
	bool phone_full;
	const struct search_way *way;
	char *key[SEARCH_KEYS];    /* values of the way's index that are still to be looked at */
	unsigned nkeys, at;
	bool keys_all;             /* there are none behind those */
	bool in_key;               /* systems under `last` are still to be looked at */
	struct buf last, after;    /* the last key looked up; the last system within it */
	struct buf more;           /* the cursor of the last row that was given */
	uint64_t limit, count;
	bool further;              /* there is a row behind the page: more= is valid */
};

/* From serial= customer= site= phone= model= region= limit= after= of a
 * question. 1, 0 the question is wrong (*why constant), -1 failed. Clear it in
 * every case. */
int search_init(struct search *q, struct store *s, const struct reach *r, struct record *ask, const char **why);
void search_clear(struct search *q);

/* Looks at some hundred systems at most; gives those that belong to the page.
 * 1 call again, 0 the page is complete, -1 failed. r has system= serial=
 * customer= site= region= model= phone=. */
int search_step(struct search *q, int (*row)(void *arg, struct record *r), void *arg);

#endif
