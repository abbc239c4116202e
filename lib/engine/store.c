/* store.c - opening the two files, and SQL with bound parameters.
 * Refuses a file of another kind or version, and one that others can read. */
#include "engine/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x73705f31 /* "sp_1" */
#define STATEMENTS_MAX 96
#define BUSY_MS 5000
#define BUSY_MONITOR_MS 1000 /* for another monitor, whose transactions are short; its loop waits for nobody else */

static const int schema_version[] = { 2, 5 }; /* of the configuration; of leases and calls */

struct store {
	sqlite3 *db[2]; /* configuration, live */
	struct { const char *sql; bool live; sqlite3_stmt *st; } kept[STATEMENTS_MAX];
	unsigned nkept;
	char why[512];
};

const char *store_why(const struct store *s)
{
	return s->why;
}

static int failed(struct store *s, sqlite3 *db)
{
	snprintf(s->why, sizeof s->why, "%s", sqlite3_errmsg(db));
	return -1;
}

struct sqlite3_stmt *store_prepare(struct store *s, bool live, const char *sql)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v3(s->db[live], sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK)
		failed(s, s->db[live]);
	return st;
}

struct sqlite3_stmt *store_use(struct store *s, bool live, const char *sql)
{
	for (unsigned i = 0; i < s->nkept; i++)
		if (s->kept[i].sql == sql && s->kept[i].live == live) {
			sqlite3_reset(s->kept[i].st);
			sqlite3_clear_bindings(s->kept[i].st);
			return s->kept[i].st;
		}
	sqlite3_stmt *st = s->nkept < STATEMENTS_MAX ? store_prepare(s, live, sql) : NULL;
	if (!st)
		return NULL;
	s->kept[s->nkept].sql = sql;
	s->kept[s->nkept].live = live;
	s->kept[s->nkept++].st = st;
	return st;
}

void store_bind(struct sqlite3_stmt *st, const char *name, struct view v)
{
	int i = sqlite3_bind_parameter_index(st, name);
	if (i && v.p)
		sqlite3_bind_text64(st, i, v.p, v.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void store_binds(struct sqlite3_stmt *st, const char *name, const char *text)
{
	store_bind(st, name, text ? view_of(text) : (struct view){ NULL, 0 });
}

void store_bindi(struct sqlite3_stmt *st, const char *name, int64_t v)
{
	int i = sqlite3_bind_parameter_index(st, name);
	if (i)
		sqlite3_bind_int64(st, i, v);
}

int store_step(struct store *s, struct sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		failed(s, sqlite3_db_handle(st));
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

const char *store_text(struct sqlite3_stmt *st, int i)
{
	const unsigned char *t = sqlite3_column_text(st, i);
	return t ? (const char *)t : "";
}

int store_run(struct store *s, struct sqlite3_stmt *st)
{
	int rc;
	while ((rc = st ? store_step(s, st) : -1) == 1)
		;
	return rc;
}

int store_execute(struct store *s, bool live, const char *sql)
{
	return sqlite3_exec(s->db[live], sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(s, s->db[live]);
}

int store_begin(struct store *s, bool live)
{
	return store_execute(s, live, "BEGIN IMMEDIATE");
}

int store_commit(struct store *s, bool live)
{
	return store_execute(s, live, "COMMIT");
}

void store_rollback(struct store *s, bool live)
{
	char why[sizeof s->why];
	memcpy(why, s->why, sizeof why);
	store_execute(s, live, "ROLLBACK");
	memcpy(s->why, why, sizeof why);
}

/* The file is there (or, with create, is made now) and nobody else's to read. */
static int file_ready(struct store *s, const char *path, bool create)
{
	struct stat st;
	int fd = create ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	if (fd >= 0)
		close(fd);
	if ((create && fd < 0) || stat(path, &st) != 0) {
		snprintf(s->why, sizeof s->why, "%s: %s%s", path, strerror(errno),
		         errno == ENOENT ? " (sp-db create makes it)" : "");
		return -1;
	}
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) || (st.st_uid != geteuid() && geteuid() != 0)) {
		snprintf(s->why, sizeof s->why, "%s: must be a file that its owner alone can read (chmod 600)", path);
		return -1;
	}
	return 0;
}

static int pragma_int(struct store *s, bool live, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int v = -1;
	if (sqlite3_prepare_v2(s->db[live], sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return v;
}

static int make_schema(struct store *s, bool live)
{
	struct buf sql;
	char ids[128];
	buf_init(&sql, 65536);
	snprintf(ids, sizeof ids, "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION_ID, schema_version[live]);
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

static int same_schema(struct store *s, bool live, const char *path)
{
	int id = pragma_int(s, live, "PRAGMA application_id");
	int version = pragma_int(s, live, "PRAGMA user_version");
	if (id == APPLICATION_ID && version == schema_version[live])
		return 0;
	if (id != APPLICATION_ID)
		snprintf(s->why, sizeof s->why, "%s: is not a store of sp", path);
	else
		snprintf(s->why, sizeof s->why, "%s: has version %d, this program knows %d", path, version, schema_version[live]);
	return -1;
}

/* Tables that files of leases and calls did not have from the beginning. */
static const struct { int since; const char *name; } added[] = { { 4, "line_states" }, { 5, "permits" } };

/* A file of version 3 or later gets those it lacks; another process may do it at the
 * same time. 0/-1. */
static int add_tables(struct store *s, int version)
{
	struct buf sql;
	buf_init(&sql, 4096);
	int rc = buf_adds(&sql, "BEGIN IMMEDIATE;");
	for (size_t i = 0; rc == 0 && i < sizeof added / sizeof *added; i++)
		if (added[i].since > version)
			rc = table_create(table_find(added[i].name), &sql);
	if (rc == 0)
		rc = buf_printf(&sql, "PRAGMA user_version=%d; COMMIT;", schema_version[true]);
	if (rc == 0 && buf_addc(&sql, '\0') == 0 && store_execute(s, true, sql.data) != 0)
		store_rollback(s, true);
	buf_clear(&sql);
	return rc;
}

/* A configuration from before routers had profile_args= gets the column. The monitor
 * itself only reads that file. What cannot be done, same_schema tells. */
static void add_args(struct store *s, const char *path)
{
	sqlite3 *was = s->db[0];
	if (sqlite3_open_v2(path, &s->db[0], SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	    sqlite3_busy_timeout(s->db[0], BUSY_MS) == SQLITE_OK &&
	    pragma_int(s, false, "PRAGMA application_id") == APPLICATION_ID && pragma_int(s, false, "PRAGMA user_version") == 1)
		sqlite3_exec(s->db[0], "BEGIN IMMEDIATE; ALTER TABLE routers ADD COLUMN profile_args TEXT NOT NULL DEFAULT '';"
		                       "PRAGMA user_version=2; COMMIT;", NULL, NULL, NULL);
	sqlite3_close(s->db[0]);
	s->db[0] = was;
}

static int old_schema(struct store *s, bool live, const char *path)
{
	bool ours = pragma_int(s, live, "PRAGMA application_id") == APPLICATION_ID;
	int version = pragma_int(s, live, "PRAGMA user_version");
	if (live && ours && version >= 3 && version < schema_version[true] && add_tables(s, version) != 0)
		return -1;
	return same_schema(s, live, path);
}

static int open_one(struct store *s, bool live, const char *path, enum store_mode mode)
{
	bool create = mode == STORE_CREATE || mode == STORE_MEMORY;
	bool read = mode == STORE_READ || (mode == STORE_MONITOR && !live);
	int flags = read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
	if (mode != STORE_MEMORY && file_ready(s, path, create) != 0)
		return -1;
	if (!live && !create && mode != STORE_READ)
		add_args(s, path);
	if (sqlite3_open_v2(mode == STORE_MEMORY ? ":memory:" : path, &s->db[live], flags, NULL) != SQLITE_OK) {
		snprintf(s->why, sizeof s->why, "%s: %s", path, sqlite3_errmsg(s->db[live]));
		return -1;
	}
	sqlite3_busy_timeout(s->db[live], mode == STORE_MONITOR ? BUSY_MONITOR_MS : BUSY_MS);
	sqlite3_extended_result_codes(s->db[live], 1);
	if ((create ? make_schema(s, live) : read ? same_schema(s, live, path) : old_schema(s, live, path)) != 0)
		return -1;
	return store_execute(s, live, "PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
	                        "PRAGMA cache_size=-65536");
}

struct store *store_open(const char *path, enum store_mode mode, char *why, size_t size)
{
	char live[4096];
	struct store *s = calloc(1, sizeof *s);
	if (!s) {
		snprintf(why, size, "out of memory");
		return NULL;
	}
	mode_t was = umask(077);
	if (snprintf(live, sizeof live, "%s-live", path) >= (int)sizeof live)
		snprintf(s->why, sizeof s->why, "%s", strerror(ENAMETOOLONG));
	else if (open_one(s, false, path, mode) == 0 && open_one(s, true, live, mode) == 0) {
		umask(was);
		return s;
	}
	umask(was);
	snprintf(why, size, "%s", s->why);
	store_close(s);
	return NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->nkept; i++)
		sqlite3_finalize(s->kept[i].st);
	sqlite3_close(s->db[0]);
	sqlite3_close(s->db[1]);
	free(s);
}
