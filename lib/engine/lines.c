/* lines.c - rows of line_states. A line that is told again as it is changes
 * nothing: a router says all of them whenever it starts. */
#include "engine/lines.h"

#include "base/num.h"
#include "engine/load.h"

#include <sqlite3.h>

static const struct table *line_states(void)
{
	return table_find("line_states");
}

static struct sqlite3_stmt *about(struct store *s, bool live, const char *sql, const char *router, const char *line)
{
	struct sqlite3_stmt *st = store_use(s, live, sql);
	if (st) {
		store_binds(st, ":router", router);
		store_binds(st, ":line", line);
	}
	return st;
}

/* The one number that it answers with. */
static int64_t number(struct store *s, struct sqlite3_stmt *st, int64_t failed)
{
	int64_t n = st && store_step(s, st) == 1 ? sqlite3_column_int64(st, 0) : failed;
	if (st)
		sqlite3_reset(st);
	return n;
}

int lines_router(struct store *s, const char *router)
{
	return (int)number(s, about(s, false, "SELECT EXISTS(SELECT 1 FROM routers WHERE router=:router)", router, NULL), -1);
}

int lines_full(struct store *s, const char *router, const char *line)
{
	int64_t n = number(s, about(s, true, "SELECT count(*) FROM line_states WHERE router=:router AND line<>:line", router, line), -1);
	return n < 0 ? -1 : n >= LINES_MAX;
}

int64_t lines_out(struct store *s, const char *router)
{
	return number(s, about(s, true, "SELECT count(*) FROM line_states WHERE router=:router AND line_state='failed'",
	                       router, NULL), -1);
}

int lines_failed(struct store *s, const char *router, const char *line)
{
	return (int)number(s, about(s, true, "SELECT EXISTS(SELECT 1 FROM line_states WHERE router=:router AND line=:line "
	                                     "AND line_state='failed')", router, line), -1);
}

int64_t lines_working(struct store *s, const char *router)
{
	return number(s, about(s, true, "SELECT CASE count(*) WHEN 0 THEN -1 ELSE sum(line_state<>'failed') END "
	                                "FROM line_states WHERE router=:router", router, NULL), -2);
}

/* The row as it is: 1, 0 there is none, -1. */
static int get(struct store *s, struct record *said, struct record *row)
{
	struct sqlite3_stmt *st = about(s, true, "SELECT * FROM line_states WHERE router=:router AND line=:line",
	                                record_str(said, "router"), record_str(said, "line"));
	int rc = st ? store_step(s, st) : -1;
	if (rc == 1 && dump_record(line_states(), st, row) != 0)
		rc = -1;
	if (st)
		sqlite3_reset(st);
	return rc;
}

static bool same(struct record *a, struct record *b, const char *key)
{
	return view_eq(record_get(a, key), record_get(b, key)) || (record_get(a, key).n == 0 && record_get(b, key).n == 0);
}

static int put(struct store *s, struct record *said, struct view since)
{
	static const char *const keys[] = { "router", "line", "line_state", "phone", "reason", "detail" };
	static const char *const names[] = { ":router", ":line", ":line_state", ":phone", ":reason", ":detail" };
	struct sqlite3_stmt *st = store_use(s, true, "INSERT OR REPLACE INTO line_states"
		"(router, line, line_state, phone, reason, detail, since) "
		"VALUES(:router,:line,:line_state,:phone,:reason,:detail,:since)");
	if (!st)
		return -1;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		store_bind(st, names[i], record_get(said, keys[i]).n ? record_get(said, keys[i]) : view_of(""));
	store_bind(st, ":since", since);
	return store_run(s, st);
}

enum calls_change lines_state(struct store *s, struct record *said, time_t now)
{
	struct record row = { 0 };
	char text[TIME_TEXT];
	enum calls_change change = CALLS_FAILED;
	int rc = get(s, said, &row);
	time_text(now, text);
	bool known = rc == 1 && same(&row, said, "line_state");
	if (known && same(&row, said, "phone") && same(&row, said, "reason") && same(&row, said, "detail"))
		change = CALLS_STALE;
	else if (rc >= 0 && put(s, said, known ? record_get(&row, "since") : view_of(text)) == 0)
		change = CALLS_CHANGED;
	record_clear(&row);
	return change;
}
