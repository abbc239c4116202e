/* sp-may - may this user reach that system, and by which grant (step 308): systems
 * in, a decision for each out. The same code and the same store as sp-monitor's. */
#include "engine/may.h"
#include "engine/ticketcheck.h"
#include "engine/worker.h"
#include "sys/stream.h"
#include "tool/asker.h"
#include "tool/filter.h"
#include "tool/toolfilter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *db, *user, *domain, *groups, *when, *ticket, *verify_ticket;

static struct asker asker = { .role = ROLE_MONITOR, .client = party_filter };

static const struct opt options[] = {
	{ "db", 0, OPT_STR, &db, "FILE", "the store, made by sp-db" },
	ASKER_OPTIONS(asker, "monitor"),
	ASKER_OPTIONS_CERT(asker),
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
	struct may *may;       /* what is decided, while the ticket is looked at */
	struct ask *monitor;   /* decides, where there is no store */
};

static void failed(struct store *s)
{
	tool_die(SP_SYSTEM, "unable to read %s: %s", db, store_why(s));
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

static void refuse(struct may *m, const char *word, const char *detail)
{
	m->allow = false;
	m->rule.len = 0;
	if (buf_printf(&m->rule, "%s%s%.200s", word, *detail ? " " : "", detail) != 0 || buf_addc(&m->rule, '\0') != 0)
		tool_die(SP_SYSTEM, "out of memory");
}

static void on_verdict(void *arg, struct record *r, const char *why)
{
	struct asked *a = arg;
	const char *detail;
	enum ticket_verdict v = ticket_verdict(r, why, &detail);
	if (v != TICKET_ACCEPTED)
		refuse(a->may, v == TICKET_REFUSED ? "ticket-refused" : "ticket-not-checked", detail);
	loop_stop(a->loop);
}

/* As the monitor asks before it gives a router. */
static void verify(struct asked *a, struct record *r, struct record *who, struct may *m)
{
	struct record q = { 0 };
	const char *number = ticket ? ticket : record_str(r, "ticket");
	if (!number || !*number) {
		refuse(m, "no-ticket", "");
		return;
	}
	put(who, "ticket", number);
	put(who, "system", record_str(r, "system"));
	if (ticket_question(a->store, who, &q) != 1)
		failed(a->store);
	a->may = m;
	if (worker_ask(a->verify, &q, clock_deadline(tool_common.timeout), on_verdict, a) != 0 || loop_run(a->loop) != 0)
		tool_die(SP_SYSTEM, "unable to ask %s: %s", verify_ticket, strerror(errno));
	record_clear(&q);
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
	if (may.allow && a->verify)
		verify(a, r, &who, &may);
	if (may_answer(&may, r) != 0)
		tool_die(SP_SYSTEM, "unable to make a record");
	tool_log(308, "decided", "user", reach.user, "domain", reach.domain, "system", system, "decision",
	         record_str(r, "decision"), "rule", record_str(r, "rule"), NULL);
	enum sp_exit status = may.allow ? SP_OK : SP_DENIED;
	may_clear(&may);
	reach_clear(&reach);
	record_clear(&who);
	return status;
}

static void on_end(void *arg, const struct ask_end *end)
{
	static const char *const keys[] = { "system", "decision", "rule", "ports", "may_until" };
	struct record *r = arg;
	for (size_t i = 0; end->status == SP_OK && end->last && i < sizeof keys / sizeof *keys; i++)
		if (record_str(end->last, keys[i]))
			put(r, keys[i], record_str(end->last, keys[i]));
}

/* Over the monitor: its answer's fields. */
static enum sp_exit by_monitor(struct asked *a, struct record *r, struct recout *out)
{
	static const char *const keys[] = { "system", "serial" };
	struct record q = { 0 };
	char detail[256] = "";
	int step = 308;
	who_of(r, &q);
	put(&q, "op", "may");
	for (size_t i = 0; i < 2; i++)
		if (record_str(r, keys[i]))
			put(&q, keys[i], record_str(r, keys[i]));
	if (when)
		put(&q, "time", when);
	struct ask_conf_question c = { .record = &q, .deadline = clock_deadline(tool_common.timeout), .end = on_end, .arg = r };
	enum sp_exit status = ask_wait(a->monitor, &c, &step, detail, sizeof detail);
	record_clear(&q);
	if (status != SP_OK)
		tool_fail(r, status, step, "%s", detail);
	else if (view_is(record_get(r, "decision"), "deny"))
		return SP_DENIED;
	else if (recout_add(out, r) != 0)
		filter_write_failed();
	return status;
}

static enum sp_exit each(void *arg, struct record *r, struct recout *out)
{
	struct asked *a = arg;
	if (a->monitor)
		return by_monitor(a, r, out);
	struct view serial = record_get(r, "serial");
	char system[MAY_SYSTEM] = "";
	int n = 1;
	if (!view_str(record_get(r, "system"), system, sizeof system) || (!*system && !serial.n)) {
		tool_fail(r, SP_RECORD, 308, "no system= and no serial= in the record");
		return SP_RECORD;
	}
	if (!*system && (n = may_find(a->store, serial, system)) < 0)
		failed(a->store);
	if (n > 1) {
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

static void check_options(time_t *t)
{
	if (!db && !asker.address.n)
		tool_die(SP_USAGE, "--db or --monitor is needed");
	if (!db && (verify_ticket || ticket))
		tool_die(SP_USAGE, "--ticket and --verify-ticket belong to --db");
	if (when && !time_parse(view_of(when), t))
		tool_die(SP_USAGE, "--time %s: must be like 2026-11-22T18:47:07Z", when);
	if (!user && (domain || groups))
		tool_die(SP_USAGE, "--domain and --groups belong to --user");
}

static void open_all(struct asked *a)
{
	char why[512];
	a->loop = loop_new();
	if (!a->loop)
		tool_die(SP_SYSTEM, "out of memory");
	if (!db) {
		a->monitor = asker_new(&asker, "monitor", a->loop);
		return;
	}
	a->store = store_open(db, STORE_READ, why, sizeof why);
	if (!a->store)
		tool_die(SP_SYSTEM, "unable to open the store: %s", why);
	a->verify = verify_ticket ? tool_filter(a->loop, "verify-ticket", verify_ticket) : NULL;
}

int main(int argc, char **argv)
{
	struct asked a = { 0 };
	tool_common.timeout = 10000;
	int at = tool_options(&tool, argc, argv);
	check_options(&a.time);
	tool_confine();
	open_all(&a);
	enum sp_exit status = filter_run(&(struct filter){ .each = each, .arg = &a }, argv + at);
	worker_free(a.verify);
	ask_free(a.monitor);
	asker_clear(&asker);
	loop_free(a.loop);
	store_close(a.store);
	return (int)status;
}
