/* alloc.c - grants again, then who has the system already, then how it is
 * called, then by which router. What the user may not reach does not exist:
 * the same words whether or not there is such a system. */
#include "engine/alloc.h"
#include "engine/calls.h"
#include "engine/endpoints.h"
#include "engine/lines.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define CANDIDATES_MAX 512
#define SESSION_BYTES 8
#define LEASE_BYTES 16
#define REQUEST_MAX 128

struct facts { /* about the system */
	char system[256], customer[256], site[256], region[256];
	struct place place;
	enum choose_policy policy;
};

struct routers {
	struct candidate c[CANDIDATES_MAX];
	char name[CANDIDATES_MAX][128], customer[CANDIDATES_MAX][256], region[CANDIDATES_MAX][128];
	unsigned n;
};

static enum sp_exit no(struct record *answer, enum sp_exit status, const char *detail)
{
	return record_set(answer, "detail", detail) == 0 ? status : SP_SYSTEM;
}

static void place_of(struct sqlite3_stmt *st, int lat, int lon, const char *region, struct place *p)
{
	p->known = sqlite3_column_type(st, lat) != SQLITE_NULL && sqlite3_column_type(st, lon) != SQLITE_NULL;
	p->lat = sqlite3_column_double(st, lat);
	p->lon = sqlite3_column_double(st, lon);
	p->region = region;
}

/* 1, 0 there is no such system for this user, -1 failed. */
static int facts_get(const struct alloc *a, const struct reach *r, const char *system, struct facts *f)
{
	struct sqlite3_stmt *st = store_use(a->store, false,
		"SELECT s.system, s.customer, s.site, i.region, i.policy, c.policy, i.lat, i.lon FROM systems s "
		"LEFT JOIN customers c ON c.customer=s.customer LEFT JOIN sites i ON i.site=s.site "
		"WHERE s.system=:system AND " REACH_SYSTEM);
	if (!st)
		return -1;
	reach_bind(r, st);
	store_binds(st, ":system", system);
	int rc = store_step(a->store, st);
	if (rc == 1) {
		char *to[] = { f->system, f->customer, f->site, f->region };
		for (int i = 0; i < 4 && rc == 1; i++)
			rc = view_str(view_of(store_text(st, i)), to[i], sizeof f->system) ? 1 : -1;
		const char *own = *store_text(st, 4) ? store_text(st, 4) : store_text(st, 5);
		f->policy = choose_policy_of(own) < CHOOSE_POLICIES ? choose_policy_of(own) : a->policy;
		place_of(st, 6, 7, f->region, &f->place);
	}
	sqlite3_reset(st);
	return rc;
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

/* The lines of a router that the operator has in service and that have not failed;
 * *listed: how many the store lists. -1 failed. */
static int64_t working(const struct alloc *a, const char *router, int64_t *listed, int64_t in_service)
{
	int64_t out = lines_out(a->store, router);
	if (*listed == 0) { /* what it has told itself */
		int64_t told = lines_working(a->store, router);
		*listed = told >= 0;
		return told == -2 ? -1 : told < 0 ? 0 : told;
	}
	if (out <= 0)
		return out < 0 ? -1 : in_service;
	struct sqlite3_stmt *st = store_use(a->store, false, "SELECT line FROM lines WHERE router=:router AND state<>'out'");
	int rc = st ? 0 : -1, got = 0;
	if (st)
		store_binds(st, ":router", router);
	while (rc >= 0 && (got = store_step(a->store, st)) == 1) {
		rc = lines_failed(a->store, router, store_text(st, 0));
		in_service -= rc == 1;
	}
	if (st)
		sqlite3_reset(st);
	return rc < 0 || got < 0 ? -1 : in_service;
}

/* Fills in one candidate. 0, or -1. */
static int candidate(const struct alloc *a, struct routers *rs, struct sqlite3_stmt *st)
{
	unsigned i = rs->n;
	struct candidate *c = &rs->c[i];
	if (!view_str(view_of(store_text(st, 0)), rs->name[i], sizeof rs->name[i]) ||
	    !view_str(view_of(store_text(st, 1)), rs->customer[i], sizeof rs->customer[i]) ||
	    !view_str(view_of(store_text(st, 2)), rs->region[i], sizeof rs->region[i]))
		return -1;
	*c = (struct candidate){ .router = rs->name[i], .customer = rs->customer[i] };
	c->only = strcmp(store_text(st, 3), "only") == 0;
	c->up = strcmp(store_text(st, 4), "down") != 0;
	place_of(st, 5, 6, rs->region[i], &c->place);
	int64_t load = calls_load(a->store, c->router), last = calls_last(a->store, c->router);
	if (load < 0 || last < 0)
		return -1;
	c->load = (uint64_t)load;
	c->last = (uint64_t)last;
	/* max_calls, and not more than it has lines in service; without either one */
	int64_t lines = sqlite3_column_int64(st, 8), in_service = working(a, c->router, &lines, sqlite3_column_int64(st, 9));
	if (in_service < 0)
		return -1;
	int64_t max = sqlite3_column_type(st, 7) != SQLITE_NULL ? sqlite3_column_int64(st, 7) : lines ? in_service : 1;
	c->max = (uint64_t)(lines && in_service < max ? in_service : max);
	rs->n++;
	return 0;
}

static int candidates(const struct alloc *a, const struct facts *f, struct routers *rs)
{
	struct sqlite3_stmt *st = store_use(a->store, false,
		"SELECT r.router, r.customer, r.region, r.dedicated, r.state, r.lat, r.lon, r.max_calls, "
		"(SELECT count(*) FROM lines l WHERE l.router=r.router), "
		"(SELECT count(*) FROM lines l WHERE l.router=r.router AND l.state<>'out') FROM routers r "
		"WHERE EXISTS(SELECT 1 FROM router_may m WHERE m.router=r.router AND (m.scope='all' OR "
		"(m.scope='customer' AND m.object=:customer) OR (m.scope='site' AND m.object=:site))) "
		"ORDER BY r.router LIMIT 512");
	int rc = st ? 0 : -1, got = 0;
	if (st) {
		store_binds(st, ":customer", f->customer);
		store_binds(st, ":site", f->site);
	}
	while (rc == 0 && (got = store_step(a->store, st)) == 1)
		rc = candidate(a, rs, st);
	if (st)
		sqlite3_reset(st);
	return got < 0 ? -1 : rc;
}

/* The first of its lines in service that works and nobody has: line=, if it has lines. */
static int free_line(const struct alloc *a, const char *router, struct record *answer)
{
	struct sqlite3_stmt *st = store_use(a->store, false,
		"SELECT line FROM lines WHERE router=:router AND state<>'out' ORDER BY line");
	int rc = st ? 0 : -1, got;
	if (st)
		store_binds(st, ":router", router);
	while (rc == 0 && !record_has(answer, "line") && (got = store_step(a->store, st)) != 0) {
		int used = got == 1 ? calls_line_used(a->store, router, store_text(st, 0)) : -1;
		if (used == 0)
			used = lines_failed(a->store, router, store_text(st, 0));
		rc = used < 0 || (!used && record_set(answer, "line", store_text(st, 0)) != 0) ? -1 : 0;
	}
	if (st)
		sqlite3_reset(st);
	return rc;
}

static int router_answer(const struct alloc *a, const char *router, struct record *answer)
{
	static const char *const keys[] = { "router", "router_address", "router_port", "profile", "profile_args" };
	struct sqlite3_stmt *st = store_use(a->store, false,
		"SELECT router, address, port, profile, profile_args FROM routers WHERE router=:router");
	int rc = -1;
	if (st) {
		store_binds(st, ":router", router);
		rc = store_step(a->store, st) == 1 ? 0 : -1;
	}
	for (int i = 0; rc == 0 && i < 5; i++)
		if (i < 4 || *store_text(st, i))
			rc = record_set(answer, keys[i], store_text(st, i));
	if (st)
		sqlite3_reset(st);
	return rc;
}

static enum sp_exit choose(const struct alloc *a, const struct facts *f, struct record *ask, struct record *answer)
{
	struct routers *rs = calloc(1, sizeof *rs);
	struct wish w = { .customer = f->customer, .place = f->place, .policy = f->policy, .router = record_str(ask, "router") };
	enum sp_exit status = SP_SYSTEM;
	unsigned at = 0;
	if (w.router && !*w.router)
		w.router = NULL;
	if (!rs || candidates(a, f, rs) != 0)
		goto out;
	switch (choose_router(rs->c, rs->n, &w, &at)) {
	case CHOSEN: 
		if (router_answer(a, rs->c[at].router, answer) == 0 && free_line(a, rs->c[at].router, answer) == 0)
			status = SP_OK;
		break;
	case CHOOSE_NONE: status = no(answer, SP_DENIED, "no router may call this system"); break;
	case CHOOSE_DOWN: status = no(answer, SP_PEER, "every router that may call this system is down"); break;
	case CHOOSE_FULL: status = no(answer, SP_BUSY, "every router that may call this system is full"); break;
	}
out:
	free(rs);
	return status;
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
	static const char *const keys[] = { "lease", "session", "router", "line", "phone" };
	struct record lease = { 0 };
	char until[TIME_TEXT];
	time_text(until_of(a), until);
	int rc = unguessable(answer, "session", SESSION_BYTES) == 0 && unguessable(answer, "lease", LEASE_BYTES) == 0 &&
	         time_answer(a, until_of(a), answer) == 0 ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < 5; i++)
		if (record_has(answer, keys[i]))
			rc = record_setv(&lease, view_of(keys[i]), record_get(answer, keys[i]));
	if (rc == 0 && (record_set(&lease, "system", f->system) != 0 || record_set(&lease, "user", r->user) != 0 ||
	                record_set(&lease, "domain", r->domain) != 0 || record_set(&lease, "until", until) != 0 ||
	                record_setv(&lease, view_of("token_id"), a->token_id) != 0 ||
	                record_setv(&lease, view_of("request"), record_get(ask, "request")) != 0 ||
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
		status = rc < 0 ? SP_SYSTEM : no(answer, SP_NONE, "the store has no endpoint of this system");
		goto out;
	}
	status = choose(a, f, ask, answer);
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
	static const char *const keys[] = { "session", "lease", "line" };
	const char *router = record_str(lease, "router"), *id = record_str(lease, "lease");
	int rc = router && id ? router_answer(a, router, answer) : -1;
	for (size_t i = 0; rc == 0 && i < 3; i++)
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
	return status == SP_OK ? issuer_permit(a->issuer, a->store, record_str(answer, "lease"), a->now, answer) : status;
}

enum sp_exit alloc_system(struct alloc *a, const struct reach *r, struct record *ask, struct record *answer)
{
	struct facts f = { .policy = a->policy };
	const char *system = record_str(ask, "system");
	a->again = false;
	if (record_get(ask, "request").n > REQUEST_MAX)
		return no(answer, SP_RECORD, "request= is too long");
	int rc = system ? facts_get(a, r, system, &f) : 0;
	if (rc <= 0)
		return rc < 0 ? SP_SYSTEM : no(answer, SP_DENIED, "no such system, or not for this user");
	/* From the look to the lease no other monitor on this store has its say. */
	if (store_begin(a->store, true) != 0)
		return SP_SYSTEM;
	enum sp_exit status = decide(a, r, &f, ask, answer);
	if (status == SP_OK && store_commit(a->store, true) == 0)
		return SP_OK;
	store_rollback(a->store, true);
	return status == SP_OK ? SP_SYSTEM : status;
}
