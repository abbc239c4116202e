/* monitor_lease.c - a session at the monitor: given (alloc), kept (renew), ended (release).
 * Says the same of what is not there and of what the asker may not see. */
#include "engine/monitor_impl.h"

#include "base/reason.h"
#include "engine/alloc.h"
#include "engine/calls.h"

#include <stdio.h>

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

void mon_lease_alloc(struct mon_ask *a)
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

int mon_reaches(struct mon_ask *a, const char *system)
{
	struct store *s = a->c->m->conf.store;
	struct reach reach;
	int rc = reach_of(&reach, s, a->who, a->now);
	if (rc == 1)
		rc = alloc_reaches(s, &reach, system ? system : "");
	reach_clear(&reach);
	return rc;
}

static void renew(struct mon_ask *a, struct record *lease)
{
	int rc = mon_reaches(a, record_str(lease, "system"));
	if (rc < 0)
		mon_store_failed(a, 313);
	else if (rc == 1)
		live_on(a, lease);
	else if (end_lease(a, lease, "withdrawn", reason_name(REASON_ADMIN_RESET)) == 0)
		mon_refuse(a, SP_DENIED, 313, NULL, "the right to reach this system was withdrawn");
}

void mon_lease_renew(struct mon_ask *a)
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

void mon_lease_release(struct mon_ask *a)
{
	struct record lease = { 0 }, answer = { 0 };
	enum reason reason = reason_of(record_get(a->q, "reason"));
	const char *word = reason_name(reason == REASON_NONE ? REASON_USER_REQUEST : reason);
	if (own_lease(a, &lease) && end_lease(a, &lease, "released", word) == 0)
		mon_done(a, &answer);
	record_clear(&lease);
	record_clear(&answer);
}
