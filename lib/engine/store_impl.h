/* store_impl.h - what the files of the store share; nobody else includes it. */
#ifndef SP_ENGINE_STORE_IMPL_H
#define SP_ENGINE_STORE_IMPL_H

#include "engine/store.h"

#include <sqlite3.h>

#define STATEMENTS_MAX 96
#define BUSY_MS 5000

struct store {
	sqlite3 *db[2]; /* configuration, live */
	struct { const char *sql; bool live; sqlite3_stmt *st; } kept[STATEMENTS_MAX];
	unsigned nkept;
	char why[512];
	bool locked; /* ... and it was another program's lock */
};

/* store_schema.c. All 0/-1 with the cause in why. */
int schema_make(struct store *s, bool live); /* in an empty file */
/* Is it ours, and of the version that this program knows? */
int schema_same(struct store *s, bool live, const char *path);
/* An older file is brought up to date, by a connection of its own. What cannot be done,
 * schema_same tells. */
void schema_upgrade(bool live, const char *path);

/* store_window.c: window_open(window, zone, now) for SQL. A sqlite3 result code. */
int window_function(sqlite3 *db);

#endif
