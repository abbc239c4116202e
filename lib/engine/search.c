/* search.c - criteria to pages. Every way to the systems is a sorted list of
 * keys (serial numbers, customers, sites ...) and, under each key, systems in
 * order: the pair is the cursor, no page costs what came before it. The way
 * whose keys hold the fewest systems is taken; the other criteria and the
 * grants are looked at per system. Parts of names are found with instr(), so
 * no character of the input is special. */
#include "engine/search.h"
#include "engine/search_ways.h"

#include "base/fold.h"

#include <sqlite3.h>
#include <stdlib.h>

#define STEP 400 /* systems looked at in one step */
#define KEY_COST 4 /* a key costs as much as so many systems */

static const char *const word_name[S_WORDS] = {
	":serial", ":serial_back", ":phone", ":customer", ":site", ":region", ":model",
};

static void bind(const struct search *q, struct sqlite3_stmt *st)
{
	for (int i = 0; i < S_WORDS; i++)
		if (q->word[i].len)
			store_bind(st, word_name[i], buf_view(&q->word[i]));
	store_bind(st, ":customer_key", buf_view(&q->customer_key));
	store_bindi(st, ":full", q->phone_full);
	store_bindi(st, ":cap", SEARCH_CAP);
	reach_bind(q->reach, st);
}

static int fold_words(struct search *q, struct record *ask)
{
	static const struct { const char *key; enum search_word to; int (*fold)(struct view, struct buf *); } plain[] = {
		{ "serial", S_SERIAL, fold_serial }, { "serial", S_SERIAL_BACK, fold_serial },
		{ "customer", S_CUSTOMER, fold_text }, { "site", S_SITE, fold_text },
		{ "region", S_REGION, fold_text }, { "model", S_MODEL, fold_text },
	};
	int rc = buf_addv(&q->customer_key, record_get(ask, "customer"));
	for (size_t i = 0; i < sizeof plain / sizeof *plain && rc == 0; i++)
		rc = plain[i].fold(record_get(ask, plain[i].key), &q->word[plain[i].to]);
	if (rc == 0)
		rc = fold_phone(record_get(ask, "phone"), &q->word[S_PHONE_BACK], &q->phone_full);
	fold_reverse(&q->word[S_SERIAL_BACK], 0);
	fold_reverse(&q->word[S_PHONE_BACK], 0);
	return rc;
}

/* A criterion of which nothing is left must not become none. */
static const char *words_wrong(const struct search *q, struct record *ask)
{
	if (record_get(ask, "serial").n && !q->word[S_SERIAL].len)
		return "serial= has neither letters nor digits";
	if (record_get(ask, "customer").n && !q->word[S_CUSTOMER].len)
		return "customer= has no letters";
	if (record_get(ask, "phone").n && q->word[S_PHONE_BACK].len < 4)
		return "phone= needs at least four digits";
	return NULL;
}

static void keys_drop(struct search *q)
{
	for (unsigned i = 0; i < q->nkeys; i++)
		free(q->key[i]);
	q->nkeys = q->at = 0;
}

static void way_begin(struct search *q, const struct search_way *w)
{
	keys_drop(q);
	q->way = w;
	q->keys_all = q->in_key = !w->keys; /* a way without keys is one key */
	q->last.len = q->after.len = 0;
}

/* Fewest systems first; of equals the one that is first in the table. */
static int choose_way(struct search *q)
{
	int64_t best = INT64_MAX;
	for (const struct search_way *w = search_ways; w->letter; w++) {
		if (!search_way_fits(q, w) || !w->count)
			continue;
		struct sqlite3_stmt *st = store_use(q->store, false, w->count);
		if (!st)
			return -1;
		bind(q, st);
		if (store_step(q->store, st) != 1)
			return -1;
		int64_t n = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
		if (n < best) {
			best = n;
			way_begin(q, w);
		}
	}
	return q->way ? 0 : -1;
}

/* "c4:acmeSYS-1": way, length of the key, key, system. */
static bool cursor_read(struct search *q, struct view v)
{
	uint64_t n;
	struct view num;
	const struct search_way *w = v.n > 2 ? search_way_of(v.p[0]) : NULL;
	if (!w || !search_way_fits(q, w))
		return false;
	way_begin(q, w);
	q->in_key = true;
	struct view rest = (struct view){ v.p + 1, v.n - 1 };
	if (!view_split(&rest, ':', &num) || !rest.p || !num_u64(num, 0, rest.n, &n))
		return false;
	return buf_add(&q->last, rest.p, n) == 0 && buf_add(&q->after, rest.p + n, rest.n - n) == 0;
}

static int cursor_write(struct search *q)
{
	q->more.len = 0;
	if (buf_printf(&q->more, "%c%zu:", q->way->letter, q->last.len) != 0 || buf_addv(&q->more, buf_view(&q->last)) != 0)
		return -1;
	return buf_addv(&q->more, buf_view(&q->after));
}

int search_init(struct search *q, struct store *s, const struct reach *r, struct record *ask, const char **why)
{
	struct view limit = record_get(ask, "limit"), after = record_get(ask, "after");
	*q = (struct search){ .store = s, .reach = r, .limit = SEARCH_LIMIT };
	struct buf *all[] = { &q->customer_key, &q->last, &q->after, &q->more };
	for (size_t i = 0; i < S_WORDS; i++)
		buf_init(&q->word[i], 4 * RECORD_LINE_MAX);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_init(all[i], 4 * RECORD_LINE_MAX);
	*why = NULL;
	if (fold_words(q, ask) != 0)
		return -1;
	if (limit.n && !num_u64(limit, 1, SEARCH_LIMIT_MAX, &q->limit))
		*why = "limit= must be a number from 1 to 1000";
	else if (!(*why = words_wrong(q, ask)) && after.n && !cursor_read(q, after))
		*why = "after= is no cursor of this search";
	if (*why)
		return 0;
	return q->way || choose_way(q) == 0 ? 1 : -1;
}

void search_clear(struct search *q)
{
	keys_drop(q);
	for (size_t i = 0; i < S_WORDS; i++)
		buf_clear(&q->word[i]);
	buf_clear(&q->customer_key);
	buf_clear(&q->last);
	buf_clear(&q->after);
	buf_clear(&q->more);
}

/* The keys behind q->last. */
static int keys_get(struct search *q)
{
	struct sqlite3_stmt *st = store_use(q->store, false, q->way->keys);
	int rc = st ? 0 : -1, got;
	keys_drop(q);
	if (st) {
		bind(q, st);
		store_bind(st, ":key", q->last.len ? buf_view(&q->last) : view_of(""));
		store_bindi(st, ":keys", SEARCH_KEYS);
	}
	while (rc == 0 && (got = store_step(q->store, st)) != 0) {
		char *key = got == 1 ? strdup(store_text(st, 0)) : NULL;
		if (key)
			q->key[q->nkeys++] = key;
		else
			rc = -1;
	}
	q->keys_all = q->nkeys < SEARCH_KEYS;
	return rc;
}

/* Goes to the next key, of this way or of the one behind it. 1, 0 no more, -1. */
static int key_next(struct search *q)
{
	while (q->at == q->nkeys && !q->in_key) {
		if (!q->keys_all) {
			if (keys_get(q) != 0)
				return -1;
		} else if (q->way->then) {
			way_begin(q, search_way_of(q->way->then));
		} else {
			return 0;
		}
	}
	if (q->in_key)
		return 1;
	q->in_key = true;
	q->after.len = q->last.len = 0;
	return buf_adds(&q->last, q->key[q->at++]) == 0 ? 1 : -1;
}

static int give(struct search *q, struct sqlite3_stmt *st, int (*row)(void *arg, struct record *r), void *arg)
{
	static const char *const name[] = { "system", "serial", "customer", "site", "region", "model", "phone" };
	struct record r = { 0 };
	int rc = 0;
	for (int i = 0; i < 7 && rc == 0; i++)
		if (*store_text(st, i))
			rc = record_set(&r, name[i], store_text(st, i));
	if (rc == 0)
		rc = row(arg, &r);
	if (rc == 0)
		rc = cursor_write(q);
	record_clear(&r);
	q->count++;
	return rc;
}

/* Up to `most` systems of this key. How many were looked at, or -1. */
static int rows(struct search *q, int most, int (*row)(void *arg, struct record *r), void *arg)
{
	struct sqlite3_stmt *st = store_use(q->store, false, q->way->rows);
	int n = 0, got = -1;
	if (!st)
		return -1;
	bind(q, st);
	store_bind(st, ":key", q->last.len ? buf_view(&q->last) : view_of(""));
	store_bind(st, ":after", q->after.len ? buf_view(&q->after) : view_of(""));
	store_bindi(st, ":most", most);
	while (n < most && !q->further && (got = store_step(q->store, st)) == 1) {
		bool ours = sqlite3_column_int(st, 7);
		n++;
		q->further = ours && q->count == q->limit;
		if (q->further)
			break;
		q->after.len = 0;
		if (buf_adds(&q->after, store_text(st, 0)) != 0 || (ours && give(q, st, row, arg) != 0))
			got = -1;
		if (got < 0)
			break;
	}
	sqlite3_reset(st);
	q->in_key = got != 0;
	return got < 0 ? -1 : n;
}

int search_step(struct search *q, int (*row)(void *arg, struct record *r), void *arg)
{
	for (int left = STEP; left > 0;) {
		int rc = key_next(q);
		int n = rc == 1 ? rows(q, left, row, arg) : 0;
		if (rc < 0 || n < 0)
			return -1;
		if (rc == 0 || q->further)
			return 0;
		left -= n + KEY_COST;
	}
	return 1;
}
