/* monitor_ops.c - who asks, and what: the table of operations; alloc, renew,
 * release. Refuses everything without a token that one of the keys signed, and
 * says the same of what is not there and of what the asker may not see. A token
 * that expires does not end the session that it began: it still keeps it,
 * watches it and gives it back. */
#include "engine/monitor_impl.h"

#include "base/reason.h"
#include "engine/alloc.h"
#include "engine/calls.h"
#include "wire/token.h"

#include <stdio.h>
#include <stdlib.h>

struct op {
	const char *name;
	int step;            /* of a question that is not understood */
	bool manager, token; /* who may: with either, one of them is enough */
	bool late;           /* also with a token that has expired, for what it began */
	void (*answer)(struct mon_ask *a);
};

void mon_log(struct mon_ask *a, int step, const char *event, struct record *fields)
{
	static const char *const keys[] = { "user", "domain" };
	struct record none = { 0 }, *r = fields ? fields : &none;
	const struct monitor_conf *conf = &a->c->m->conf;
	if (conf->log) {
		for (size_t i = 0; a->who && i < 2; i++)
			if (!record_has(r, keys[i]) && record_get(a->who, keys[i]).n &&
			    record_setv(r, view_of(keys[i]), record_get(a->who, keys[i])) != 0)
				break;
		conf->log(conf->arg, step, event, r);
	}
	record_clear(&none);
}

/* The last record of an answer. */
static void finish(struct mon_ask *a, struct record *answer)
{
	struct view id = record_get(a->q, "id");
	if (id.p && record_setv(answer, view_of("id"), id) != 0)
		return;
	if (a->later)
		mon_send_later(a->c, answer, a->later);
	else
		mon_send(a->c, answer);
}

/* Of a refusal: what was asked for, why not, whose session is in the way. */
static void refused_log(struct mon_ask *a, int step, struct record *answer)
{
	static const char *const asked[] = { "system", "session", "router", "line", "phone", "ticket" };
	static const char *const told[] = { "session", "error", "detail" };
	struct record r = { 0 };
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		if (record_get(a->q, asked[i]).n && record_setv(&r, view_of(asked[i]), record_get(a->q, asked[i])) != 0)
			break;
	for (size_t i = 0; i < 3; i++)
		if (record_get(answer, told[i]).n && record_setv(&r, view_of(told[i]), record_get(answer, told[i])) != 0)
			break;
	mon_log(a, step, "refused", &r);
	record_clear(&r);
}

void mon_refuse(struct mon_ask *a, enum sp_exit status, int step, struct record *answer, const char *detail)
{
	struct record r = { 0 };
	if (record_set(&r, "error", sp_exit_name(status)) == 0 && record_setf(&r, "step", "%d", step) == 0 &&
	    (!answer || record_merge(&r, answer) == 0) && (!detail || record_set(&r, "detail", detail) == 0)) {
		finish(a, &r);
		refused_log(a, step, &r);
	}
	record_clear(&r);
}

void mon_store_failed(struct mon_ask *a, int step)
{
	struct record r = { 0 };
	bool locked = store_locked(a->c->m->conf.store);
	if (locked && !a->begun && mon_ask_later(a))
		return;
	if (record_set(&r, "cause", store_why(a->c->m->conf.store)) == 0)
		mon_log(a, step, "store-failed", &r);
	record_clear(&r);
	mon_refuse(a, SP_SYSTEM, step, NULL, locked ? "another program has the monitor's store locked" : "the monitor's store failed");
}

void mon_done(struct mon_ask *a, struct record *answer)
{
	if (record_set(answer, "done", "1") == 0)
		finish(a, answer);
}

static void alloc_log(struct mon_ask *a, int step, const char *event, struct record *from)
{
	static const char *const keys[] = { "session", "system", "workstation", "router", "line", "ticket" };
	struct record r = { 0 };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct view v = record_get(from, keys[i]);
		if (v.n && record_setv(&r, view_of(keys[i]), v) != 0)
			break;
	}
	mon_log(a, step, event, &r);
	record_clear(&r);
}

void mon_alloc(struct mon_ask *a)
{
	const struct monitor_conf *conf = &a->c->m->conf;
	struct alloc with = { conf->store, conf->policy, a->now, conf->lease_seconds,
		                  record_get(a->who, "token_id"), &conf->issuer, false };
	struct record answer = { 0 };
	struct reach reach;
	int rc = reach_of(&reach, conf->store, a->who, a->now);
	enum sp_exit status = rc < 0 ? SP_SYSTEM : rc == 0 ? SP_DENIED : alloc_system(&with, &reach, a->q, &answer);
	reach_clear(&reach);
	if (rc == 0 || (status == SP_DENIED && view_is(record_get(&answer, "detail"), alloc_unknown)))
		mon_guessed_wrong(a);
	if (rc == 0) {
		mon_refuse(a, SP_DENIED, 313, NULL, alloc_unknown);
	} else if (status == SP_SYSTEM) {
		mon_store_failed(a, 313);
	} else if (status != SP_OK) {
		mon_refuse(a, status, 313, &answer, NULL);
	} else {
		mon_done(a, &answer);
		alloc_log(a, 313, with.again ? "repeated" : "chosen", &answer);
		mon_changed(a->c->m, record_str(&answer, "session"));
		mon_expiry_arm(a->c->m);
	}
	record_clear(&answer);
}

static void op_alloc(struct mon_ask *a)
{
	if (!a->since)
		alloc_log(a, 312, "asked", a->q);
	if (a->c->m->tickets)
		mon_ticket_alloc(a);
	else
		mon_alloc(a);
}

static bool same(struct record *a, struct record *b, const char *key)
{
	return view_eq(record_get(a, key), record_get(b, key));
}

bool mon_owns(struct mon_ask *a, struct record *lease)
{
	return a->who && same(lease, a->who, "user") && same(lease, a->who, "domain") &&
	       (!a->late || same(lease, a->who, "token_id"));
}

static void not_own(struct mon_ask *a)
{
	mon_refuse(a, SP_DENIED, 313, NULL, a->late ? "no such lease, or not one of this token, which has expired"
	                                            : "no such lease, or not this user's");
}

/* The lease that is spoken of, if it is the asker's; else answers. */
static bool own_lease(struct mon_ask *a, struct record *lease)
{
	const char *id = record_str(a->q, "lease");
	int rc = id ? calls_lease(a->c->m->conf.store, id, lease) : 0;
	if (rc < 0)
		mon_store_failed(a, 313);
	else if (rc == 0 || !mon_owns(a, lease))
		not_own(a);
	else
		return true;
	return false;
}

/* Ends the lease and its call. 0, or -1: has answered. */
static int end_lease(struct mon_ask *a, struct record *lease, const char *event, const char *reason)
{
	int rc = calls_end(a->c->m->conf.store, record_str(lease, "lease"), a->now, reason);
	if (rc < 0)
		mon_store_failed(a, 313);
	else if (rc == 0)
		not_own(a); /* another monitor has just ended it */
	if (rc != 1)
		return -1;
	alloc_log(a, 313, event, lease);
	mon_changed(a->c->m, record_str(lease, "session"));
	return 0;
}

static bool too_old(struct mon_ask *a, struct record *lease)
{
	time_t since;
	return time_parse(record_get(lease, "since"), &since) &&
	       a->now - since >= (time_t)a->c->m->conf.session_seconds;
}

/* A permit that ends later, by what the grants are now. Without one the session ends with
 * the permit that it has: that is no failure of the lease. */
static enum sp_exit permit_again(struct mon_ask *a, struct record *lease, struct record *answer)
{
	const struct monitor_conf *conf = &a->c->m->conf;
	struct alloc with = { .store = conf->store, .now = a->now, .issuer = &conf->issuer };
	struct reach reach;
	int rc = reach_of(&reach, conf->store, a->who, a->now);
	enum sp_exit status = rc < 0 ? SP_SYSTEM : rc == 0 ? SP_DENIED
	                    : alloc_permit(&with, &reach, record_str(lease, "system"), record_str(lease, "lease"), answer);
	reach_clear(&reach);
	if (status != SP_DENIED)
		return status;
	record_clear(answer);
	alloc_log(a, 313, "permit-not-renewed", lease);
	return SP_OK;
}

/* The lease lives on; who asks for it (wants=permit) gets a permit as well. */
static void live_on(struct mon_ask *a, struct record *lease)
{
	const struct monitor_conf *conf = &a->c->m->conf;
	struct record answer = { 0 };
	char text[TIME_TEXT];
	time_t until = a->now + (time_t)conf->lease_seconds + 1;
	enum sp_exit status = SP_OK;
	int rc = calls_renew(conf->store, record_str(lease, "lease"), until);
	if (rc == 1 && view_is(record_get(a->q, "wants"), "permit"))
		status = permit_again(a, lease, &answer);
	time_text(until, text);
	if (rc < 0 || status == SP_SYSTEM)
		mon_store_failed(a, 313);
	else if (rc == 0)
		not_own(a);
	else if (status != SP_OK)
		mon_refuse(a, status, 313, &answer, NULL);
	else if (record_set(&answer, "lease_until", text) == 0)
		mon_done(a, &answer);
	record_clear(&answer);
}

/* By the store as it is now: his state, his grants. 1/0/-1. */
static int still_reaches(struct mon_ask *a, struct record *lease)
{
	struct store *s = a->c->m->conf.store;
	const char *system = record_str(lease, "system");
	struct reach reach;
	int rc = reach_of(&reach, s, a->who, a->now);
	if (rc == 1)
		rc = alloc_reaches(s, &reach, system ? system : "");
	reach_clear(&reach);
	return rc;
}

static void renew(struct mon_ask *a, struct record *lease)
{
	int rc = still_reaches(a, lease);
	if (rc < 0)
		mon_store_failed(a, 313);
	else if (rc == 1)
		live_on(a, lease);
	else if (end_lease(a, lease, "withdrawn", reason_name(REASON_ADMIN_RESET)) == 0)
		mon_refuse(a, SP_DENIED, 313, NULL, "the right to reach this system was withdrawn");
}

static void op_renew(struct mon_ask *a)
{
	struct record lease = { 0 };
	if (!own_lease(a, &lease))
		;
	else if (!too_old(a, &lease))
		renew(a, &lease);
	else if (end_lease(a, &lease, "expired", reason_name(REASON_SESSION_TIMEOUT)) == 0)
		mon_refuse(a, SP_TIMEOUT, 313, NULL, "the session has lasted as long as the monitor allows");
	record_clear(&lease);
}

static void op_release(struct mon_ask *a)
{
	struct record lease = { 0 }, answer = { 0 };
	enum reason reason = reason_of(record_get(a->q, "reason"));
	const char *word = reason_name(reason == REASON_NONE ? REASON_USER_REQUEST : reason);
	if (own_lease(a, &lease) && end_lease(a, &lease, "released", word) == 0)
		mon_done(a, &answer);
	record_clear(&lease);
	record_clear(&answer);
}

static const struct op table[] = {
	{ "search", 307, false, true, false, mon_search },
	{ "alloc", 312, false, true, false, op_alloc },
	{ "renew", 313, false, true, true, op_renew },
	{ "release", 313, false, true, true, op_release },
	{ "watch", 339, true, true, true, mon_watch },
	{ "state", 338, true, false, false, mon_state },
	{ "line", 338, true, false, false, mon_line },
	{ "may", 308, true, false, false, mon_may },
	{ "ticket", 313, true, false, false, mon_ticket_closed },
};

static const struct op *op_of(struct view name)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (view_is(name, table[i].name))
			return &table[i];
	return NULL;
}

/* The last token that held is not computed again. */
static bool token_holds(struct monitor_client *c, struct view token, const char **why)
{
	const struct monitor_conf *conf = &c->m->conf;
	*why = "no token";
	if (token.n == 0)
		return false;
	if (view_eq(token, buf_view(&c->token)))
		return true;
	buf_wipe(&c->token);
	record_clear(&c->who);
	return token_check(token, conf->key, conf->nkey, 0, &c->who, why) == 1 &&
	       time_parse(record_get(&c->who, "until"), &c->until) && buf_addv(&c->token, token) == 0;
}

/* Whom the certificate, else the token, speaks of. */
static bool believe(struct mon_ask *a, bool late, const char **why)
{
	struct monitor_client *c = a->c;
	if (!c->certified && !token_holds(c, record_get(a->q, "token"), why))
		return false;
	c->known = true;
	a->late = a->now > c->until;
	*why = c->certified ? "the certificate has expired" : "the token has expired";
	if (a->late && !late)
		return false;
	a->who = &c->who;
	return true;
}

/* Who speaks another protocol is told so, once; without a token, no more than that
 * one is needed. */
static void unknown_op(struct mon_ask *a, bool trusted, const char *why)
{
	mon_refuse(a, trusted ? SP_PEER : SP_DENIED, 307, NULL,
	           trusted ? "op= must be search, alloc, renew, release, watch, state, line, may or ticket" : why);
	if (a->c->chan)
		chan_hang_up(a->c->chan);
}

void mon_ask_since(struct monitor_client *c, struct record *q, int64_t since)
{
	struct mon_ask a = { .c = c, .q = q, .now = time(NULL), .since = since };
	const struct op *op = op_of(record_get(q, "op"));
	const char *why = "this needs a token";
	bool believed = (c->certified || record_has(q, "token")) && (!op || op->token) && believe(&a, op && op->late, &why);
	if (!op)
		unknown_op(&a, believed || c->manager, why);
	else if (!believed && !(op->manager && c->manager)) {
		if (!a.late)
			mon_guessed_wrong(&a);
		mon_refuse(&a, SP_DENIED, op->token ? 307 : op->step, NULL, op->token ? why : "only for managers of this monitor");
	} else {
		op->answer(&a);
	}
}

void monitor_ask(struct monitor_client *c, struct record *q)
{
	mon_ask_since(c, q, 0);
}
