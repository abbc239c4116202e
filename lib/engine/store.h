/* store.h - the vendor's users, customers, systems, routers, leases and calls
 * in SQLite: FILE holds what is configured, FILE-live leases, calls and the
 * states of lines.
 * Both, and SQLite's files beside them, are 0600; a file that somebody else
 * can read is refused. Every value reaches SQL as a bound parameter. */
#ifndef SP_ENGINE_STORE_H
#define SP_ENGINE_STORE_H

#include "engine/table.h"

#include <stdint.h>

struct sqlite3_stmt;
struct store;

enum store_mode {
	STORE_CREATE,  /* makes both files; they must not exist */
	STORE_LOAD,    /* writes both */
	STORE_READ,    /* writes neither */
	STORE_MONITOR, /* writes leases and calls only */
	STORE_MEMORY   /* for tests: path is not looked at */
};

/* NULL with the cause, a sentence's second half, in why. */
struct store *store_open(const char *path, enum store_mode mode, char *why, size_t size);
void store_close(struct store *s);
/* The cause of the last failure on this store. */
const char *store_why(const struct store *s);
/* It was that another program has the store locked: it may go when tried again. Told once. */
bool store_locked(struct store *s);
/* From now on a lock is a failure at once, for who must not wait (else 5 s are waited). */
void store_wait_no_more(struct store *s);

/* A statement for this constant text, reset and without bindings; NULL on
 * failure. It is kept and found again by the address of sql. live: of the
 * second file. */
struct sqlite3_stmt *store_use(struct store *s, bool live, const char *sql);
/* The same, not kept: for a text made now. sqlite3_finalize is the caller's. */
struct sqlite3_stmt *store_prepare(struct store *s, bool live, const char *sql);
int store_execute(struct store *s, bool live, const char *sql); /* statements without values. 0/-1 */
/* Binds by name (":user"); a name that the statement lacks is left out. */
void store_bind(struct sqlite3_stmt *st, const char *name, struct view v); /* p NULL: NULL */
void store_binds(struct sqlite3_stmt *st, const char *name, const char *text);
void store_bindi(struct sqlite3_stmt *st, const char *name, int64_t v);
/* 1 a row, 0 no more, -1 failed. */
int store_step(struct store *s, struct sqlite3_stmt *st);
/* Column i as text, valid until the next step; never NULL. */
const char *store_text(struct sqlite3_stmt *st, int i);
/* Steps to the end and resets. 0/-1. */
int store_run(struct store *s, struct sqlite3_stmt *st);
int store_begin(struct store *s, bool live);
int store_commit(struct store *s, bool live);
void store_rollback(struct store *s, bool live);

#endif
