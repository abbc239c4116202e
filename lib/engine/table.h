/* table.h - the store's tables, described once: from this come the SQL schema,
 * what may be loaded, what is checked, and what sp-db(1) dumps. */
#ifndef SP_ENGINE_TABLE_H
#define SP_ENGINE_TABLE_H

#include "base/record.h"

enum col_kind {
	COL_TEXT,
	COL_WORD,   /* one of spec, words separated by blanks */
	COL_INT,    /* min <= value <= max */
	COL_REAL,   /* the same, with decimals */
	COL_TIME,   /* RFC 3339 UTC, as time_text writes it */
	COL_PHONE,  /* has digits, and nothing but digits, blanks and + - ( ) . / */
	COL_DIAL,   /* a line address, sys/sock.h, or a telephone number, dialstring.h */
	COL_NAMES,  /* a name that may stand in a list: no comma */
	COL_SECRET, /* is shortened on a terminal */
	COL_WINDOW, /* days and hours, window.h */
	COL_ZONE,   /* a time zone, sys/zone.h */
	COL_PORTS,  /* wire/ports.h */
	COL_OBJECT, /* refers to the table that the column `scope` says */
	COL_FOLDED, /* derived, never loaded or dumped: fold_text of column spec */
	COL_SERIAL, COL_SERIAL_BACK, /* fold_serial, and turned round */
	COL_PHONE_BACK               /* fold_phone turned round */
};

enum { COL_KEY = 1, COL_NEED = 2 }; /* part of the primary key; not empty */

struct col {
	const char *name;
	enum col_kind kind;
	unsigned flags;
	const char *spec; /* words, or the column that a derived one is made of */
	double min, max;
	const char *ref;  /* the table whose first column this is; empty refers to nothing */
	const char *unset; /* the value when none is given; NULL: empty */
};

#define TABLE_COLS_MAX 24
struct table {
	const char *name;
	bool live;        /* in the file of leases and calls, which the monitor writes */
	const char *one_of; /* exactly one of these two columns is given: "user group" */
	const char *any_of; /* at least one of them */
	const char *unique; /* a column of which no two rows have the same; may be NULL */
	const char *const *index; /* column lists, NULL-terminated; may be NULL */
	struct col col[TABLE_COLS_MAX]; /* ends with a NULL name */
};

extern const struct table tables[]; /* ends with a NULL name */

/* NULL when there is none. */
const struct table *table_find(const char *name);
const struct col *table_col(const struct table *t, const char *name);
static inline bool col_derived(const struct col *c)
{
	return c->kind >= COL_FOLDED;
}

/* CREATE TABLE and CREATE INDEX statements of all tables of one file. 0/-1. */
int table_schema(bool live, struct buf *sql);

/* The CREATE TABLE statement, the CREATE INDEX statements of one table. 0/-1. */
int table_create(const struct table *t, struct buf *sql);
int table_index(const struct table *t, struct buf *sql);

/* The value of column c in record r (derived ones made, unset ones filled in),
 * appended to out. 0/-1 errno. */
int table_value(const struct table *t, const struct col *c, struct record *r, struct buf *out);

/* Is r a row of t, as far as r alone tells? False with the reason, which names
 * the column, in why. */
bool table_check(const struct table *t, struct record *r, char *why, size_t size);

/* The table a COL_OBJECT column refers to for this scope; NULL: to nothing. */
const char *table_of_scope(const char *scope);

#endif
