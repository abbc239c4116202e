/* nas_message.c - what a session's process asks of the parent and tells it: a
 * table of messages. A session is a process that may have gone wrong: what it
 * tells is checked for nothing but being a record, what it asks for is given
 * once. */
#include "engine/nas_impl.h"

#include <errno.h>
#include <stdio.h>

void nas_reply(struct nas_child *c, struct record *r)
{
	if (!c->closed && chan_send(c->chan, r) != 0)
		nas_say(c->nas, "unable to answer the session of %s", c->workstation);
}

/* What the verdict says about the peer: is it a stranger, does it guess? */
static void learn(struct nas_child *c, struct record *r)
{
	const char *error = record_str(r, "error");
	struct guesses *g = &c->nas->guesses;
	if (!error && view_is(record_get(r, "decision"), "accept")) {
		c->admitted = true;
		guess_right(g, c->guess);
	} else if (!error || sp_exit_of(error) == SP_DENIED) {
		guess_wrong(g, c->guess, clock_ms(), c->nas->conf.fail_delay);
	}
}

static void verdict(void *arg, struct record *r, const char *why)
{
	struct nas_child *c = arg;
	struct record none = { 0 };
	if (!r) {
		record_set(&none, "error", why == worker_late ? "timeout" : "system");
		record_set(&none, "detail", why);
		r = &none;
	}
	learn(c, r);
	record_drop(r, "password");
	record_set(r, "op", "verdict");
	nas_reply(c, r);
	record_clear(&none);
}

static void ask(struct nas_child *c, struct record *r)
{
	int64_t late = clock_deadline(c->nas->conf.answer);
	if (worker_ask(c->nas->auth, r, late, verdict, c) != 0) {
		nas_say(c->nas, "unable to ask the --auth filter");
		verdict(c, NULL, "the filter that checks users cannot be started");
	}
}

static void ask_held(void *arg)
{
	struct nas_child *c = arg;
	ask(c, &c->question);
	record_wipe(&c->question, "password");
	record_clear(&c->question);
}

static void log_held(struct nas_child *c, struct record *q, int64_t ms)
{
	struct record r = { 0 };
	struct view user = record_get(q, "user");
	if (record_set(&r, "step", "317") == 0 && record_set(&r, "event", "delayed") == 0 &&
	    (!user.p || record_setv(&r, view_of("user"), user) == 0) &&
	    record_set(&r, "workstation", c->workstation) == 0 &&
	    record_setf(&r, "detail", "for %d ms, as that user's logins from %s were wrong", (int)ms, c->source) == 0)
		c->nas->ops->log(c->nas->arg, &r);
	record_clear(&r);
}

/* Whoever has guessed wrong waits before the filter is asked, not only for his refusal:
 * who hangs up early has learnt nothing. It is counted by address and user together, so
 * that nobody keeps another user out; of one address only so many can guess at once. */
static void on_auth(struct nas_child *c, struct record *r)
{
	struct nas *n = c->nas;
	record_drop(r, "op");
	if (c->held.armed)
		return;
	c->guess = guess_who(&n->guesses, c->source, record_get(r, "user"), record_get(r, "domain"));
	int64_t ms = guess_wait(&n->guesses, c->guess, clock_ms(), n->conf.fail_delay, n->conf.answer);
	if (ms == 0) {
		ask(c, r);
	} else if (ms < 0) {
		verdict(c, NULL, "too many wrong logins wait already");
	} else if (record_copy(&c->question, r) == 0) {
		log_held(c, r, ms);
		loop_at(n->loop, &c->held, clock_deadline(ms), ask_held, c);
	} else {
		verdict(c, NULL, "out of memory");
	}
}

/* It has shown a certificate: it takes no stranger's place. */
static void on_certified(struct nas_child *c, struct record *r)
{
	(void)r;
	c->certified = true;
	shake_over(&c->nas->shakes, c->source, true);
}

static bool is(struct record *r, const char *key, const char *value)
{
	return view_is(record_get(r, key), value);
}

static void on_state(struct nas_child *c, struct record *r)
{
	record_drop(r, "op");
	if (is(r, "state", "down")) {
		record_merge(&c->last, r);
		nas_child_down(c);
		return;
	}
	c->down_told = false;
	if (record_copy(&c->last, r) != 0)
		nas_say(c->nas, "out of memory");
	nas_lines_state(c, r);
	c->nas->ops->state(c->nas->arg, r);
	if (is(r, "state", "up"))
		nas_account_start(c);
}

static void on_count(struct nas_child *c, struct record *r)
{
	num_u64(record_get(r, "in_bytes"), 0, UINT64_MAX, &c->in_bytes);
	num_u64(record_get(r, "out_bytes"), 0, UINT64_MAX, &c->out_bytes);
}

static void on_log(struct nas_child *c, struct record *r)
{
	record_drop(r, "op");
	c->nas->ops->log(c->nas->arg, r);
}

static const struct { const char *op; void (*fn)(struct nas_child *c, struct record *r); } table[] = {
	{ "auth", on_auth },   /* credentials: is answered by op=verdict */
	{ "certified", on_certified }, /* a certificate was shown */
	{ "line", nas_on_line },   /* dial= or number=: is answered by op=line with line=, alias= or error= */
	{ "fault", nas_on_fault }, /* its line failed: answered by op=line, another one */
	{ "release", nas_on_release }, /* it needs no line any more */
	{ "lines", nas_on_lines }, /* answered by op=row for each line that has a name, then op=rows */
	{ "state", on_state }, /* of its call */
	{ "count", on_count }, /* in_bytes=, out_bytes= so far */
	{ "log", on_log },     /* step=, event= ... */
};

void nas_message(struct nas_child *c, struct record *r)
{
	struct view op = record_get(r, "op");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (view_is(op, table[i].op)) {
			table[i].fn(c, r);
			return;
		}
}

/* A process that died tells nothing: the parent says it for it. */
static void tell_down(struct nas_child *c)
{
	if (c->last.n == 0 || c->down_told)
		return;
	if (!is(&c->last, "state", "down")) {
		enum reason why = c->nas->stopping ? REASON_NAS_REBOOT : REASON_NAS_ERROR;
		record_set(&c->last, "state", "down");
		record_set(&c->last, "reason", reason_name(why));
	}
	c->down_told = true;
	c->nas->ops->state(c->nas->arg, &c->last);
}

void nas_child_down(struct nas_child *c)
{
	tell_down(c);
	nas_account_stop(c);
	nas_lines_down(c);
}
