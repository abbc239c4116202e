/* sp-trap.c - the router's voice: state records become informs or traps to
 * every network manager, step 337. Records without state= pass through. */
#include "engine/trapout.h"
#include "tool/filter.h"

#include "base/num.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct opt_list to;
static const char *user_file, *community_file, *state_dir, *engine_id;
static bool trap;
static int64_t wait_ms = 1000;
static uint64_t tries = 3, keep = 10000;

static const struct opt options[] = {
	{ "to", 't', OPT_LIST, &to, "ADDRESS", "a network manager, udp:HOST:PORT" },
	{ "user-file", 'u', OPT_STR, &user_file, "FILE", "SNMPv3 user, authPriv" },
	{ "community-file", 0, OPT_STR, &community_file, "FILE", "SNMPv2c with the community in FILE" },
	{ "trap", 0, OPT_FLAG, &trap, NULL, "send traps, which nobody acknowledges, not informs" },
	{ "wait", 0, OPT_SECONDS, &wait_ms, "SECONDS", "for an acknowledgement, then send again (1)" },
	{ "tries", 0, OPT_NUM, &tries, "N", "so often before a manager counts as silent (3)" },
	{ "keep", 0, OPT_NUM, &keep, "N", "records kept for a silent manager (10000)" },
	{ "state-dir", 0, OPT_STR, &state_dir, "DIR", "keep engine ID and boots here (for traps)" },
	{ "engine-id", 0, OPT_STR, &engine_id, "HEX", "use this engine ID (for traps)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-trap",
	.summary = "state records become SNMP informs or traps",
	.operands = "",
	.opt = options,
};

struct run {
	struct loop *loop;
	struct trapout *traps;
	struct recin in;
	struct record rec;
	struct recout out;
	struct loop_timer end;
	enum sp_exit worst;
	bool got, input_ended, refused;
};

static void put(struct run *run, struct record *r)
{
	if (recout_add(&run->out, r) != 0)
		filter_write_failed();
}

static void flush(struct run *run)
{
	if (recout_flush(&run->out) != 0)
		filter_write_failed();
	if (run->traps && run->input_ended && trapout_pending(run->traps) == 0)
		loop_stop(run->loop);
}

static void done(void *arg, struct record *r, unsigned acknowledged)
{
	struct run *run = arg;
	char count[16];
	snprintf(count, sizeof count, "%u", acknowledged);
	if (!trap && record_set(r, "trap_acknowledged", count) != 0)
		tool_die(SP_SYSTEM, "unable to add to a record: %s", strerror(errno));
	tool_log(337, acknowledged ? "acknowledged" : trap ? "sent" : "unacknowledged", "session",
	         record_str(r, "session"), "router", record_str(r, "router"), "line", record_str(r, "line"), "state",
	         record_str(r, "state"), "line_state", record_str(r, "line_state"), "acknowledged", count, NULL);
	put(run, r);
	flush(run);
}

static void lost(void *arg, const char *manager, struct record *r, unsigned long n)
{
	struct run *run = arg;
	struct record report = { 0 };
	char count[24];
	snprintf(count, sizeof count, "%lu", n);
	tool_log(337, "lost", "manager", manager, "session", record_str(r, "session"), "line", record_str(r, "line"), "lost",
	         count, NULL);
	if (record_set(&report, "manager", manager) != 0 || record_set(&report, "lost", count) != 0)
		tool_die(SP_SYSTEM, "unable to make a record: %s", strerror(errno));
	tool_fail(&report, SP_TIMEOUT, 337, "%s is silent and its queue is full: a record for it is lost", manager);
	put(run, &report);
	record_clear(&report);
	run->worst = sp_exit_worse(run->worst, SP_TIMEOUT);
}

static void trouble(void *arg, const char *manager, const char *why, bool refused)
{
	struct run *run = arg;
	run->refused |= refused;
	tool_log(337, why ? "silent" : "answers", "manager", manager, "detail", why, NULL);
	tool_say("step 337: %s: %s", manager, why ? why : "answers again");
}

static void drained(void *arg)
{
	flush(arg);
}

static void one(struct run *run, struct record *r)
{
	const char *why;
	run->got = true;
	if (!record_has(r, "state") && !record_has(r, "line_state")) {
		struct view error = record_get(r, "error");
		char word[32] = "";
		if (error.p)
			run->worst = sp_exit_worse(run->worst, view_str(error, word, sizeof word) ? sp_exit_of(word) : SP_PEER);
		put(run, r);
	} else if (trapout_send(run->traps, r, &why) != 0) {
		tool_fail(r, SP_RECORD, 337, "unable to send: %s", why);
		run->worst = sp_exit_worse(run->worst, SP_RECORD);
		put(run, r);
	}
}

static void give_up(void *arg)
{
	struct run *run = arg;
	size_t n = trapout_pending(run->traps);
	if (n) {
		tool_say("step 337: %zu notifications were not acknowledged in time", n);
		run->worst = sp_exit_worse(run->worst, run->refused ? SP_DENIED : SP_TIMEOUT);
	}
	loop_stop(run->loop);
}

static void input(void *arg, int fd, short revents)
{
	struct run *run = arg;
	const char *why;
	int got, filled = recin_fill(&run->in);
	(void)revents;
	if (filled < 0 && errno == EAGAIN)
		return;
	while ((got = recin_next(&run->in, &run->rec, &why)) != 0) {
		if (got == 1) {
			one(run, &run->rec);
			continue;
		}
		tool_say("%s: line %lu: %s", run->in.name, run->in.line, why);
		run->got = true;
		run->worst = sp_exit_worse(run->worst, SP_RECORD);
	}
	if (filled <= 0) {
		if (filled < 0)
			tool_die(SP_SYSTEM, "unable to read stdin: %s", strerror(errno));
		run->input_ended = true;
		loop_forget(run->loop, fd);
		loop_at(run->loop, &run->end, clock_deadline(tool_common.timeout), give_up, run);
	}
	flush(run);
}

static void stop(void *arg, int signo)
{
	struct run *run = arg;
	(void)signo;
	give_up(run);
}

static void begin(struct snmp_user *user, struct secret *community)
{
	struct snmp_engine engine;
	const char *why;
	if (!to.n || !user_file == !community_file)
		tool_die(SP_USAGE, "--to and one of --user-file and --community-file are needed");
	if (tries < 1 || tries > 100 || keep < 1 || keep > 10000000 || wait_ms < 1)
		tool_die(SP_USAGE, "--wait, --tries or --keep is out of its range");
	if (snmp_engine_load(&engine, state_dir, "sp-trap") != 0)
		tool_die(SP_SYSTEM, "unable to use %s: %s", state_dir, strerror(errno));
	if (engine_id && !snmp_engine_parse(view_of(engine_id), engine.id, &engine.n))
		tool_die(SP_USAGE, "--engine-id %s: not 5 to 32 hexadecimal bytes", engine_id);
	if (user_file && snmp_users_read(user_file, user, 1, &why) < 0)
		tool_die(SP_USAGE, "%s: %s", user_file, why);
	if (community_file && secret_read_file(community, community_file) != 0)
		tool_die(SP_SYSTEM, "unable to use %s: %s", community_file,
		         errno == EPERM ? "others than its owner can read it" : strerror(errno));
	if (snmp_begin(&engine, &why) != 0)
		tool_die(SP_SYSTEM, "unable to start SNMP: %s", why);
}

int main(int argc, char **argv)
{
	static struct snmp_user user;
	static struct secret community;
	static const struct trapout_ops ops = { done, lost, trouble, drained };
	struct run run = { .worst = SP_OK };
	const char *why;
	tool_common.timeout = 10000;
	if (argv[tool_options(&tool, argc, argv)])
		tool_die(SP_USAGE, "there are no operands");
	tool_confine();
	begin(&user, &community);
	struct trapout_conf conf = { user_file ? &user : NULL, user_file ? NULL : &community, trap, wait_ms,
	                             (unsigned)tries, (unsigned)keep };
	run.loop = loop_new();
	run.traps = run.loop ? trapout_new(run.loop, &conf, &ops, &run) : NULL;
	if (!run.traps)
		tool_die(SP_SYSTEM, "unable to start: %s", strerror(errno));
	for (unsigned i = 0; i < to.n; i++)
		if (trapout_manager(run.traps, to.v[i], &why) != 0)
			tool_die(SP_USAGE, "--to %s: %s", to.v[i], why);
	secret_clear(&user.auth_password); /* the keys are made of them */
	secret_clear(&user.priv_password);
	recin_init(&run.in, STDIN_FILENO, "stdin");
	recout_init(&run.out, STDOUT_FILENO, tool_common.json);
	loop_signal(run.loop, SIGTERM, stop, &run);
	loop_signal(run.loop, SIGINT, stop, &run);
	if (loop_fd(run.loop, STDIN_FILENO, POLLIN, input, &run) != 0 || loop_run(run.loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	trapout_free(run.traps);
	run.traps = NULL;
	record_clear(&run.rec);
	recin_clear(&run.in);
	loop_free(run.loop);
	secret_clear(&community);
	return (int)tool_finish(&run.out, run.got ? run.worst : sp_exit_worse(run.worst, SP_NONE));
}
