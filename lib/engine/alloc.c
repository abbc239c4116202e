/* alloc.c - grants again, then who has the system already, then how it is
 * called, then by which router. What the user may not reach does not exist:
 * the same words whether or not there is such a system. */
#include "engine/alloc_impl.h"
#include "engine/calls.h"
#include "engine/endpoints.h"
#include "engine/may.h"
#include "engine/ticketcheck.h"
#include "engine/window.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define SESSION_BYTES 8
#define LEASE_BYTES 16
#define REQUEST_MAX 128

const char alloc_unknown[] = "no such system, or not for this user";

/* 1, 0 there is no such system for this user, -1 failed. The grants are looked at either
 * way, so that it takes no longer where there is such a system. */
static int facts_get(const struct alloc *a, const struct reach *r, const char *system, struct facts *f)
{
	struct sqlite3_stmt *st = store_use(a->store, false,
		"SELECT s.system, s.customer, s.site, i.region, i.policy, c.policy, i.lat, i.lon, s.there AND " REACH_SYSTEM
		" FROM (SELECT q.k AS system, x.system IS NOT NULL AS there, coalesce(x.customer,'') AS customer, "
		"coalesce(x.site,'') AS site FROM (SELECT :system AS k) q LEFT JOIN systems x ON x.system=q.k) s "
		"LEFT JOIN customers c ON c.customer=s.customer LEFT JOIN sites i ON i.site=s.site");
	if (!st)
		return -1;
	reach_bind(r, st);
	store_binds(st, ":system", system);
	int rc = store_step(a->store, st);
	if (rc == 1 && !sqlite3_column_int(st, 8))
		rc = 0;
	if (rc == 1) {
		char *to[] = { f->system, f->customer, f->site, f->region };
		for (int i = 0; i < 4 && rc == 1; i++)
			rc = view_str(view_of(store_text(st, i)), to[i], sizeof f->system) ? 1 : -1;
		const char *own = *store_text(st, 4) ? store_text(st, 4) : store_text(st, 5);
		f->policy = choose_policy_of(own) < CHOOSE_POLICIES ? choose_policy_of(own) : a->policy;
		alloc_place(st, 6, 7, f->region, &f->place);
	}
	sqlite3_reset(st);
	return rc;
}

int alloc_reaches(struct store *s, const struct reach *r, const char *system)
{
	struct facts f;
	return facts_get(&(struct alloc){ .store = s }, r, system, &f);
}

static enum sp_exit held_by(struct record *lease, struct record *answer)
{
	static const char *const keys[] = { "user", "domain", "workstation", "session" };
	for (size_t i = 0; i < 4; i++) {
		struct view v = record_get(lease, keys[i]);
		if (v.n && record_setv(answer, view_of(keys[i]), v) != 0)
			return SP_SYSTEM;
	}
	struct view user = record_get(lease, "user");
	if (record_setf(answer, "detail", "%.*s is connected to this system", (int)user.n, user.p) != 0)
		return SP_SYSTEM;
	return SP_BUSY;
}

static int unguessable(struct record *r, const char *key, size_t bytes)
{
	unsigned char b[LEASE_BYTES];
	char text[2 * LEASE_BYTES + 1];
	if (getrandom(b, bytes, 0) != (ssize_t)bytes)
		return -1;
	for (size_t i = 0; i < bytes; i++)
		snprintf(text + 2 * i, 3, "%02x", b[i]);
	return record_set(r, key, text);
}

/* How long it lives from now. 0/-1. */
static int time_answer(const struct alloc *a, time_t until, struct record *answer)
{
	char text[TIME_TEXT];
	time_text(until, text);
	return record_set(answer, "lease_until", text) != 0 ? -1
	       : record_setf(answer, "ttl", "%llu", (unsigned long long)a->ttl);
}

static time_t until_of(const struct alloc *a)
{
	return a->now + (time_t)a->ttl + 1; /* whole seconds: never earlier than promised */
}

/* Of ask and answer. 0/-1. */
static int lease_begin(const struct alloc *a, const struct reach *r, const struct facts *f, struct record *ask,
                       struct record *answer)
{
	static const char *const keys[] = { "lease", "session", "router", "line", "phone", "inside" };
	struct record lease = { 0 };
	char until[TIME_TEXT];
	time_text(until_of(a), until);
	int rc = unguessable(answer, "session", SESSION_BYTES) == 0 && unguessable(answer, "lease", LEASE_BYTES) == 0 &&
	         time_answer(a, until_of(a), answer) == 0 ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < sizeof keys / sizeof *keys; i++)
		if (record_has(answer, keys[i]))
			rc = record_setv(&lease, view_of(keys[i]), record_get(answer, keys[i]));
	if (rc == 0 && (record_set(&lease, "system", f->system) != 0 || record_set(&lease, "user", r->user) != 0 ||
	                record_set(&lease, "domain", r->domain) != 0 || record_set(&lease, "until", until) != 0 ||
	                record_setv(&lease, view_of("token_id"), a->token_id) != 0 ||
	                record_setv(&lease, view_of("request"), record_get(ask, "request")) != 0 ||
	                record_setv(&lease, view_of("ticket"), record_get(ask, "ticket")) != 0 ||
	                record_setv(&lease, view_of("workstation"), record_get(ask, "workstation")) != 0))
		rc = -1;
	if (rc == 0)
		rc = calls_begin(a->store, &lease, a->now);
	record_clear(&lease);
	return rc;
}

/* Router, then lease, then how the system is called. */
static enum sp_exit allocate(const struct alloc *a, const struct reach *r, const struct facts *f, struct record *ask,
                             struct record *answer)
{
	struct record how = { 0 };
	enum sp_exit status = SP_SYSTEM;
	int rc = endpoints_put(a->store, f->system, &how);
	if (rc <= 0) {
		status = rc < 0 ? SP_SYSTEM : alloc_no(answer, SP_NONE, "the store has no endpoint of this system");
		goto out;
	}
	status = alloc_router(a, f, ask, answer);
	if (status == SP_OK)
		status = alloc_inside(a, answer);
	if (status == SP_OK && (record_merge(answer, &how) != 0 || lease_begin(a, r, f, ask, answer) != 0))
		status = SP_SYSTEM;
out:
	record_clear(&how);
	return status;
}

/* Was this lease the answer to this very question? */
static bool asked_before(const struct alloc *a, const struct reach *r, struct record *ask, struct record *lease)
{
	struct view request = record_get(ask, "request");
	return request.n && view_eq(record_get(lease, "request"), request) && view_is(record_get(lease, "user"), r->user) &&
	       view_is(record_get(lease, "domain"), r->domain) && view_eq(record_get(lease, "token_id"), a->token_id);
}

/* The answer once more, with all the time it had then. */
static enum sp_exit give_again(struct alloc *a, const struct facts *f, struct record *lease, struct record *answer)
{
	static const char *const keys[] = { "session", "lease", "line", "inside" };
	const char *router = record_str(lease, "router"), *id = record_str(lease, "lease");
	int rc = router && id ? alloc_router_put(a, router, answer) : -1;
	for (size_t i = 0; rc == 0 && i < sizeof keys / sizeof *keys; i++)
		if (record_get(lease, keys[i]).n)
			rc = record_setv(answer, view_of(keys[i]), record_get(lease, keys[i]));
	a->again = true;
	return rc == 0 && endpoints_put(a->store, f->system, answer) == 1 && time_answer(a, until_of(a), answer) == 0 &&
	       calls_renew(a->store, id, until_of(a)) == 1 ? SP_OK : SP_SYSTEM;
}

/* With the store's leases locked: who has it, or what he gets. */
static enum sp_exit decide(struct alloc *a, const struct reach *r, const struct facts *f, struct record *ask,
                           struct record *answer)
{
	struct record lease = { 0 };
	int rc = calls_lease_on(a->store, f->system, &lease);
	enum sp_exit status = rc < 0 ? SP_SYSTEM : rc == 0 ? allocate(a, r, f, ask, answer)
	                    : asked_before(a, r, ask, &lease) ? give_again(a, f, &lease, answer) : held_by(&lease, answer);
	record_clear(&lease);
	return status;
}

struct bounds { /* of what the grants open */
	char ports[PORTS_TEXT]; /* "": all */
	time_t until;           /* or WINDOW_ALWAYS */
};

/* What may be opened to the system; else why not. */
static enum sp_exit bounds_of_grants(const struct alloc *a, const struct reach *r, const char *system,
                                     struct bounds *b, struct record *answer)
{
	struct may m;
	enum sp_exit status = may_system(&m, a->store, r, true, system) == 0 ? SP_OK : SP_SYSTEM;
	ports_write(&m.ports, b->ports);
	b->until = m.until;
	if (status == SP_OK && !m.allow)
		status = alloc_no(answer, SP_DENIED, m.too_many ? "the grants for this system open more than 16 ranges of ports" : alloc_unknown);
	may_clear(&m);
	return status;
}

/* ports=, and a permit for no more than that and no longer. */
static enum sp_exit permit(const struct alloc *a, const struct bounds *b, const char *lease, struct record *answer)
{
	char until[TIME_TEXT];
	if (*b->ports && record_set(answer, "ports", b->ports) != 0)
		return SP_SYSTEM;
	if (a->issuer && a->issuer->key && b->until != WINDOW_ALWAYS) {
		time_text(b->until, until);
		if (record_set(answer, "until", until) != 0)
			return SP_SYSTEM;
	}
	return issuer_permit(a->issuer, a->store, lease, a->now, answer);
}

enum sp_exit alloc_permit(const struct alloc *a, const struct reach *r, const char *system, const char *lease,
                          struct record *answer)
{
	struct bounds b;
	enum sp_exit status = bounds_of_grants(a, r, system, &b, answer);
	return status == SP_OK ? permit(a, &b, lease, answer) : status;
}

enum sp_exit alloc_system(struct alloc *a, const struct reach *r, struct record *ask, struct record *answer)
{
	struct facts f = { .policy = a->policy };
	const char *system = record_str(ask, "system");
	struct bounds bounds;
	a->again = false;
	if (record_get(ask, "request").n > REQUEST_MAX)
		return alloc_no(answer, SP_RECORD, "request= is too long");
	if (record_get(ask, "ticket").n > TICKET_MAX)
		return alloc_no(answer, SP_RECORD, "ticket= is too long");
	int rc = system ? facts_get(a, r, system, &f) : 0;
	if (rc <= 0)
		return rc < 0 ? SP_SYSTEM : alloc_no(answer, SP_DENIED, alloc_unknown);
	enum sp_exit status = bounds_of_grants(a, r, f.system, &bounds, answer);
	if (status != SP_OK)
		return status;
	/* From the look to the lease no other monitor on this store has its say. */
	if (store_begin(a->store, true) != 0)
		return SP_SYSTEM;
	status = decide(a, r, &f, ask, answer);
	if (status == SP_OK)
		status = permit(a, &bounds, record_str(answer, "lease"), answer);
	if (status == SP_OK && store_commit(a->store, true) == 0)
		return SP_OK;
	store_rollback(a->store, true);
	return status == SP_OK ? SP_SYSTEM : status;
}
