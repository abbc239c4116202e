/* alloccmd.c - a session of sp-alloc: the lease, its permit shown to the security server,
 * and both undone. */
#include "tool/alloccmd.h"

#include "engine/lease.h"
#include "tool/gateshow.h"

#include <stdio.h>
#include <stdlib.h>

struct alloccmd alloccmd;

struct held {
	struct lease *lease;
	struct gateshow *show; /* NULL: there is nobody to show it to */
};

static void let_go(struct hold_session *s)
{
	struct held *h = s->tool;
	gateshow_free(h->show);
	lease_free(h->lease);
	free(h);
	s->tool = NULL;
}

static void log_about(struct hold_session *s, int step, const char *event, const char *detail)
{
	struct record *r = &s->rec;
	tool_log(step, event, "session", record_str(r, "session"), "system", record_str(r, "system"), "user",
	         record_str(r, "user"), "router", record_str(r, "router"), "address", record_str(r, "router_address"),
	         "port", record_str(r, "router_port"), "lease_until", record_str(r, "lease_until"), "detail", detail,
	         NULL);
}

static void take(struct hold_session *s, struct record *answer, const char *key)
{
	struct view v = record_get(answer, key);
	if (v.p && record_setv(&s->rec, view_of(key), v) != 0)
		tool_die(SP_SYSTEM, "unable to make a record");
}

static void ready(struct hold_session *s)
{
	hold_ready(s);
	if (tool_common.no_hold)
		let_go(s);
}

static void on_shown(void *arg)
{
	struct hold_session *s = arg;
	log_about(s, 314, "shown", NULL);
	ready(s);
}

/* The security server lets nothing through, any more or at all. */
static void on_not_shown(void *arg, const struct ask_end *end)
{
	struct hold_session *s = arg;
	struct held *h = s->tool;
	int step = end->step ? end->step : 336;
	log_about(s, step, "not-shown", end->detail);
	gateshow_free(h->show);
	h->show = NULL;
	hold_give_up(s, end->status == SP_OK ? SP_PEER : end->status, step, "the security server: %s", *end->detail ? end->detail : "it is over");
}

static void show(struct hold_session *s)
{
	static const struct gateshow_ops shows = { on_shown, on_not_shown };
	struct held *h = s->tool;
	const char *why;
	struct ask *to = asker_of(alloccmd.gate, alloccmd.server, &s->rec, &why);
	h->show = to ? gateshow_new(to, &s->rec, s->deadline == CLOCK_NEVER ? CLOCK_NEVER : s->deadline - 20, &shows, s) : NULL;
	if (!h->show)
		tool_die(SP_SYSTEM, "unable to ask the security server");
}

static void on_granted(void *arg, struct record *answer)
{
	static const char *const keys[] = { "session", "router", "router_address", "router_port", "profile", "profile_args", "lease",
		"lease_until", "line", "dial", "phone", "secret", "ports", "permit", "until", "inside" };
	static const char *const ways[] = { "dial", "phone", "secret" };
	struct hold_session *s = arg;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		take(s, answer, keys[i]);
	for (unsigned n = 2; n <= 9; n++) /* further endpoints */
		for (size_t i = 0; i < 3; i++) {
			char key[16];
			snprintf(key, sizeof key, "%s%u", ways[i], n);
			take(s, answer, key);
		}
	log_about(s, 314, "router", NULL);
	if (alloccmd.server && record_get(&s->rec, "inside").n)
		show(s);
	else
		ready(s);
}

static void on_renewed(void *arg, struct record *answer)
{
	struct hold_session *s = arg;
	take(s, answer, "permit");
	take(s, answer, "until");
	struct held *h = s->tool;
	log_about(s, 313, "renewed", NULL);
	if (h->show)
		gateshow_later(h->show, &s->rec);
	hold_renewed(s);
}

/* error=busy: who is connected there. Not as session=, user=: those are ours. */
static void busy_with(struct hold_session *s, struct record *last)
{
	static const char *const keys[][2] = {
		{ "user", "busy_user" }, { "workstation", "busy_workstation" }, { "session", "busy_session" } };
	for (size_t i = 0; last && i < 3; i++) {
		struct view v = record_get(last, keys[i][0]);
		if (v.p && record_setv(&s->rec, view_of(keys[i][1]), v) != 0)
			tool_say("unable to add %s=", keys[i][1]);
	}
}

static void on_refused(void *arg, const struct ask_end *end)
{
	struct hold_session *s = arg;
	log_about(s, end->step ? end->step : 311, "refused", end->detail);
	if (end->status == SP_BUSY)
		busy_with(s, end->last);
	let_go(s);
	hold_fail(s, end->status, end->step ? end->step : 311, "%s", end->detail);
}

static void on_overdue(void *arg, const char *why)
{
	tool_say("the lease could not be renewed in time, holding on: %s", why);
	log_about(arg, 0, "overdue", why);
}

static void on_gone(void *arg, const struct ask_end *end)
{
	log_about(arg, 0, "gone", end->detail);
	hold_lost(arg, end->status, end->step ? end->step : 314, "the lease is gone: %s", end->detail);
}

static void on_released(void *arg, const char *why)
{
	if (why)
		tool_say("unable to release the lease, it runs out by itself: %s", why);
	log_about(arg, 0, why ? "not-released" : "released", why);
	let_go(arg);
	hold_done(arg);
}

static const struct lease_ops ops = { .granted = on_granted, .renewed = on_renewed, .refused = on_refused, .overdue = on_overdue, .gone = on_gone, .released = on_released };

static void question(struct hold_session *s, struct record *q)
{
	struct view token = record_get(&s->rec, "token");
	if (record_set(q, "op", "alloc") != 0 || (token.p && record_setv(q, view_of("token"), token) != 0) ||
	    record_setv(q, view_of("system"), record_get(&s->rec, "system")) != 0 ||
	    (record_get(&s->rec, "ticket").n && record_setv(q, view_of("ticket"), record_get(&s->rec, "ticket")) != 0) ||
	    (alloccmd.workstation && record_set(q, "workstation", alloccmd.workstation) != 0) ||
	    (alloccmd.router && record_set(q, "router", alloccmd.router) != 0))
		tool_die(SP_SYSTEM, "unable to make a question");
}

void alloccmd_start(struct hold_session *s)
{
	struct record q = { 0 };
	const char *why;
	struct ask *to = asker_of(alloccmd.asker, alloccmd.monitor, &s->rec, &why);
	if (!to) {
		hold_fail(s, SP_SYSTEM, 311, "%s: %s", record_str(&s->rec, "identity"), why);
		return;
	}
	if (record_get(&s->rec, "system").n == 0) {
		hold_fail(s, SP_RECORD, 311, "no system= in the record: sp-search gives it");
		return;
	}
	question(s, &q);
	tool_log(311, "asks", "system", record_str(&s->rec, "system"), "user", record_str(&s->rec, "user"),
	         "workstation", alloccmd.workstation, "router", alloccmd.router, NULL);
	/* A little before the framework's own end, to say who did not answer. */
	struct held *h = calloc(1, sizeof *h);
	s->tool = h;
	if (h)
		h->lease = lease_ask(to, &q, s->deadline == CLOCK_NEVER ? CLOCK_NEVER : s->deadline - 20, &ops, s);
	record_clear(&q);
	if (!h || !h->lease)
		tool_die(SP_SYSTEM, "out of memory");
}

void alloccmd_stop(struct hold_session *s)
{
	struct held *h = s->tool;
	gateshow_free(h->show);
	h->show = NULL;
	lease_release(h->lease, s->undo_by);
}
