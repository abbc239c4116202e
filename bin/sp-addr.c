/* sp-addr - waits until the monitor knows the session's address and speed,
 * compares them with what the router said, sets the rate, and holds it (steps
 * 339, 340). Goes on watching: the session's end is ours. */
#include "base/reason.h"
#include "sys/rate.h"
#include "tool/asker.h"
#include "tool/hold.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

static struct asker asker = { .role = ROLE_MONITOR, .client = party_client };
static struct ask *monitor;
static const char *rate_by;
static struct guard *guard;

struct watch {
	struct question *asked;
	struct rate rate;
	bool ready, rated;
};

static const struct opt options[] = {
	ASKER_OPTIONS(asker, "monitor"),
	ASKER_OPTIONS_IDENTITY(asker),
	{ "rate-by", 0, OPT_STR, &rate_by, "WHO", "workstation, router or none: who keeps to the line's speed" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-addr",
	.summary = "Waits for the session's address and speed, and sets the rate.",
	.operands = "[-- COMMAND ...]",
	.opt = options,
	.holds = true,
};

static void let_go(struct hold_session *s)
{
	struct watch *w = s->tool;
	ask_forget(w->asked);
	free(w);
	s->tool = NULL;
}

static void fail(struct hold_session *s, enum sp_exit status, int step, const char *why)
{
	let_go(s);
	hold_fail(s, status, step, "%s", why);
}

/* A rate of our own making. NULL, or why not. */
static const char *pace(struct hold_session *s, uint64_t speed)
{
	struct watch *w = s->tool;
	struct in_addr to;
	const char *why, *at = record_str(&s->rec, "address");
	if (!rate_permitted())
		return "it needs the right to administer the network (CAP_NET_ADMIN)";
	if (!at || inet_pton(AF_INET, at, &to) != 1)
		return "the address is no IPv4 address";
	if (!guard && !(guard = rate_guard()))
		return "unable to start a guard process";
	if (rate_set(guard, to, speed, &w->rate, &why) != 0)
		return why;
	w->rated = true;
	return NULL;
}

/* Step 340. false: it failed, and the session with it. */
static bool set_rate(struct hold_session *s)
{
	uint64_t speed = 0;
	bool known = num_u64(record_get(&s->rec, "speed"), 1, UINT64_MAX, &speed);
	const char *by = !known ? "none" : rate_by ? rate_by : tool_common.no_hold ? "router" : "workstation", *why = NULL;
	if (strcmp(by, "workstation") == 0 && (why = pace(s, speed)) != NULL) {
		if (rate_by) {
			fail(s, SP_SYSTEM, 340, why);
			return false;
		}
		by = "router";
	}
	if (record_set(&s->rec, "rate_by", by) != 0 ||
	    (strcmp(by, "none") != 0 && record_setf(&s->rec, "rate", "%llu", (unsigned long long)speed) != 0))
		tool_die(SP_SYSTEM, "unable to make a record");
	tool_log(340, "rate", "session", record_str(&s->rec, "session"), "rate", record_str(&s->rec, "rate"),
	         "rate_by", by, "detail", why, NULL);
	return true;
}

static void copy(struct record *to, struct record *from, const char *key)
{
	struct view v = record_get(from, key);
	if (v.n && record_setv(to, view_of(key), v) != 0)
		tool_die(SP_SYSTEM, "unable to make a record");
}

/* Is it reached within tunnels, by the address that it has there? */
static bool tunneled(struct hold_session *s)
{
	return record_get(&s->rec, "inside").n > 0;
}

/* The session is up: what both said must agree (339). */
static void up(struct hold_session *s, struct record *row)
{
	static const char *const keys[] = { "sp_address", "phone", "line", "speed" };
	struct watch *w = s->tool;
	struct view told = record_get(row, "alias"), own = record_get(&s->rec, "alias");
	if (told.n == 0 || !view_eq(told, own)) {
		let_go(s);
		hold_fail(s, SP_PEER, 339, "the router gave the alias %.*s, the monitor knows %.*s", (int)own.n, own.p,
		          told.n ? (int)told.n : 4, told.n ? told.p : "none");
		return;
	}
	if (record_setv(&s->rec, view_of("address"), tunneled(s) ? record_get(&s->rec, "inside") : own) != 0)
		tool_die(SP_SYSTEM, "unable to make a record");
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		copy(&s->rec, row, keys[i]);
	tool_log(339, "address", "session", record_str(&s->rec, "session"), "address", record_str(&s->rec, "address"),
	         "sp_address", record_str(&s->rec, "sp_address"), "speed", record_str(&s->rec, "speed"), NULL);
	if (!set_rate(s))
		return;
	w->ready = true;
	hold_ready(s);
	if (tool_common.no_hold)
		let_go(s);
}

static void down(struct hold_session *s, struct record *row)
{
	struct watch *w = s->tool;
	enum reason reason = reason_of(record_get(row, "reason"));
	const char *said = record_str(row, "detail"), *text = said ? said : reason_text(reason);
	tool_log(339, "down", "session", record_str(&s->rec, "session"), "reason", reason_name(reason), NULL);
	copy(&s->rec, row, "reason");
	if (!w->ready)
		fail(s, reason_exit(reason) == SP_OK ? SP_PEER : reason_exit(reason), 339,
		     *text ? text : "the session has ended");
	else if (reason != REASON_NONE && reason_exit(reason) == SP_OK)
		hold_ended(s);
	else
		hold_lost(s, reason == REASON_NONE ? SP_PEER : reason_exit(reason), 339, "%s",
		          *text ? text : "the session has ended");
}

static void on_row(void *arg, struct record *row)
{
	struct hold_session *s = arg;
	struct watch *w = s->tool;
	struct view state = record_get(row, "state"), alias = record_get(row, "alias");
	if (view_is(state, "down"))
		down(s, row);
	else if (!w->ready && view_is(state, "up") && (!tunneled(s) || view_is(record_get(row, "tunnel"), "open")))
		up(s, row);
	else if (w->ready && tunneled(s) && view_is(record_get(row, "tunnel"), "ended"))
		hold_lost(s, SP_PEER, 339, "the gateway has ended the session's tunnel");
	else if (w->ready && alias.n && !view_eq(alias, record_get(&s->rec, "alias")))
		hold_lost(s, SP_PEER, 339, "the alias has changed to %.*s", (int)alias.n, alias.p);
}

/* The monitor ends the watch. What is up stays up: others watch the lease. */
static void on_end(void *arg, const struct ask_end *end)
{
	struct hold_session *s = arg;
	struct watch *w = s->tool;
	w->asked = NULL;
	if (!w->ready) {
		const char *why = *end->detail ? end->detail : "the monitor knows no more of the session";
		fail(s, end->status == SP_OK ? SP_PEER : end->status, end->step ? end->step : 339, why);
	} else if (end->status != SP_OK) {
		tool_say("the monitor tells no more about the session: %s", end->detail);
	}
}

static void start(struct hold_session *s)
{
	static const char *const needed[] = { "session", "alias" };
	struct record q = { 0 };
	struct watch *w = calloc(1, sizeof *w);
	s->tool = w;
	if (!w || record_set(&q, "op", "watch") != 0)
		tool_die(SP_SYSTEM, "out of memory");
	for (size_t i = 0; i < 2; i++)
		if (record_get(&s->rec, needed[i]).n == 0) {
			record_clear(&q);
			let_go(s);
			hold_fail(s, SP_RECORD, 339, "no %s= in the record: sp-alloc and sp-dial give it", needed[i]);
			return;
		}
	copy(&q, &s->rec, "token");
	copy(&q, &s->rec, "session");
	struct ask_conf_question c = { .record = &q, .deadline = s->deadline == CLOCK_NEVER ? CLOCK_NEVER : s->deadline - 20,
		                       .stream = true, .row = on_row, .end = on_end, .arg = s };
	const char *why;
	struct ask *to = asker_of(&asker, monitor, &s->rec, &why);
	if (!to) {
		let_go(s);
		hold_fail(s, SP_SYSTEM, 339, "%s: %s", record_str(&s->rec, "identity"), why);
		record_clear(&q);
		return;
	}
	w->asked = ask(to, &c);
	record_clear(&q);
	if (!w->asked)
		tool_die(SP_SYSTEM, "out of memory");
}

static void stop(struct hold_session *s)
{
	struct watch *w = s->tool;
	if (w->rated && rate_undo(guard, &w->rate) != 0)
		tool_say("unable to undo the rate: %s", strerror(errno));
	tool_log(0, "stopped", "session", record_str(&s->rec, "session"), "rated", w->rated ? "yes" : "no", NULL);
	let_go(s);
	hold_done(s);
}

static void setup(struct loop *l, void *config)
{
	(void)config;
	monitor = asker_new(&asker, "monitor", l);
	if (!asker.tls || asker.identity) /* else the record says as whom */
		ask_open(monitor);
}

int main(int argc, char **argv)
{
	tool_common.timeout = 60000;
	int at = tool_options(&tool, argc, argv);
	struct hold h = { .name = "addr", .step = 339, .start = start, .stop = stop, .setup = setup,
		          .command = at < argc ? argv + at : NULL };
	if (rate_by && strcmp(rate_by, "workstation") != 0 && strcmp(rate_by, "router") != 0 && strcmp(rate_by, "none") != 0)
		tool_die(SP_USAGE, "--rate-by %s: must be workstation, router or none", rate_by);
	if (rate_by && strcmp(rate_by, "workstation") == 0 && tool_common.no_hold)
		tool_die(SP_USAGE, "--rate-by workstation is something to hold: not with --no-hold");
	asker_check(&asker, "monitor");
	if (h.command)
		tool_hide(); /* COMMAND may need new privileges (ping, sudo) */
	else
		tool_confine();
	enum sp_exit status = hold_run(&h);
	guard_free(guard);
	return (int)status;
}
