/* monitor_watch.c - states come in from the network manager (338) and go out
 * to those who watch their session (339): the last one first, then changes. */
#include "engine/monitor_impl.h"

#include "engine/calls.h"
#include "wire/username.h"

#include <stdio.h>
#include <stdlib.h>

static void watch_free(struct mon_watch *w)
{
	free(w->session);
	free(w->id);
	buf_clear(&w->told);
	free(w);
}

void mon_watch_free(struct monitor_client *c)
{
	while (c->watches) {
		struct mon_watch *w = c->watches;
		c->watches = w->next;
		watch_free(w);
	}
	c->nwatches = 0;
}

/* What a watcher is told of a call. 0/-1. */
static int row_of(struct record *call, const char *id, struct record *row)
{
	static const char *const keys[] = { "session", "router", "line", "phone", "sp_address", "alias", "speed", "tunnel" };
	struct view state = record_get(call, "state182");
	int rc = id ? record_set(row, "id", id) : 0;
	for (size_t i = 0; rc == 0 && i < sizeof keys / sizeof *keys; i++)
		if (record_get(call, keys[i]).n)
			rc = record_setv(row, view_of(keys[i]), record_get(call, keys[i]));
	if (rc == 0)
		rc = state.n ? record_setv(row, view_of("state"), state) : record_set(row, "state", "reserved");
	if (rc == 0 && record_get(call, "reason").n)
		rc = record_setv(row, view_of("reason"), record_get(call, "reason"));
	return rc == 0 ? record_setv(row, view_of("user"), record_get(call, "user")) : -1;
}

/* Is it not what this watcher was told last? */
static bool news(struct mon_watch *w, struct record *row)
{
	struct buf now;
	buf_init(&now, 2 * RECORD_LINE_MAX);
	bool same = record_write(row, &now) == 0 && view_eq(buf_view(&now), buf_view(&w->told));
	buf_clear(&w->told);
	w->told = now;
	return !same;
}

/* Tells one watcher. false: it was the last thing to tell. */
static bool tell(struct monitor_client *c, struct mon_watch *w, struct record *call)
{
	struct record row = { 0 }, end = { 0 };
	bool down = view_is(record_get(call, "state182"), "down");
	if (row_of(call, w->id, &row) == 0 && news(w, &row)) {
		mon_send(c, &row);
		w->count++;
	}
	if (down && (!w->id || record_set(&end, "id", w->id) == 0) &&
	    record_setf(&end, "done", "%llu", (unsigned long long)w->count) == 0)
		mon_send(c, &end);
	record_clear(&row);
	record_clear(&end);
	return !down;
}

static void tell_all(struct monitor *m, const char *session, bool changed)
{
	struct record call = { 0 };
	if (!session || calls_get(m->conf.store, session, &call) != 1)
		goto out;
	if (changed && m->conf.change)
		m->conf.change(m->conf.arg, &call);
	for (struct monitor_client *c = m->clients; c; c = c->next)
		for (struct mon_watch **p = &c->watches, *w; (w = *p) != NULL;) {
			if (strcmp(w->session, session) != 0 || tell(c, w, &call)) {
				p = &w->next;
				continue;
			}
			*p = w->next;
			c->nwatches--;
			watch_free(w);
		}
out:
	record_clear(&call);
}

void mon_changed(struct monitor *m, const char *session)
{
	tell_all(m, session, true);
}

void mon_look(struct monitor *m, const char *session)
{
	tell_all(m, session, false);
}

/* A call says whose it was, its lease also by which token. 1/0/-1. */
static int may_watch(struct mon_ask *a, struct record *call)
{
	struct record lease = { 0 };
	int may = a->c->manager;
	if (!may && !a->late)
		may = mon_owns(a, call);
	else if (!may && (may = calls_lease_for(a->c->m->conf.store, record_str(call, "session"), &lease)) == 1)
		may = mon_owns(a, &lease);
	record_clear(&lease);
	return may;
}

static struct mon_watch *watch_new(struct mon_ask *a)
{
	struct mon_watch *w = a->c->nwatches < WATCHES_MAX ? calloc(1, sizeof *w) : NULL;
	const char *id = record_str(a->q, "id");
	if (!w)
		return NULL;
	buf_init(&w->told, 2 * RECORD_LINE_MAX);
	w->session = strdup(record_str(a->q, "session"));
	w->id = id ? strdup(id) : NULL;
	if (w->session && (w->id || !id))
		return w;
	watch_free(w);
	return NULL;
}

void mon_watch(struct mon_ask *a)
{
	struct record call = { 0 };
	struct mon_watch *w = NULL;
	const char *session = record_str(a->q, "session");
	int rc = session ? calls_get(a->c->m->conf.store, session, &call) : 0;
	if (rc == 1)
		rc = may_watch(a, &call);
	if (rc < 0)
		mon_store_failed(a, 339);
	else if (rc == 0)
		mon_refuse(a, SP_DENIED, 339, NULL, "no such session, or not this user's");
	else if (!(w = watch_new(a)))
		mon_refuse(a, SP_BUSY, 339, NULL, "too many watches at once");
	else if (!tell(a->c, w, &call))
		watch_free(w);
	else {
		w->next = a->c->watches;
		a->c->watches = w;
		a->c->nwatches++;
	}
	record_clear(&call);
}

/* At the router's prompt anybody may name any session: only states of the user
 * whom the session was made for are taken. A router may say DOMAIN\user. */
static bool foreign_user(struct mon_ask *a, struct record *call)
{
	struct view user = record_get(a->q, "user");
	return user.n && !view_eq(username_split(user).user, record_get(call, "user"));
}

/* The call that a router's state is about; answers when there is none. */
static bool call_of(struct mon_ask *a, struct record *call)
{
	struct store *s = a->c->m->conf.store;
	struct record lease = { 0 };
	const char *session = record_str(a->q, "session"), *router = record_str(a->q, "router"), *why = NULL;
	int rc = 1;
	if (!session || !*session) { /* a bought router does not know it */
		rc = router ? calls_match(s, router, record_str(a->q, "line"), record_str(a->q, "phone"), &lease) : 0;
		session = rc == 1 ? record_str(&lease, "session") : NULL;
		why = rc == 0 ? "no session is on this router with this line or phone"
		              : rc == 2 ? "several sessions are on this router with this phone" : NULL;
	}
	if (rc == 1) {
		rc = session ? calls_get(s, session, call) : -1;
		why = rc == 0 ? "no such session" : NULL;
	}
	if (rc == 1 && router && *router && !view_is(record_get(call, "router"), router))
		why = "this session is on another router";
	if (rc == 1 && !why && foreign_user(a, call))
		why = "this session is another user's";
	record_clear(&lease);
	if (rc < 0)
		mon_store_failed(a, 338);
	else if (why)
		mon_refuse(a, SP_PEER, 338, NULL, why);
	return rc == 1 && !why;
}

static bool state_known(struct view state)
{
	static const char *const words[] = { "dialing", "ringing", "connected", "authenticating", "up", "down" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (view_is(state, words[i]))
			return true;
	return false;
}

/* A call's row goes to its watchers as one record: there must be room for all. */
static bool values_short(struct mon_ask *a)
{
	static const char *const keys[] = { "line", "phone", "sp_address", "alias", "speed", "reason" };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (record_get(a->q, keys[i]).n > STATE_VALUE_MAX)
			return false;
	return true;
}

static void state_log(struct mon_ask *a, struct record *call, bool changed)
{
	static const char *const keys[] = { "session", "router", "line", "sp_address", "alias", "speed", "reason" };
	struct record r = { 0 };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (record_get(call, keys[i]).n && record_setv(&r, view_of(keys[i]), record_get(call, keys[i])) != 0)
			break;
	if (record_setv(&r, view_of("state"), record_get(a->q, "state")) == 0)
		mon_log(a, 338, changed ? "state" : "state-known", &r);
	record_clear(&r);
}

void mon_state(struct mon_ask *a)
{
	struct store *s = a->c->m->conf.store;
	struct record call = { 0 }, lease = { 0 }, answer = { 0 };
	if (!state_known(record_get(a->q, "state"))) {
		mon_refuse(a, SP_RECORD, 338, NULL, "state= must be dialing, ringing, connected, authenticating, up or down");
		return;
	}
	if (!values_short(a)) {
		mon_refuse(a, SP_RECORD, 338, NULL, "a value is too long for a state");
		return;
	}
	if (store_begin(s, true) != 0) {
		mon_store_failed(a, 338);
		return;
	}
	if (!call_of(a, &call)) {
		store_rollback(s, true);
		goto out;
	}
	int live = calls_lease_for(s, record_str(&call, "session"), &lease);
	enum calls_change change = live < 0 ? CALLS_FAILED : calls_state(s, &call, a->q, a->now, live == 1);
	if (change == CALLS_FAILED || store_commit(s, true) != 0) {
		store_rollback(s, true);
		mon_store_failed(a, 338);
		goto out;
	}
	state_log(a, &call, change == CALLS_CHANGED);
	if (change == CALLS_CHANGED)
		mon_changed(a->c->m, record_str(&call, "session"));
	else
		mon_look(a->c->m, record_str(&call, "session"));
	struct view id = record_get(a->q, "id");
	if ((!id.p || record_setv(&answer, view_of("id"), id) == 0) && record_set(&answer, "done", "1") == 0)
		mon_send(a->c, &answer);
out:
	record_clear(&call);
	record_clear(&lease);
	record_clear(&answer);
}
