/* store_schema.c - the versions of the two files. A file of an older version gets
 * what it lacks, one step after the other, whoever opens it for writing first.
 * Refuses a file of another kind, and one of a version that is not known. */
#include "engine/store_impl.h"

#include <stdio.h>

#define APPLICATION_ID 0x73705f31 /* "sp_1" */

/* The step from version i + 1 to the next, of the configuration; of leases and calls. */
static const char *const steps[2][7] = {
	{ "ALTER TABLE routers ADD COLUMN profile_args TEXT NOT NULL DEFAULT ''",
	  "ALTER TABLE grants ADD COLUMN window TEXT NOT NULL DEFAULT '';"
	  "ALTER TABLE grants ADD COLUMN zone TEXT NOT NULL DEFAULT '';"
	  "ALTER TABLE grants ADD COLUMN ports TEXT NOT NULL DEFAULT '';"
	  "DROP INDEX grants_group; CREATE INDEX \"grants_group,scope,object\" ON grants(\"group\", scope, object)" },
	{ NULL, NULL,
	  "CREATE TABLE line_states(router TEXT NOT NULL DEFAULT '', line TEXT NOT NULL DEFAULT '',"
	  "line_state TEXT NOT NULL DEFAULT '', phone TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',"
	  "detail TEXT NOT NULL DEFAULT '', since TEXT NOT NULL DEFAULT '', PRIMARY KEY(router, line)) WITHOUT ROWID",
	  "CREATE TABLE permits(serial TEXT NOT NULL DEFAULT '', sequence INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(serial)) WITHOUT ROWID",
	  "ALTER TABLE leases ADD COLUMN ticket TEXT NOT NULL DEFAULT '';"
	  "ALTER TABLE calls ADD COLUMN ticket TEXT NOT NULL DEFAULT '';"
	  "CREATE INDEX leases_ticket ON leases(ticket)",
	  "ALTER TABLE leases ADD COLUMN inside TEXT NOT NULL DEFAULT '';"
	  "CREATE INDEX leases_inside ON leases(inside)",
	  "ALTER TABLE calls ADD COLUMN tunnel TEXT NOT NULL DEFAULT ''" },
};
static const int version[] = { 3, 8 }; /* what they lead to */

static int pragma_int(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int v = -1;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return v;
}

int schema_make(struct store *s, bool live)
{
	struct buf sql;
	char ids[128];
	buf_init(&sql, 65536);
	snprintf(ids, sizeof ids, "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION_ID, version[live]);
	int rc = buf_adds(&sql, "PRAGMA journal_mode=WAL; BEGIN;");
	if (rc == 0)
		rc = table_schema(live, &sql);
	if (rc == 0)
		rc = buf_adds(&sql, ids);
	if (rc == 0)
		rc = buf_add(&sql, "COMMIT;", 8);
	rc = rc == 0 ? store_execute(s, live, sql.data) : -1;
	buf_clear(&sql);
	return rc;
}

int schema_same(struct store *s, bool live, const char *path)
{
	int id = pragma_int(s->db[live], "PRAGMA application_id"), is = pragma_int(s->db[live], "PRAGMA user_version");
	if (id == APPLICATION_ID && is == version[live])
		return 0;
	if (id != APPLICATION_ID)
		snprintf(s->why, sizeof s->why, "%s: is not a store of sp", path);
	else
		snprintf(s->why, sizeof s->why, "%s: has version %d, this program knows %d", path, is, version[live]);
	return -1;
}

static const char *step_of(sqlite3 *db, bool live, int *from)
{
	*from = pragma_int(db, "PRAGMA application_id") == APPLICATION_ID ? pragma_int(db, "PRAGMA user_version") : -1;
	return *from >= 1 && *from < version[live] ? steps[live][*from - 1] : NULL;
}

/* Another process may be about the same. */
static bool step(sqlite3 *db, bool live)
{
	char next[64];
	int from;
	if (!step_of(db, live, &from) || sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return false;
	const char *sql = step_of(db, live, &from);
	snprintf(next, sizeof next, "PRAGMA user_version=%d", from + 1);
	bool ok = !sql || (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK &&
	                   sqlite3_exec(db, next, NULL, NULL, NULL) == SQLITE_OK);
	return sqlite3_exec(db, ok ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK && ok;
}

void schema_upgrade(bool live, const char *path)
{
	sqlite3 *db = NULL;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	    sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK)
		while (step(db, live))
			;
	sqlite3_close(db);
}
