/* alloccmd.c - a session of sp-alloc: an address at the gateway, if that is our proxy; the lease;
 * its permit shown to the security server, or to that; and all undone. */
#include "tool/alloccmd.h"

#include "engine/lease.h"
#include "tool/gateshow.h"

#include <stdio.h>
#include <stdlib.h>

struct alloccmd alloccmd;

struct held {
	struct question *address; /* that is not answered yet */
	struct lease *lease;
	struct gateshow *show; /* NULL: there is nobody to show it to */
};

static void let_go(struct hold_session *s)
{
	struct held *h = s->tool;
	ask_forget(h->address);
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

static const char *shown_to(void)
{
	return alloccmd.proxied ? "the gateway" : "the security server";
}

/* It lets nothing through, any more or at all. */
static void on_not_shown(void *arg, const struct ask_end *end)
{
	struct hold_session *s = arg;
	struct held *h = s->tool;
	int step = end->step ? end->step : 336;
	log_about(s, step, "not-shown", end->detail);
	gateshow_free(h->show);
	h->show = NULL;
	hold_give_up(s, end->status == SP_OK ? SP_PEER : end->status, step, "%s: %s", shown_to(), *end->detail ? end->detail : "it is over");
}

/* A little before the framework's own end, to say who did not answer. */
static int64_t deadline_of(const struct hold_session *s)
{
	return s->deadline == CLOCK_NEVER ? CLOCK_NEVER : s->deadline - 20;
}

static void show(struct hold_session *s)
{
	static const struct gateshow_ops shows = { on_shown, on_not_shown };
	struct held *h = s->tool;
	const char *why;
	struct ask *to = asker_of(alloccmd.gate, alloccmd.server, &s->rec, &why);
	h->show = to ? gateshow_new(to, &s->rec, deadline_of(s), &shows, s) : NULL;
	if (!h->show)
		tool_die(SP_SYSTEM, "unable to ask %s", shown_to());
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
	else if (alloccmd.proxied)
		hold_give_up(s, SP_PEER, 314, "the monitor gives no inside address: nothing leads there through the gateway");
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
	const char *workstation = alloccmd.proxied ? record_str(&s->rec, "workstation") : alloccmd.workstation;
	if (record_set(q, "op", "alloc") != 0 || (token.p && record_setv(q, view_of("token"), token) != 0) ||
	    record_setv(q, view_of("system"), record_get(&s->rec, "system")) != 0 ||
	    (record_get(&s->rec, "ticket").n && record_setv(q, view_of("ticket"), record_get(&s->rec, "ticket")) != 0) ||
	    (workstation && record_set(q, "workstation", workstation) != 0) ||
	    (alloccmd.router && record_set(q, "router", alloccmd.router) != 0))
		tool_die(SP_SYSTEM, "unable to make a question");
	tool_log(311, "asks", "system", record_str(&s->rec, "system"), "user", record_str(&s->rec, "user"),
	         "workstation", workstation, "router", alloccmd.router, NULL);
}

static void ask_lease(struct hold_session *s, struct ask *monitor)
{
	struct held *h = s->tool;
	struct record q = { 0 };
	question(s, &q);
	h->lease = lease_ask(monitor, &q, deadline_of(s), &ops, s);
	record_clear(&q);
	if (!h->lease)
		tool_die(SP_SYSTEM, "out of memory");
}

/* Whom to ask as the record's user; NULL: it has failed. */
static struct ask *as_user(struct hold_session *s, struct asker *a, struct ask *own)
{
	const char *why;
	struct ask *to = asker_of(a, own, &s->rec, &why);
	if (!to) {
		let_go(s);
		hold_fail(s, SP_SYSTEM, 311, "%s: %s", record_str(&s->rec, "identity"), why);
	}
	return to;
}

static void start_lease(struct hold_session *s)
{
	struct ask *to = as_user(s, alloccmd.asker, alloccmd.monitor);
	if (to)
		ask_lease(s, to);
}

/* The gateway has an address for us: to the monitor that is where we are. */
static void on_address(void *arg, const struct ask_end *end)
{
	struct hold_session *s = arg;
	struct held *h = s->tool;
	const char *why;
	struct ask *gateway = asker_of(alloccmd.gate, alloccmd.server, &s->rec, &why);
	struct view workstation = end->last ? record_get(end->last, "workstation") : (struct view){ 0 };
	h->address = NULL;
	if (end->status == SP_OK && workstation.n && gateway) {
		take(s, end->last, "workstation");
		if (record_set(&s->rec, "proxy", ask_address(gateway)) != 0 || record_set(&s->rec, "proxy_ca", alloccmd.gate->ca) != 0)
			tool_die(SP_SYSTEM, "unable to make a record");
		start_lease(s);
		return;
	}
	log_about(s, 336, "no-address", end->detail);
	let_go(s);
	hold_fail(s, end->status == SP_OK ? SP_PEER : end->status, 336, "%s: %s", shown_to(), *end->detail ? end->detail : "it gives no address");
}

static void start_address(struct hold_session *s)
{
	struct held *h = s->tool;
	struct record q = { 0 };
	struct ask *to = as_user(s, alloccmd.gate, alloccmd.server);
	struct ask_conf_question c = { .record = &q, .deadline = deadline_of(s), .end = on_address, .arg = s };
	if (!to)
		return;
	if (record_set(&q, "op", "address") == 0)
		h->address = ask(to, &c);
	record_clear(&q);
	if (!h->address)
		tool_die(SP_SYSTEM, "out of memory");
}

void alloccmd_start(struct hold_session *s)
{
	if (record_get(&s->rec, "system").n == 0) {
		hold_fail(s, SP_RECORD, 311, "no system= in the record: sp-search gives it");
		return;
	}
	s->tool = calloc(1, sizeof(struct held));
	if (!s->tool)
		tool_die(SP_SYSTEM, "out of memory");
	if (alloccmd.proxied)
		start_address(s);
	else
		start_lease(s);
}

void alloccmd_stop(struct hold_session *s)
{
	struct held *h = s->tool;
	gateshow_free(h->show);
	h->show = NULL;
	if (h->lease) {
		lease_release(h->lease, s->undo_by);
		return;
	}
	let_go(s);
	hold_done(s);
}
