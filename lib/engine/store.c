/* store.c - opening the two files, and SQL with bound parameters.
 * Refuses a file that others can read. */
#include "engine/store_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *store_why(const struct store *s)
{
	return s->why;
}

bool store_locked(struct store *s)
{
	bool was = s->locked;
	s->locked = false;
	return was;
}

void store_wait_no_more(struct store *s)
{
	sqlite3_busy_timeout(s->db[0], 0);
	sqlite3_busy_timeout(s->db[1], 0);
}

static int failed(struct store *s, sqlite3 *db)
{
	s->locked = (sqlite3_errcode(db) & 0xff) == SQLITE_BUSY;
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
	bool locked = s->locked;
	memcpy(why, s->why, sizeof why);
	store_execute(s, live, "ROLLBACK");
	memcpy(s->why, why, sizeof why);
	s->locked = locked;
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

static int open_one(struct store *s, bool live, const char *path, enum store_mode mode)
{
	bool create = mode == STORE_CREATE || mode == STORE_MEMORY;
	bool read = mode == STORE_READ || (mode == STORE_MONITOR && !live);
	int flags = read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
	if (mode != STORE_MEMORY && file_ready(s, path, create) != 0)
		return -1;
	if (!create && mode != STORE_READ)
		schema_upgrade(live, path);
	if (sqlite3_open_v2(mode == STORE_MEMORY ? ":memory:" : path, &s->db[live], flags, NULL) != SQLITE_OK) {
		snprintf(s->why, sizeof s->why, "%s: %s", path, sqlite3_errmsg(s->db[live]));
		return -1;
	}
	sqlite3_busy_timeout(s->db[live], BUSY_MS);
	sqlite3_extended_result_codes(s->db[live], 1);
	if (window_function(s->db[live]) != SQLITE_OK)
		return failed(s, s->db[live]);
	if ((create ? schema_make(s, live) : schema_same(s, live, path)) != 0)
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
