/* nas_account.c - what is told to the accounting filter: the device on and off,
 * a call's start, its counters every so often, and its stop. By the parent, so
 * that a session's process that was killed still has its stop. */
#include "engine/nas_impl.h"

#include <stdio.h>
#include <unistd.h>

#define ACCT_LIMIT 30000 /* ms for the filter to deliver it */

static void hand_over(struct nas *n, struct record *r)
{
	record_set(r, "router", n->conf.name);
	if (worker_ask(n->acct, r, clock_deadline(ACCT_LIMIT), NULL, NULL) != 0)
		nas_say(n, "unable to hand a record to the accounting filter");
}

void nas_account_device(struct nas *n, const char *what)
{
	struct record r = { 0 };
	if (!n->acct)
		return;
	record_set(&r, "acct", what);
	record_setf(&r, "session", "%s-%s", n->conf.name, what);
	hand_over(n, &r);
	record_clear(&r);
}

static void copy(struct nas_child *c, struct record *to, const char *key, const char *as)
{
	struct view v = record_get(&c->last, key);
	if (v.p)
		record_setv(to, view_of(as), v);
}

static void call(struct nas_child *c, const char *what)
{
	struct record r = { 0 };
	record_set(&r, "acct", what);
	record_set(&r, "session", c->acct_session);
	copy(c, &r, "user", "user");
	copy(c, &r, "line", "line");
	if (c->bank && c->bank->dials)
		record_set(&r, "phone", c->wanted.number); /* what was dialed, not what the user says */
	else
		copy(c, &r, "phone", "phone");
	copy(c, &r, "speed", "speed");
	copy(c, &r, "protocol", "protocol");
	if (c->kind)
		record_set(&r, "line_kind", c->kind);
	copy(c, &r, "alias", "address");
	copy(c, &r, "workstation", "workstation");
	if (strcmp(what, "start") != 0) {
		record_setf(&r, "seconds", "%lld", (long long)(clock_ms() - c->since) / 1000);
		record_setf(&r, "in_bytes", "%llu", (unsigned long long)c->in_bytes);
		record_setf(&r, "out_bytes", "%llu", (unsigned long long)c->out_bytes);
	}
	if (strcmp(what, "stop") == 0)
		copy(c, &r, "reason", "reason");
	hand_over(c->nas, &r);
	record_clear(&r);
}

static void interim(void *arg)
{
	struct nas_child *c = arg;
	call(c, "interim");
	loop_at(c->nas->loop, &c->interim, clock_deadline(c->nas->conf.interim), interim, c);
}

void nas_account_start(struct nas_child *c)
{
	if (!c->nas->acct || c->started)
		return;
	c->started = true;
	c->since = clock_ms();
	c->in_bytes = c->out_bytes = 0;
	if (!view_str(record_get(&c->last, "session"), c->acct_session, sizeof c->acct_session) || !c->acct_session[0])
		snprintf(c->acct_session, sizeof c->acct_session, "%d-%llu", (int)getpid(), (unsigned long long)++c->nas->calls);
	call(c, "start");
	loop_at(c->nas->loop, &c->interim, clock_deadline(c->nas->conf.interim), interim, c);
}

void nas_account_stop(struct nas_child *c)
{
	if (!c->started)
		return;
	c->started = false;
	loop_cancel(c->nas->loop, &c->interim);
	call(c, "stop");
}
