/* load.c - whole tables in one transaction. References are checked here and
 * not by SQLite, so that a refusal can name the line that made it. */
#include "engine/load.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define SQL_MAX 8192

static int say(struct load *l, const char *what)
{
	snprintf(l->why, sizeof l->why, "%s", what);
	return -1;
}

/* INSERT with one parameter a column, in the table's order. */
static int insert_sql(const struct table *t, bool replace, struct buf *sql)
{
	const char *sep = "";
	int rc = buf_printf(sql, "INSERT OR %s INTO \"%s\" VALUES(", replace ? "ABORT" : "REPLACE", t->name);
	for (const struct col *c = t->col; c->name && rc == 0; c++, sep = ",")
		rc = buf_printf(sql, "%s?", sep);
	return rc == 0 ? buf_add(sql, ")", 2) : -1;
}

static int drop_indexes(struct load *l)
{
	int rc = 0;
	for (const char *const *i = l->table->index; i && *i && rc == 0; i++) {
		char sql[256];
		snprintf(sql, sizeof sql, "DROP INDEX \"%s_%s\"", l->table->name, *i);
		rc = store_execute(l->store, l->table->live, sql);
	}
	return rc;
}

static int make_indexes(struct load *l)
{
	struct buf sql;
	buf_init(&sql, SQL_MAX);
	int rc = table_index(l->table, &sql);
	if (rc == 0 && (rc = buf_addc(&sql, '\0')) == 0)
		rc = store_execute(l->store, l->table->live, sql.data);
	buf_clear(&sql);
	return rc;
}

/* Emptied, and without its indexes: made anew at the end, they cost half. */
static int empty(struct load *l)
{
	char sql[128];
	snprintf(sql, sizeof sql, "DELETE FROM \"%s\"", l->table->name);
	return drop_indexes(l) == 0 ? store_execute(l->store, l->table->live, sql) : -1;
}

int load_begin(struct load *l, struct store *s, const struct table *t, bool replace)
{
	struct buf sql;
	*l = (struct load){ .store = s, .table = t, .replace = replace };
	buf_init(&l->value, RECORD_LINE_MAX * 2);
	buf_init(&sql, SQL_MAX);
	int rc = store_begin(s, t->live);
	if (rc == 0 && (insert_sql(t, replace, &sql) != 0 || !(l->insert = store_prepare(s, t->live, sql.data)) ||
	                (replace && empty(l) != 0))) {
		load_abort(l);
		rc = -1;
	}
	if (rc != 0)
		say(l, store_why(s));
	buf_clear(&sql);
	return rc;
}

/* Is there a row `key` in this table? 1/0/-1. */
static int there(struct store *s, const struct table *t, struct view key)
{
	static char sql[32][128]; /* one text a table, so that store_use finds it again */
	size_t i = (size_t)(t - tables);
	snprintf(sql[i], sizeof sql[i], "SELECT 1 FROM \"%s\" WHERE \"%s\"=:key", t->name, t->col[0].name);
	struct sqlite3_stmt *st = store_use(s, t->live, sql[i]);
	if (!st)
		return -1;
	store_bind(st, ":key", key);
	int rc = store_step(s, st);
	sqlite3_reset(st);
	return rc;
}

static const char *refers_to(const struct col *c, struct record *r)
{
	const char *scope = c->kind == COL_OBJECT ? record_str(r, "scope") : NULL;
	return scope ? table_of_scope(scope) : c->ref;
}

int load_references(struct store *s, const struct table *t, struct record *r, char *why, size_t size)
{
	for (const struct col *c = t->col; c->name; c++) {
		const char *ref = refers_to(c, r);
		struct view v = record_get(r, c->name);
		if (!ref || v.n == 0)
			continue;
		int rc = there(s, table_find(ref), v);
		if (rc < 0)
			snprintf(why, size, "%s", store_why(s));
		else if (rc == 0)
			snprintf(why, size, "%s: %.*s is not in %s", c->name, (int)v.n, v.p, ref);
		if (rc != 1)
			return -1;
	}
	return 0;
}

static int bind_value(struct load *l, const struct col *c, int at, struct record *r)
{
	l->value.len = 0;
	if (table_value(l->table, c, r, &l->value) != 0)
		return say(l, "a value is too long");
	bool null = l->value.len == 0 && !(c->flags & COL_KEY) && (c->kind == COL_INT || c->kind == COL_REAL);
	int rc = null ? sqlite3_bind_null(l->insert, at)
	              : sqlite3_bind_text(l->insert, at, l->value.len ? l->value.data : "", (int)l->value.len, SQLITE_TRANSIENT);
	return rc == SQLITE_OK ? 0 : say(l, sqlite3_errstr(rc));
}

int load_row(struct load *l, struct record *r)
{
	int at = 1;
	if (!table_check(l->table, r, l->why, sizeof l->why) ||
	    load_references(l->store, l->table, r, l->why, sizeof l->why) != 0)
		return -1;
	sqlite3_reset(l->insert);
	for (const struct col *c = l->table->col; c->name; c++)
		if (bind_value(l, c, at++, r) != 0)
			return -1;
	int rc = sqlite3_step(l->insert);
	if (rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_UNIQUE)
		return say(l, "this key is in the input twice");
	if (rc != SQLITE_DONE)
		return say(l, sqlite3_errmsg(sqlite3_db_handle(l->insert)));
	l->rows++;
	return 0;
}

/* A row of table u whose column c refers to a row of l->table that is gone. */
static int dangling(struct load *l, const struct table *u, const struct col *c, const char *scope)
{
	char sql[512], limit[64] = "";
	const struct table *t = l->table;
	if (scope)
		snprintf(limit, sizeof limit, "u.scope='%s' AND ", scope);
	snprintf(sql, sizeof sql,
	         "SELECT u.\"%s\" FROM \"%s\" u WHERE %su.\"%s\"<>'' AND NOT EXISTS(SELECT 1 FROM \"%s\" t WHERE t.\"%s\"=u.\"%s\") LIMIT 1",
	         c->name, u->name, limit, c->name, t->name, t->col[0].name, c->name);
	struct sqlite3_stmt *st = store_prepare(l->store, false, sql);
	int rc = st ? store_step(l->store, st) : -1;
	if (rc < 0)
		say(l, store_why(l->store));
	else if (rc == 1)
		snprintf(l->why, sizeof l->why, "%s still refers to %s %s, which would be gone", u->name, t->col[0].name, store_text(st, 0));
	sqlite3_finalize(st);
	return rc == 0 ? 0 : -1;
}

static int nothing_dangles(struct load *l)
{
	static const char *const scope[] = { "customer", "site", "system" };
	const char *name = l->table->name;
	for (const struct table *u = tables; u->name; u++)
		for (const struct col *c = u->col; c->name; c++) {
			if (c->ref && strcmp(c->ref, name) == 0 && dangling(l, u, c, NULL) != 0)
				return -1;
			for (size_t i = 0; c->kind == COL_OBJECT && i < 3; i++)
				if (strcmp(table_of_scope(scope[i]), name) == 0 && dangling(l, u, c, scope[i]) != 0)
					return -1;
		}
	return 0;
}

int load_end(struct load *l)
{
	int rc = l->replace ? make_indexes(l) : 0;
	if (rc != 0)
		say(l, store_why(l->store));
	if (rc == 0 && l->replace && !l->table->live)
		rc = nothing_dangles(l);
	if (rc == 0) {
		sqlite3_finalize(l->insert);
		l->insert = NULL;
		rc = store_commit(l->store, l->table->live);
		if (rc != 0)
			say(l, store_why(l->store));
	}
	if (rc != 0)
		load_abort(l);
	buf_clear(&l->value);
	return rc;
}

void load_abort(struct load *l)
{
	sqlite3_finalize(l->insert);
	l->insert = NULL;
	store_rollback(l->store, l->table->live);
	buf_clear(&l->value);
}
