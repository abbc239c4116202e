/* calls.c - leases and calls. A session's state only goes forward, whatever
 * order two network managers tell it in; but a session whose lease lives may
 * dial again after a call that failed. */
#include "engine/calls.h"

#include "base/num.h"
#include "engine/load.h"

#include <sqlite3.h>
#include <stdlib.h>

static const struct table *leases(void)
{
	return table_find("leases");
}

static const struct table *calls(void)
{
	return table_find("calls");
}

/* The one row of a prepared question. */
static int one(struct store *s, const struct table *t, struct sqlite3_stmt *st, struct record *r)
{
	int rc = st ? store_step(s, st) : -1;
	record_clear(r);
	if (rc == 1 && dump_record(t, st, r) != 0)
		rc = -1;
	if (st)
		sqlite3_reset(st);
	return rc;
}

static int by_key(struct store *s, const struct table *t, const char *sql, const char *key, struct record *r)
{
	struct sqlite3_stmt *st = store_use(s, true, sql);
	if (st)
		store_binds(st, ":key", key);
	return one(s, t, st, r);
}

int calls_lease(struct store *s, const char *lease, struct record *r)
{
	return by_key(s, leases(), "SELECT * FROM leases WHERE lease=:key", lease, r);
}

int calls_lease_on(struct store *s, const char *system, struct record *r)
{
	return by_key(s, leases(), "SELECT * FROM leases WHERE system=:key LIMIT 1", system, r);
}

int calls_lease_for(struct store *s, const char *session, struct record *r)
{
	return by_key(s, leases(), "SELECT * FROM leases WHERE session=:key LIMIT 1", session, r);
}

int calls_lease_of_ticket(struct store *s, const char *ticket, struct record *r)
{
	return by_key(s, leases(), "SELECT * FROM leases WHERE ticket=:key LIMIT 1", ticket, r);
}

int calls_lease_with_ticket(struct store *s, const char *after, struct record *r)
{
	return by_key(s, leases(), "SELECT * FROM leases WHERE session>:key AND +ticket<>'' ORDER BY session LIMIT 1", after, r);
}

int calls_lease_inside(struct store *s, const char *address, struct record *r)
{
	return by_key(s, leases(), "SELECT * FROM leases WHERE inside=:key LIMIT 1", address, r);
}

int calls_get(struct store *s, const char *session, struct record *r)
{
	return by_key(s, calls(), "SELECT * FROM calls WHERE session=:key", session, r);
}

static int put(struct store *s, const struct table *t, const char *sql, struct record *r)
{
	struct sqlite3_stmt *st = store_use(s, true, sql);
	char name[64] = ":";
	if (!st)
		return -1;
	for (const struct col *c = t->col; c->name; c++) {
		struct view v = record_get(r, c->name);
		strcpy(name + 1, c->name);
		if (v.n || c->kind != COL_INT)
			store_bind(st, name, v.n ? v : view_of(""));
	}
	return store_run(s, st);
}

static int put_lease(struct store *s, struct record *r)
{
	return put(s, leases(), "INSERT INTO leases VALUES(:lease,:session,:system,:user,:domain,:workstation,:router,"
	                        ":line,:phone,:since,:until,:token_id,:request,:ticket,:inside)", r);
}

static int put_call(struct store *s, struct record *r)
{
	return put(s, calls(), "INSERT OR REPLACE INTO calls VALUES(:session,:number,:system,:user,:domain,:workstation,:router,:line,"
	                       ":phone,:sp_address,:alias,:speed,:state180,:from180,:until180,:state182,:from182,:up182,"
	                       ":until182,:reason,:ticket,:tunnel)", r);
}

/* The end of every transaction here: all of it, or none. */
static int finish(struct store *s, int rc)
{
	if (rc >= 0 && store_commit(s, true) == 0)
		return rc;
	store_rollback(s, true);
	return -1;
}

static int set_time(struct record *r, const char *key, time_t t)
{
	char text[TIME_TEXT];
	time_text(t, text);
	return record_set(r, key, text);
}

static int64_t number(struct store *s, const char *sql, const char *router, const char *line)
{
	struct sqlite3_stmt *st = store_use(s, true, sql);
	if (!st)
		return -1;
	store_binds(st, ":router", router);
	store_binds(st, ":line", line);
	int64_t n = store_step(s, st) == 1 ? sqlite3_column_int64(st, 0) : -1;
	sqlite3_reset(st);
	return n;
}

int calls_begin(struct store *s, struct record *lease, time_t now)
{
	struct record call = { 0 };
	int rc = record_copy(&call, lease);
	int64_t n = number(s, "SELECT coalesce(max(number),0)+1 FROM calls", "", NULL);
	if (rc == 0 && (n < 0 || record_setf(&call, "number", "%lld", (long long)n) != 0 || set_time(lease, "since", now) != 0 || set_time(&call, "from180", now) != 0 ||
	                record_set(&call, "state180", "reserved") != 0))
		rc = -1;
	if (rc == 0 && (put_lease(s, lease) != 0 || put_call(s, &call) != 0))
		rc = -1;
	record_clear(&call);
	return rc;
}

int calls_renew(struct store *s, const char *lease, time_t until)
{
	char text[TIME_TEXT];
	struct sqlite3_stmt *st = store_use(s, true, "UPDATE leases SET \"until\"=:until WHERE lease=:lease RETURNING 1");
	time_text(until, text);
	if (!st)
		return -1;
	store_binds(st, ":until", text);
	store_binds(st, ":lease", lease);
	int rc = store_step(s, st);
	return rc == 1 && store_run(s, st) < 0 ? -1 : rc;
}

static int end_call(struct store *s, struct record *lease, time_t now, const char *reason)
{
	struct record call = { 0 };
	int rc = calls_get(s, record_str(lease, "session"), &call);
	if (rc != 1)
		goto out;
	if (record_set(&call, "state180", "ended") != 0 || set_time(&call, "until180", now) != 0)
		rc = -1;
	if (rc == 1 && !view_is(record_get(&call, "state182"), "down") &&
	    (record_set(&call, "state182", "down") != 0 || set_time(&call, "until182", now) != 0 ||
	     record_set(&call, "reason", reason) != 0))
		rc = -1;
	if (rc == 1)
		rc = put_call(s, &call);
out:
	record_clear(&call);
	return rc;
}

static int end_lease(struct store *s, struct record *lease, time_t now, const char *reason)
{
	struct sqlite3_stmt *st = store_use(s, true, "DELETE FROM leases WHERE lease=:lease");
	if (st)
		store_binds(st, ":lease", record_str(lease, "lease"));
	return store_run(s, st) != 0 || end_call(s, lease, now, reason) != 0 ? -1 : 1;
}

int calls_end(struct store *s, const char *lease, time_t now, const char *reason)
{
	struct record r = { 0 };
	if (store_begin(s, true) != 0)
		return -1;
	int rc = calls_lease(s, lease, &r);
	if (rc == 1)
		rc = end_lease(s, &r, now, reason);
	record_clear(&r);
	return finish(s, rc);
}

int calls_grace(struct store *s, time_t until)
{
	char text[TIME_TEXT];
	struct sqlite3_stmt *st = store_use(s, true, "UPDATE leases SET \"until\"=:until WHERE \"until\"<:until");
	time_text(until, text);
	if (st)
		store_binds(st, ":until", text);
	return store_run(s, st);
}

int calls_expire(struct store *s, time_t now, struct record *lease)
{
	char text[TIME_TEXT];
	time_text(now, text);
	if (store_begin(s, true) != 0)
		return -1;
	int rc = by_key(s, leases(), "SELECT * FROM leases WHERE \"until\"<=:key ORDER BY \"until\" LIMIT 1", text, lease);
	if (rc == 1)
		rc = end_lease(s, lease, now, "session-timeout");
	return finish(s, rc);
}

int calls_next(struct store *s, time_t *until)
{
	struct sqlite3_stmt *st = store_use(s, true, "SELECT min(\"until\") FROM leases");
	int rc = st ? store_step(s, st) : -1;
	if (rc == 1 && !time_parse(view_of(store_text(st, 0)), until))
		rc = 0;
	if (st)
		sqlite3_reset(st);
	return rc;
}

/* 0, 1 or 2 rows; the first as a record. */
static int match(struct store *s, const char *sql, const char *router, const char *key, struct record *lease)
{
	struct sqlite3_stmt *st = store_use(s, true, sql);
	int n = 0, rc = -1;
	if (!st)
		return -1;
	store_binds(st, ":router", router);
	store_binds(st, ":key", key);
	while (n < 2 && (rc = store_step(s, st)) == 1)
		if (n++ == 0 && dump_record(leases(), st, lease) != 0)
			rc = -1;
	sqlite3_reset(st);
	return rc < 0 ? -1 : n;
}

int calls_match(struct store *s, const char *router, const char *line, const char *phone, struct record *lease)
{
	int rc = 0;
	if (line && *line)
		rc = match(s, "SELECT * FROM leases WHERE router=:router AND line=:key LIMIT 2", router, line, lease);
	if (rc == 0 && phone && *phone)
		rc = match(s, "SELECT * FROM leases WHERE router=:router AND phone=:key LIMIT 2", router, phone, lease);
	return rc;
}

enum { UNKNOWN, DIALING, RINGING, CONNECTED, AUTHENTICATING, UP, DOWN }; /* the order in which they come */

static int rank(struct view state)
{
	static const char *const order[] = { [DIALING] = "dialing", "ringing", "connected", "authenticating", "up", "down" };
	for (int i = DIALING; i <= DOWN; i++)
		if (view_is(state, order[i]))
			return i;
	return UNKNOWN;
}

/* Copies what was said; true when anything is new. -1 ENOMEM. */
static int take_over(struct record *call, struct record *said)
{
	static const char *const keys[] = { "line", "phone", "sp_address", "alias", "speed", "reason" };
	int changed = 0;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct view v = record_get(said, keys[i]);
		uint64_t n;
		if (v.n == 0 || view_eq(v, record_get(call, keys[i])) ||
		    (strcmp(keys[i], "speed") == 0 && !num_u64(v, 0, 1000000000000, &n)))
			continue;
		if (record_setv(call, view_of(keys[i]), v) != 0)
			return -1;
		changed = 1;
	}
	return changed;
}

/* A new dialing begins: what the last call left is gone. */
static void forget_call(struct record *call)
{
	static const char *const keys[] = { "sp_address", "alias", "speed", "reason", "up182", "until182" };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		record_drop(call, keys[i]);
}

static int set_state(struct record *call, struct view state, int from, int to, time_t now)
{
	if (to == DIALING || from == UNKNOWN)
		forget_call(call);
	if (from == DOWN) /* else the gateway may have been there first */
		record_drop(call, "tunnel");
	if (record_setv(call, view_of("state182"), state) != 0)
		return -1;
	if ((to == DIALING || from == UNKNOWN) && set_time(call, "from182", now) != 0)
		return -1;
	if (view_is(record_get(call, "state180"), "reserved") && record_set(call, "state180", "open") != 0)
		return -1;
	return to == UP ? set_time(call, "up182", now) : to == DOWN ? set_time(call, "until182", now) : 0;
}

enum calls_change calls_state(struct store *s, struct record *call, struct record *said, time_t now, bool live)
{
	struct view state = record_get(said, "state");
	int from = rank(record_get(call, "state182")), to = rank(state);
	bool again = from == DOWN && to == DIALING && live;
	if (to < from && !again)
		return CALLS_STALE;
	if (to != from && set_state(call, state, from, to, now) != 0)
		return CALLS_FAILED;
	int changed = take_over(call, said);
	if (changed < 0)
		return CALLS_FAILED;
	if (!changed && to == from)
		return CALLS_STALE;
	return put_call(s, call) == 0 ? CALLS_CHANGED : CALLS_FAILED;
}

enum calls_change calls_tunnel(struct store *s, struct record *call, struct view tunnel)
{
	if (view_eq(record_get(call, "tunnel"), tunnel))
		return CALLS_STALE;
	return record_setv(call, view_of("tunnel"), tunnel) == 0 && put_call(s, call) == 0 ? CALLS_CHANGED : CALLS_FAILED;
}

int64_t calls_load(struct store *s, const char *router)
{
	return number(s, "SELECT count(*) FROM leases WHERE router=:router", router, NULL);
}

int calls_line_used(struct store *s, const char *router, const char *line)
{
	return (int)number(s, "SELECT EXISTS(SELECT 1 FROM leases WHERE router=:router AND line=:line)", router, line);
}

int64_t calls_last(struct store *s, const char *router)
{
	return number(s, "SELECT coalesce(max(number),0) FROM calls WHERE router=:router", router, NULL);
}
