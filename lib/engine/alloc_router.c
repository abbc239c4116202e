/* alloc_router.c - which router, and which of its lines: those that may call the
 * system, that are up and have a line that works; then the policy (choose.h). */
#include "engine/alloc_impl.h"
#include "engine/calls.h"
#include "engine/lines.h"

#include <sqlite3.h>
#include <stdlib.h>

#define CANDIDATES_MAX 512

struct routers {
	struct candidate c[CANDIDATES_MAX];
	char name[CANDIDATES_MAX][128], customer[CANDIDATES_MAX][256], region[CANDIDATES_MAX][128];
	unsigned n;
};

enum sp_exit alloc_no(struct record *answer, enum sp_exit status, const char *detail)
{
	return record_set(answer, "detail", detail) == 0 ? status : SP_SYSTEM;
}

void alloc_place(struct sqlite3_stmt *st, int lat, int lon, const char *region, struct place *p)
{
	p->known = sqlite3_column_type(st, lat) != SQLITE_NULL && sqlite3_column_type(st, lon) != SQLITE_NULL;
	p->lat = sqlite3_column_double(st, lat);
	p->lon = sqlite3_column_double(st, lon);
	p->region = region;
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
	alloc_place(st, 5, 6, rs->region[i], &c->place);
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

int alloc_router_put(const struct alloc *a, const char *router, struct record *answer)
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

enum sp_exit alloc_router(const struct alloc *a, const struct facts *f, struct record *ask, struct record *answer)
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
		if (alloc_router_put(a, rs->c[at].router, answer) == 0 && free_line(a, rs->c[at].router, answer) == 0)
			status = SP_OK;
		break;
	case CHOOSE_NONE: status = alloc_no(answer, SP_DENIED, "no router may call this system"); break;
	case CHOOSE_DOWN: status = alloc_no(answer, SP_PEER, "every router that may call this system is down"); break;
	case CHOOSE_FULL: status = alloc_no(answer, SP_BUSY, "every router that may call this system is full"); break;
	}
out:
	free(rs);
	return status;
}
