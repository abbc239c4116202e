/* sp-alloc - asks the monitor for a router that may call the system, and holds
 * the lease while its reader is there (steps 311-314). */
#include "engine/lease.h"
#include "sys/sock.h"
#include "tool/asker.h"
#include "tool/hold.h"

#include <stdio.h>
#include <unistd.h>

static struct asker asker = { .role = ROLE_MONITOR, .client = party_client, .dgram = &ask_dgram };
static struct ask *monitor;
static const char *workstation, *router;

static const struct opt options[] = {
	ASKER_OPTIONS_SHORT(asker, "monitor"),
	ASKER_OPTIONS_IDENTITY(asker),
	{ "workstation", 0, OPT_STR, &workstation, "ADDRESS", "what others are told where the user is" },
	{ "router", 0, OPT_STR, &router, "NAME", "this router and no other" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-alloc",
	.summary = "Asks for a router that may call the system, and holds it.",
	.operands = "[-- COMMAND ...]",
	.opt = options,
	.holds = true,
};

static void let_go(struct hold_session *s)
{
	lease_free(s->tool);
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

static void on_granted(void *arg, struct record *answer)
{
	static const char *const keys[] = { "session", "router", "router_address", "router_port", "profile", "profile_args", "lease",
		"lease_until", "line", "dial", "phone", "secret", "ports", "permit", "until" };
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
	hold_ready(s);
	if (tool_common.no_hold)
		let_go(s);
}

static void on_renewed(void *arg, struct record *answer)
{
	struct hold_session *s = arg;
	take(s, answer, "permit");
	take(s, answer, "until");
	log_about(s, 313, "renewed", NULL);
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
	    (workstation && record_set(q, "workstation", workstation) != 0) ||
	    (router && record_set(q, "router", router) != 0))
		tool_die(SP_SYSTEM, "unable to make a question");
}

static void start(struct hold_session *s)
{
	struct record q = { 0 };
	const char *why;
	struct ask *to = asker_of(&asker, monitor, &s->rec, &why);
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
	         "workstation", workstation, "router", router, NULL);
	/* A little before the framework's own end, to say who did not answer. */
	s->tool = lease_ask(to, &q, s->deadline == CLOCK_NEVER ? CLOCK_NEVER : s->deadline - 20, &ops, s);
	record_clear(&q);
	if (!s->tool)
		tool_die(SP_SYSTEM, "out of memory");
}

static void stop(struct hold_session *s)
{
	lease_release(s->tool, s->undo_by);
}

/* Where we are, as the first monitor would see it. */
static const char *own_address(void)
{
	static char text[256];
	struct addr a;
	const char *why;
	unsigned next = 0;
	if (addr_parse(asker.address.v[0], &a, &why) && a.kind != ADDR_UNIX) {
		a.kind = ADDR_UDP; /* sends nothing: only the route is looked up */
		int fd = sock_connect(&a, &next, &why);
		if (fd >= 0) {
			sock_own_host(fd, text, sizeof text);
			close(fd);
		}
	}
	if (!*text && gethostname(text, sizeof text - 1) != 0)
		return NULL;
	return text;
}

static void setup(struct loop *l, void *config)
{
	(void)config;
	monitor = asker_new(&asker, "monitor", l);
	if (!asker.tls || asker.identity) /* else the record says as whom */
		ask_open(monitor);
	if (!workstation)
		workstation = own_address();
}

int main(int argc, char **argv)
{
	tool_common.timeout = 10000;
	int at = tool_options(&tool, argc, argv);
	struct hold h = { .name = "alloc", .step = 311, .start = start, .stop = stop, .setup = setup,
		          .command = at < argc ? argv + at : NULL };
	asker_check(&asker, "monitor");
	if (h.command)
		tool_hide(); /* COMMAND may need new privileges (ping, sudo) */
	else
		tool_confine();
	return (int)hold_run(&h);
}
