/* load.h - rows into and out of the store's tables: all or nothing. */
#ifndef SP_ENGINE_LOAD_H
#define SP_ENGINE_LOAD_H

#include "engine/store.h"

/* One transaction that adds rows to a table, or replaces all of it. */
struct load {
	struct store *store;
	const struct table *table;
	bool replace;
	struct sqlite3_stmt *insert;
	struct buf value;
	uint64_t rows;
	char why[512]; /* the cause of the last failure */
};

/* Begins. Without replace, a row whose key is there already takes its place;
 * with it, the table is emptied first and a key that comes twice is refused.
 * 0/-1; nothing is open after -1. */
int load_begin(struct load *l, struct store *s, const struct table *t, bool replace);
/* One row, checked alone and against the tables that it refers to. 0/-1. */
int load_row(struct load *l, struct record *r);
/* Checks what other tables refer to, and commits. 0, or -1 and undone. */
int load_end(struct load *l);
/* Undoes everything. */
void load_abort(struct load *l);

/* Every row as a record (empty values left out), by key. `row` returning
 * nonzero ends it with that. 0/-1. */
int load_dump(struct store *s, const struct table *t, int (*row)(void *arg, struct record *r), void *arg);

/* The row at which a statement stands that selects all columns of t, in order. 0/-1. */
int dump_record(const struct table *t, struct sqlite3_stmt *st, struct record *r);

/* The row as a line of CSV, CR LF included; r NULL: the line of column names.
 * shorten: secrets are cut to a few characters. 0/-1. */
int dump_csv(const struct table *t, struct record *r, bool shorten, struct buf *out);

/* Do the rows that r refers to exist? 0, or -1 with the reason. */
int load_references(struct store *s, const struct table *t, struct record *r, char *why, size_t size);

/* Every fault of the table: why, and the row. 0/-1. *rows: how many there are. */
int load_check(struct store *s, const struct table *t,
               int (*fault)(void *arg, struct record *row, const char *why), void *arg, uint64_t *rows);

#endif
