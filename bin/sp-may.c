/* sp-may - may this user reach that system, and by which grant (step 308): systems
 * in, a decision for each out. The same code and the same store as sp-monitor's. */
#include "base/fold.h"
#include "engine/may.h"
#include "engine/ticketcheck.h"
#include "engine/window.h"
#include "engine/worker.h"
#include "tool/filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *db, *user, *domain, *groups, *when, *ticket, *verify_ticket;

static const struct opt options[] = {
	{ "db", 0, OPT_STR, &db, "FILE", "the store, made by sp-db" },
	{ "user", 'u', OPT_STR, &user, "NAME", "who (default: the record's user=)" },
	{ "domain", 0, OPT_STR, &domain, "NAME", "his domain (with --user; default: none)" },
	{ "groups", 'g', OPT_STR, &groups, "LIST", "his groups, beside those of the store (with --user)" },
	{ "ticket", 0, OPT_STR, &ticket, "NUMBER", "for this service ticket (default: the record's ticket=)" },
	{ "verify-ticket", 0, OPT_STR, &verify_ticket, "COMMAND", "the monitor's filter that accepts tickets" },
	{ "time", 0, OPT_STR, &when, "TIME", "then, like 2026-11-22T18:47:07Z (default: now)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-may",
	.summary = "Tells of each system whether a user may reach it, and by which grant.",
	.operands = "[FILE ...]",
	.opt = options,
};

struct asked {
	struct store *store;
	time_t time; /* 0: now */
	struct loop *loop;
	struct worker *verify; /* NULL: tickets are not looked at */
	char rule[256];        /* why a ticket is not accepted; empty: it is */
};

static void failed(struct store *s)
{
	tool_die(SP_SYSTEM, "unable to read %s: %s", db, store_why(s));
}

/* The one system with this serial number; how many there are. */
static int system_of(struct store *s, struct view serial, char *system, size_t size)
{
	struct sqlite3_stmt *st = store_use(s, false, "SELECT system FROM systems WHERE serial_fold=:serial LIMIT 2");
	struct buf fold;
	int n = 0, got = -1;
	buf_init(&fold, RECORD_LINE_MAX);
	if (!st || fold_serial(serial, &fold) != 0)
		failed(s);
	store_bind(st, ":serial", fold.len ? buf_view(&fold) : view_of(""));
	while (fold.len && (got = store_step(s, st)) == 1)
		if (view_str(view_of(store_text(st, 0)), system, size))
			n++;
	if (fold.len && got < 0)
		failed(s);
	buf_clear(&fold);
	return n;
}

/* Who: of the options, or of the record. */
static void who_of(struct record *r, struct record *who)
{
	static const char *const keys[] = { "user", "domain", "groups" };
	const char *const given[] = { user, domain, groups };
	for (size_t i = 0; i < 3; i++) {
		const char *v = user ? given[i] : record_str(r, keys[i]);
		if (v && record_set(who, keys[i], v) != 0)
			tool_die(SP_SYSTEM, "unable to make a record");
	}
}

static void put(struct record *r, const char *key, const char *value)
{
	if (record_set(r, key, value) != 0)
		tool_die(SP_SYSTEM, "unable to make a record");
}

static void on_verdict(void *arg, struct record *r, const char *why)
{
	struct asked *a = arg;
	const char *detail;
	enum ticket_verdict v = ticket_verdict(r, why, &detail);
	if (v != TICKET_ACCEPTED)
		snprintf(a->rule, sizeof a->rule, "%s%s%.200s", v == TICKET_REFUSED ? "ticket-refused" : "ticket-not-checked",
		         *detail ? " " : "", detail);
	loop_stop(a->loop);
}

/* As the monitor asks before it gives a router. */
static void verify(struct asked *a, struct record *r, struct record *who)
{
	struct record q = { 0 };
	const char *number = ticket ? ticket : record_str(r, "ticket");
	snprintf(a->rule, sizeof a->rule, "%s", number && *number ? "" : "no-ticket");
	if (*a->rule)
		return;
	put(who, "ticket", number);
	put(who, "system", record_str(r, "system"));
	if (ticket_question(a->store, who, &q) != 1)
		failed(a->store);
	if (worker_ask(a->verify, &q, clock_deadline(tool_common.timeout), on_verdict, a) != 0 || loop_run(a->loop) != 0)
		tool_die(SP_SYSTEM, "unable to ask %s: %s", verify_ticket, strerror(errno));
	record_clear(&q);
}

static void answer(struct record *r, const struct may *m, const char *no)
{
	char text[PORTS_TEXT], until[TIME_TEXT];
	put(r, "decision", m->allow && !*no ? "allow" : "deny");
	put(r, "rule", *no ? no : m->rule.data);
	if (!m->allow || *no)
		return;
	ports_write(&m->ports, text);
	if (*text)
		put(r, "ports", text);
	if (m->until != WINDOW_ALWAYS) {
		time_text(m->until, until);
		put(r, "may_until", until);
	}
}

static enum sp_exit decide(struct asked *a, struct record *r, const char *system)
{
	struct record who = { 0 };
	struct reach reach;
	struct may may;
	who_of(r, &who);
	int known = reach_of(&reach, a->store, &who, a->time ? a->time : time(NULL));
	if (known < 0 || may_system(&may, a->store, &reach, known == 1, system) != 0)
		failed(a->store);
	a->rule[0] = '\0';
	if (may.allow && a->verify)
		verify(a, r, &who);
	answer(r, &may, a->rule);
	tool_log(308, "decided", "user", reach.user, "domain", reach.domain, "system", system, "decision",
	         record_str(r, "decision"), "rule", record_str(r, "rule"), NULL);
	enum sp_exit status = may.allow && !*a->rule ? SP_OK : SP_DENIED;
	may_clear(&may);
	reach_clear(&reach);
	record_clear(&who);
	return status;
}

static enum sp_exit each(void *arg, struct record *r, struct recout *out)
{
	struct asked *a = arg;
	struct view serial = record_get(r, "serial");
	char system[256] = "";
	if (!view_str(record_get(r, "system"), system, sizeof system) || (!*system && !serial.n)) {
		tool_fail(r, SP_RECORD, 308, "no system= and no serial= in the record");
		return SP_RECORD;
	}
	if (!*system && system_of(a->store, serial, system, sizeof system) > 1) {
		tool_fail(r, SP_RECORD, 308, "several systems have this serial number: system= is needed");
		return SP_RECORD;
	}
	if (*system)
		put(r, "system", system);
	enum sp_exit status = decide(a, r, system);
	if (status == SP_OK && recout_add(out, r) != 0)
		filter_write_failed();
	return status; /* one that is denied is passed on by filter_run */
}

static void verify_open(struct asked *a)
{
	a->loop = loop_new();
	a->verify = a->loop ? worker_new(a->loop, verify_ticket) : NULL;
	if (!a->verify || worker_start(a->verify) != 0)
		tool_die(SP_SYSTEM, "unable to run %s: %s", verify_ticket, strerror(errno));
}

int main(int argc, char **argv)
{
	struct asked a = { 0 };
	char why[512];
	tool_common.timeout = 10000;
	int at = tool_options(&tool, argc, argv);
	tool_need(db, "db");
	if (when && !time_parse(view_of(when), &a.time))
		tool_die(SP_USAGE, "--time %s: must be like 2026-11-22T18:47:07Z", when);
	if (!user && (domain || groups))
		tool_die(SP_USAGE, "--domain and --groups belong to --user");
	tool_confine();
	a.store = store_open(db, STORE_READ, why, sizeof why);
	if (!a.store)
		tool_die(SP_SYSTEM, "unable to open the store: %s", why);
	if (verify_ticket)
		verify_open(&a);
	enum sp_exit status = filter_run(&(struct filter){ .each = each, .arg = &a }, argv + at);
	worker_free(a.verify);
	loop_free(a.loop);
	store_close(a.store);
	return (int)status;
}
