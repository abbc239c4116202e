/* monitor_tunnel.c - op=tunnel: a gateway says that a session's two tunnels meet there, or do
 * no more (338). Refuses another inside address than the session was given. */
#include "engine/calls.h"
#include "engine/monitor_impl.h"

static bool known(struct view state)
{
	return view_is(state, "open") || view_is(state, "ended");
}

/* SP_OK and the session's row; SP_PEER and why; SP_SYSTEM: the store. */
static enum sp_exit find(struct mon_ask *a, struct record *call, const char **why)
{
	struct store *s = a->c->m->conf.store;
	struct record lease = { 0 };
	const char *session = record_str(a->q, "session");
	int rc = session ? calls_get(s, session, call) : 0, leased = rc == 1 ? calls_lease_for(s, session, &lease) : 0;
	*why = rc == 0 ? "no such session" : NULL;
	if (leased == 1 && !view_eq(record_get(&lease, "inside"), record_get(a->q, "inside")))
		*why = "this session has another inside address";
	record_clear(&lease);
	return rc < 0 || leased < 0 ? SP_SYSTEM : *why ? SP_PEER : SP_OK;
}

static void log_it(struct mon_ask *a)
{
	struct record r = { 0 };
	if (record_setv(&r, view_of("session"), record_get(a->q, "session")) == 0 &&
	    record_setv(&r, view_of("state"), record_get(a->q, "tunnel")) == 0)
		mon_log(a, 338, "tunnel", &r);
	record_clear(&r);
}

void mon_tunnel(struct mon_ask *a)
{
	struct store *s = a->c->m->conf.store;
	struct record call = { 0 }, answer = { 0 };
	const char *why;
	if (!known(record_get(a->q, "tunnel"))) {
		mon_refuse(a, SP_RECORD, 338, NULL, "tunnel= must be open or ended");
		return;
	}
	if (store_begin(s, true) != 0) {
		mon_store_failed(a, 338);
		return;
	}
	enum sp_exit status = find(a, &call, &why);
	enum calls_change change = status == SP_OK ? calls_tunnel(s, &call, record_get(a->q, "tunnel")) : CALLS_STALE;
	if (status == SP_PEER) {
		store_rollback(s, true);
		mon_refuse(a, SP_PEER, 338, NULL, why);
	} else if (status == SP_SYSTEM || change == CALLS_FAILED || store_commit(s, true) != 0) {
		store_rollback(s, true);
		mon_store_failed(a, 338);
	} else {
		log_it(a);
		if (change == CALLS_CHANGED)
			mon_changed(a->c->m, record_str(&call, "session"));
		mon_done(a, &answer);
	}
	record_clear(&call);
	record_clear(&answer);
}
