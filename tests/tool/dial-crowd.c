/* dial-crowd - many callers in one process, for tests: a record is a call, as for
 * sp-dial, by the same engine and profile; so many are placed at once. Each comes
 * out when it is up, or has failed, and again when it is lost; then one record says
 * how many are up and how long that took. Who is up is held until SIGTERM, hung up,
 * and a record says so. Exit: 0, 6 when a call was lost. */
#include "engine/dial.h"
#include "tool/tool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct caller {
	struct record vars;
	struct dial *dial;
	int64_t begun;
	bool up;
};

static uint64_t at_once = 64;
static const char *password_file, *profile_file;
static struct secret password;
static struct profile *profile;
static struct loop *loop;
static struct recout out;
static struct caller *callers;
static size_t ncallers, next, placed, up, failed, lost;
static int64_t since;
static bool ending;

static void say(struct record *r)
{
	if (recout_add(&out, r) != 0 || recout_flush(&out) != 0)
		exit(SP_SYSTEM);
}

static void say_settled(void)
{
	struct record r = { 0 };
	record_setf(&r, "settled", "%zu", ncallers);
	record_setf(&r, "up", "%zu", up);
	record_setf(&r, "failed", "%zu", failed);
	record_setf(&r, "ms", "%lld", (long long)(clock_ms() - since));
	say(&r);
	record_clear(&r);
}

static void place(void);

/* One of those that are placed is up, or is none any more. */
static void settled(struct caller *c)
{
	record_wipe(&c->vars, "secret");
	record_setf(&c->vars, "ms", "%lld", (long long)(clock_ms() - c->begun));
	say(&c->vars);
	placed--;
	if (up + failed == ncallers)
		say_settled();
	place();
}

static void copy(struct caller *c, struct record *f, const char *key)
{
	struct view v = record_get(f, key);
	if (v.n)
		record_setv(&c->vars, view_of(key), v);
}

static void on_ready(void *arg, struct record *f)
{
	struct caller *c = arg;
	copy(c, f, "line");
	copy(c, f, "alias");
	copy(c, f, "sp_address");
	record_set(&c->vars, "state", "connected");
	c->up = true;
	up++;
	settled(c);
}

static void on_end(void *arg, enum sp_exit status, int step, const char *detail, struct record *f)
{
	struct caller *c = arg;
	bool was_up = c->up;
	dial_free(c->dial);
	c->dial = NULL;
	c->up = false;
	if (was_up && ending) {
		if (--up == 0)
			loop_stop(loop);
		return;
	}
	copy(c, f, "reason");
	record_set(&c->vars, "state", "down");
	record_set(&c->vars, "error", sp_exit_name(status));
	record_setf(&c->vars, "step", "%d", step);
	record_set(&c->vars, "detail", detail);
	if (was_up) {
		lost++;
		up--;
		say(&c->vars);
	} else {
		failed++;
		settled(c);
	}
	if (up == 0 && failed + lost == ncallers)
		loop_stop(loop);
}

static void on_note(void *arg, int step, const char *word)
{
	(void)arg;
	(void)step;
	(void)word;
}

static void on_progress(void *arg, int step, struct record *fields)
{
	(void)arg;
	(void)step;
	(void)fields;
}

static void dial(struct caller *c)
{
	static const struct dial_ops ops = { on_note, on_progress, on_ready, on_end };
	const char *why = "", *port = record_str(&c->vars, "router_port");
	struct dial_conf conf = { .profile = profile, .vars = &c->vars, .password = &password,
	                          .host = record_str(&c->vars, "router_address"), .port = port ? port : "telnet",
	                          .deadline = clock_deadline(tool_common.timeout), .transcript = -1, .ops = &ops, .arg = c };
	c->begun = clock_ms();
	c->dial = conf.host ? dial_new(loop, &conf, &why) : NULL;
	if (!c->dial)
		tool_die(SP_SYSTEM, "unable to dial: %s: %s", why, strerror(errno));
}

static void place(void)
{
	for (; next < ncallers && placed < at_once && !ending; placed++)
		dial(&callers[next++]);
}

static void hang_up(void *arg, int signo)
{
	(void)arg;
	(void)signo;
	ending = true;
	for (size_t i = 0; i < ncallers; i++)
		if (callers[i].dial)
			dial_hangup(callers[i].dial);
	if (up == 0)
		loop_stop(loop);
}

static void add(struct record *r)
{
	struct caller *all = realloc(callers, (ncallers + 1) * sizeof *all);
	if (!all)
		tool_die(SP_SYSTEM, "out of memory");
	callers = all;
	callers[ncallers] = (struct caller){ 0 };
	if (record_copy(&callers[ncallers].vars, r) != 0 ||
	    record_set(&callers[ncallers].vars, "login", record_str(r, "user")) != 0)
		tool_die(SP_RECORD, "unable to keep a record: %s", strerror(errno));
	ncallers++;
}

static void read_callers(void)
{
	struct recin in;
	struct record r = { 0 };
	const char *why;
	int got;
	recin_init(&in, 0, "stdin");
	while (!in.eof && recin_fill(&in) >= 0)
		while ((got = recin_next(&in, &r, &why)) != 0)
			got == 1 ? add(&r) : tool_die(SP_RECORD, "stdin: line %lu: %s", in.line, why);
	if (ncallers == 0)
		tool_die(SP_NONE, "no calls");
	record_clear(&r);
	recin_clear(&in);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "password-file", 0, OPT_STR, &password_file, "FILE", "of all users" },
		{ "profile", 0, OPT_STR, &profile_file, "FILE", "of the router" },
		{ "at-once", 0, OPT_NUM, &at_once, "N", "calls that are being placed, at most (64)" },
		{ 0 },
	};
	const struct tool t = { "dial-crowd", "many callers", "", opts, false };
	char why[512];
	tool_common.timeout = 30000;
	tool_options(&t, argc, argv);
	tool_need(password_file, "password-file");
	tool_need(profile_file, "profile");
	tool_password(&password, password_file, NULL, NULL);
	signal(SIGPIPE, SIG_IGN);
	recout_init(&out, 1, false);
	profile = dial_profile_file(profile_file, why, sizeof why);
	loop = loop_new();
	if (!profile || !loop || loop_signal(loop, SIGTERM, hang_up, NULL) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", profile ? strerror(errno) : why);
	read_callers();
	tool_descriptors(ncallers + 64, ncallers, "calls");
	since = clock_ms();
	place();
	if (loop_run(loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	struct record r = { 0 };
	record_setf(&r, "ended", "%zu", ncallers);
	record_setf(&r, "lost", "%zu", lost);
	say(&r);
	record_clear(&r);
	return lost ? SP_PEER : SP_OK;
}
