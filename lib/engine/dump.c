/* dump.c - rows of a table as records, and what is wrong with them. */
#include "base/csv.h"
#include "base/secret.h"
#include "engine/load.h"

#include <sqlite3.h>
#include <stdio.h>

#define SQL_MAX 4096

/* All columns, in the table's order. */
static struct sqlite3_stmt *select_all(struct store *s, const struct table *t)
{
	struct buf sql;
	const char *sep = "SELECT ";
	buf_init(&sql, SQL_MAX);
	int rc = 0;
	for (const struct col *c = t->col; c->name && rc == 0; c++, sep = ", ")
		rc = buf_printf(&sql, "%s\"%s\"", sep, c->name);
	if (rc == 0)
		rc = buf_printf(&sql, " FROM \"%s\"", t->name);
	struct sqlite3_stmt *st = rc == 0 && buf_addc(&sql, '\0') == 0 ? store_prepare(s, t->live, sql.data) : NULL;
	buf_clear(&sql);
	return st;
}

int dump_record(const struct table *t, struct sqlite3_stmt *st, struct record *r)
{
	int i = 0;
	record_clear(r);
	for (const struct col *c = t->col; c->name; c++, i++) {
		const char *text = store_text(st, i);
		if (*text && !col_derived(c) && record_set(r, c->name, text) != 0)
			return -1;
	}
	return 0;
}

int load_dump(struct store *s, const struct table *t, int (*row)(void *arg, struct record *r), void *arg)
{
	struct record r = { 0 };
	struct sqlite3_stmt *st = select_all(s, t);
	int rc = st ? 0 : -1, got;
	while (rc == 0 && (got = store_step(s, st)) != 0)
		rc = got < 0 || dump_record(t, st, &r) != 0 ? -1 : row(arg, &r);
	sqlite3_finalize(st);
	record_clear(&r);
	return rc;
}

int dump_csv(const struct table *t, struct record *r, bool shorten, struct buf *out)
{
	int rc = 0;
	for (const struct col *c = t->col; c->name && rc == 0; c++) {
		char shown[16];
		struct view v = r ? record_get(r, c->name) : view_of(c->name);
		if (col_derived(c))
			continue;
		if (r && v.n && c->kind == COL_SECRET && shorten) {
			secret_shorten(v, shown);
			v = view_of(shown);
		}
		rc = (c != t->col && buf_addc(out, ',') != 0) || csv_write(out, v) != 0 ? -1 : 0;
	}
	return rc == 0 ? buf_adds(out, "\r\n") : -1;
}

/* The derived columns are what would be made of the row now? */
static bool derived_ok(const struct table *t, struct sqlite3_stmt *st, struct record *r, char *why, size_t size)
{
	struct buf made;
	int i = 0;
	bool ok = true;
	buf_init(&made, RECORD_LINE_MAX * 2);
	for (const struct col *c = t->col; c->name && ok; c++, i++) {
		made.len = 0;
		ok = !col_derived(c) || (table_value(t, c, r, &made) == 0 && view_is(buf_view(&made), store_text(st, i)));
		if (!ok)
			snprintf(why, size, "%s: does not fit the row (changed by hand? load the row again)", c->name);
	}
	buf_clear(&made);
	return ok;
}

int load_check(struct store *s, const struct table *t,
               int (*fault)(void *arg, struct record *row, const char *why), void *arg, uint64_t *rows)
{
	struct record r = { 0 };
	char why[512];
	struct sqlite3_stmt *st = select_all(s, t);
	int rc = st ? 0 : -1, got;
	*rows = 0;
	while (rc == 0 && (got = store_step(s, st)) != 0) {
		rc = got < 0 || dump_record(t, st, &r) != 0 ? -1 : 0;
		if (rc == 0 && (!table_check(t, &r, why, sizeof why) || !derived_ok(t, st, &r, why, sizeof why) ||
		                load_references(s, t, &r, why, sizeof why) != 0))
			rc = fault(arg, &r, why);
		*rows += 1;
	}
	sqlite3_finalize(st);
	record_clear(&r);
	return rc;
}
