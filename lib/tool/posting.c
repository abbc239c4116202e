/* posting.c - one queue a monitor, and what is said about each. */
#include "tool/posting.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void say_lost(struct posting_place *p, uint64_t lost)
{
	struct record r = { 0 };
	if (lost == 0)
		return;
	tool_say("%s: %llu records were lost", p->address, (unsigned long long)lost);
	if (record_setf(&r, "lost", "%llu", (unsigned long long)lost) != 0 || record_set(&r, "monitor", p->address) != 0)
		tool_die(SP_SYSTEM, "out of memory");
	spool_add(p->of->out, &r);
	record_clear(&r);
	p->of->worst = sp_exit_worse(p->of->worst, p->denied ? SP_DENIED : SP_PEER);
}

static void log_post(struct posting_place *p, struct record *r, const char *event, const char *detail)
{
	tool_log(338, event, "monitor", p->address, "session", record_str(r, "session"), "router",
	         record_str(r, "router"), "line", record_str(r, "line"), "ticket", record_str(r, "ticket"), "state", record_str(r, "state"), "line_state",
	         record_str(r, "line_state"), "detail", detail, NULL);
}

/* A ticket that was closed, which ends its sessions. */
static bool of_ticket(struct record *r)
{
	return record_get(r, "ticket").n > 0 && view_is(record_get(r, "state"), "closed");
}

/* "ticket T-1", "session S1", "line m1 of router1". */
static void name_of(struct record *r, char *out, size_t size)
{
	const char *session = record_str(r, "session"), *line = record_str(r, "line"), *router = record_str(r, "router");
	const char *ticket = record_str(r, "ticket");
	if (of_ticket(r))
		snprintf(out, size, "ticket %.200s", ticket);
	else if (record_has(r, "line_state") && !record_has(r, "state"))
		snprintf(out, size, "line %.100s of %.100s", line ? line : "unknown", router ? router : "unknown");
	else
		snprintf(out, size, "session %.200s", session ? session : "unknown");
}

static void on_posted(void *arg, struct record *r)
{
	log_post(arg, r, "posted", NULL);
}

static void on_refused(void *arg, struct record *r, const struct ask_end *e)
{
	struct posting_place *p = arg;
	char name[256];
	name_of(r, name, sizeof name);
	tool_say("%s: %s: %s", p->address, name, e->detail);
	log_post(p, r, "refused", e->detail);
	p->of->worst = sp_exit_worse(p->of->worst, e->status);
}

static void on_room(void *arg)
{
	struct posting_place *p = arg;
	p->of->room(p->of->arg);
}

static void on_away(void *arg, const struct ask_end *end)
{
	struct posting_place *p = arg;
	tool_say("the monitor does not answer, records are kept: %s", end->detail);
	p->denied = end->status == SP_DENIED; /* our certificate, or its */
	on_room(arg); /* the input has waited for it long enough */
}

static void on_back(void *arg, uint64_t lost)
{
	struct posting_place *p = arg;
	p->denied = false;
	tool_say("%s answers again", p->address);
	say_lost(p, lost);
}

static const struct post_ops ops = { on_posted, on_refused, on_away, on_back, on_room };

void posting_open(struct posting *p, struct asker *a, unsigned keep, struct loop *l)
{
	asker_check(a, "monitor");
	for (p->n = 0; p->n < a->address.n; p->n++) {
		struct posting_place *at = &p->place[p->n];
		*at = (struct posting_place){ .of = p, .address = a->address.v[p->n] };
		at->ask = asker_one(a, p->n, l);
		at->post = post_new(at->ask, keep, &ops, at);
		if (!at->post)
			tool_die(SP_SYSTEM, "out of memory");
	}
}

/* With op= and id= it is longer than a record may be. */
static void too_long(struct posting *p, struct record *r)
{
	char name[256];
	name_of(r, name, sizeof name);
	tool_say("%s: the record is too long to be posted", name);
	for (unsigned i = 0; i < p->n; i++)
		log_post(&p->place[i], r, "refused", "too long");
	p->worst = sp_exit_worse(p->worst, SP_RECORD);
}

/* The question of a state: of a ticket, of a tunnel, of a call, else of a line. 0/-1. */
static int question(struct record *r, struct record *q)
{
	static const char *const call[] = { "session", "router", "line", "phone", "sp_address", "alias", "speed", "state",
		"reason", "user", NULL };
	static const char *const line[] = { "router", "line", "line_state", "phone", "reason", "detail", NULL };
	static const char *const tunnel[] = { "session", "tunnel", "inside", NULL };
	static const char *const ticket[] = { "ticket", "state", NULL };
	bool of_call = record_get(r, "state").n > 0, of_tunnel = record_get(r, "tunnel").n > 0;
	int rc = record_set(q, "op", of_ticket(r) ? "ticket" : of_tunnel ? "tunnel" : of_call ? "state" : "line");
	for (const char *const *key = of_ticket(r) ? ticket : of_tunnel ? tunnel : of_call ? call : line; *key && rc == 0; key++) {
		struct view v = record_get(r, *key);
		rc = v.p ? record_setv(q, view_of(*key), v) : 0;
	}
	return rc;
}

void posting_put(struct posting *p, struct record *r)
{
	struct record q = { 0 };
	if (record_has(r, "error") || (!record_get(r, "state").n && !record_get(r, "line_state").n && !record_get(r, "tunnel").n))
		return;
	int rc = question(r, &q);
	for (unsigned i = 0; rc == 0 && i < p->n; i++)
		rc = post_add(p->place[i].post, &q);
	if (rc != 0 && errno == EMSGSIZE)
		too_long(p, r);
	else if (rc != 0)
		tool_die(SP_SYSTEM, "unable to keep a record: %s", strerror(errno));
	record_clear(&q);
}

bool posting_full(const struct posting *p)
{
	for (unsigned i = 0; i < p->n; i++)
		if (post_full(p->place[i].post))
			return true;
	return false;
}

unsigned posting_waiting(const struct posting *p)
{
	unsigned waiting = 0;
	for (unsigned i = 0; i < p->n; i++)
		waiting += post_waiting(p->place[i].post);
	return waiting;
}

void posting_end(struct posting *p)
{
	for (unsigned i = 0; i < p->n; i++)
		say_lost(&p->place[i], post_lost(p->place[i].post) + post_waiting(p->place[i].post));
}

void posting_close(struct posting *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		post_free(p->place[i].post);
		ask_free(p->place[i].ask);
	}
}
