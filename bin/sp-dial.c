/* sp-dial.c - the first session: logs in at the router, has it place the call, and
 * holds both (steps 315 to 326). What is said is the profile's matter. */
#include "tool/dialcmd.h"
#include "tool/dialtell.h"
#include "tool/dialway.h"
#include "tool/endpoint.h"
#include "tool/hold.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP 315

static const char *group, *profiles, *profile_file, *transcript, *replayed;
static struct dialway way = { .tls.roles = ROLE_BIT(ROLE_ROUTER) };
static struct opt_list secrets;
static uint64_t progress_fd = UINT64_MAX;
static bool check_only;

static const struct opt options[] = {
	{ "password-fd", 0, OPT_STR, &way.password_fd, "FD", "descriptor that the password is read from" },
	{ "password-file", 0, OPT_STR, &way.password_file, "FILE", "file that the password is in" },
	{ "ca", 0, OPT_STR, &way.tls.ca, "FILE", "certificate of the authority that vouches for routers" },
	{ "crl", 0, OPT_STR, &way.tls.crl, "FILE", "what that authority has revoked" },
	{ "proxy", 0, OPT_STR, &way.proxy, "ADDRESS", "through this gateway's proxy, tls:HOST:PORT (proxy= of the record)" },
	{ "identity", 0, OPT_STR, &way.identity, "FILE", "key and certificate of the user (identity= of the record)" },
	{ "group", 'g', OPT_STR, &group, "GROUP", "group to log in with (the record's)" },
	{ "profiles", 0, OPT_STR, &profiles, "DIR", "where the profiles of routers are" },
	{ "profile", 0, OPT_STR, &profile_file, "FILE", "this profile, whatever the record says" },
	{ "secret", 0, OPT_LIST, &secrets, "KEY=FILE", "a secret of the profile's, and the file that it is in" },
	{ "transcript", 0, OPT_STR, &transcript, "FILE", "append the dialogue of each call to FILE" },
	{ "check", 0, OPT_FLAG, &check_only, NULL, "only read --profile and say what is wrong with it" },
	{ "replay", 0, OPT_STR, &replayed, "FILE", "only follow --profile through the transcript FILE" },
	{ "progress", 0, OPT_NUM, &progress_fd, "FD", "descriptor to tell the call's progress to" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-dial",
	.summary = "Logs in at the router, has it place the call, and holds both.",
	.operands = "[-- COMMAND ...]",
	.opt = options,
	.holds = true,
};

struct session {
	struct session *next;
	struct hold_session *hold;
	struct profile *profile;
	struct record vars;
	struct dial *dial;
	struct ssl_ctx_st *tls;
	struct dial_proxy proxy; /* without ctx: none */
	struct dialcodes codes;
	bool ready, stopping;
};

static struct session *sessions; /* what is left at the end goes with the process */
static int transcript_fd = -1;
static const char *const *dirs; /* of profiles */

static void session_free(struct session *s)
{
	dial_free(s->dial);
	s->dial = NULL;
	tls_free(s->tls);
	s->tls = NULL;
	tls_free(s->proxy.ctx);
	s->proxy.ctx = NULL;
	dialcodes_clear(&s->codes);
	record_clear(&s->vars);
	profile_free(s->profile);
	s->profile = NULL;
}

static void copy(struct record *to, struct record *from, const char *key)
{
	struct view v = record_get(from, key);
	if (v.n && record_setv(to, view_of(key), v) != 0)
		tool_say("unable to add %s=: %s", key, strerror(errno));
}

static void on_note(void *arg, int step, const char *word)
{
	dialtell_note(((struct session *)arg)->hold, step, word);
}

static void on_progress(void *arg, int step, struct record *f)
{
	(void)step; /* 326 is this: the progress of the call as it is told to us */
	dialtell_progress(((struct session *)arg)->hold, f);
}

static void on_ready(void *arg, struct record *f)
{
	struct session *s = arg;
	if (!dialtell_ready(s->hold, f)) {
		hold_fail(s->hold, SP_PEER, 326, "the router told an alias that is no address");
		dial_hangup(s->dial);
		return;
	}
	dialcodes_clear(&s->codes);
	endpoint_last(&s->hold->rec);
	s->ready = true;
	hold_ready(s->hold);
}

static void begin(struct session *s);

static void on_end(void *arg, enum sp_exit status, int step, const char *detail, struct record *f)
{
	struct session *s = arg;
	if (s->stopping) {
		dial_free(s->dial);
		s->dial = NULL;
		hold_done(s->hold);
		return;
	}
	if (!s->ready && status != SP_OK && clock_ms() < s->hold->deadline && endpoint_next(&s->hold->rec, step)) {
		dialtell_next(s->hold, detail);
		dial_free(s->dial);
		begin(s);
		return;
	}
	copy(&s->hold->rec, f, "reason");
	if (status == SP_OK) {
		hold_ended(s->hold);
	} else {
		dialtell_failed(s->hold, status, step, detail);
		hold_lost(s->hold, status, step, "%s", detail); /* before it was ready: a failure, without stop */
	}
	dial_free(s->dial);
	s->dial = NULL;
}

static void on_unwritten(void *arg, int error)
{
	(void)arg;
	tool_say("unable to write %s: %s: the call goes on without", transcript, strerror(error));
}

static const struct dial_ops ops = { on_note, on_progress, on_ready, on_end };

/* Calls the endpoint that is the record's now. */
static void begin(struct session *s)
{
	struct hold_session *h = s->hold;
	char text[512], call[64];
	const char *why = "", *host = record_str(&h->rec, "router_address"), *port = record_str(&h->rec, "router_port");
	enum sp_exit status;
	s->dial = NULL;
	record_clear(&s->vars);
	record_init(&s->vars);
	if (!dialcmd_vars(&s->vars, &h->rec, group)) {
		hold_fail(h, SP_RECORD, STEP, "profile_args= is no list of KEY=VALUE");
		return;
	}
	const struct secret *password = &way.password;
	why = s->tls ? NULL : dialway_open(&way, s->profile, &s->vars, &h->rec, &s->tls, &status);
	if (!why)
		why = dialway_proxy(&way, &h->rec, &s->proxy, &status);
	if (why || (!s->tls && (why = dialway_password(&way, &s->vars, &s->codes, &password, &status)) != NULL)) {
		hold_fail(h, status, STEP, "%s", why);
		return;
	}
	if (!dialcmd_secrets(&secrets, s->profile, &s->vars, text, sizeof text)) {
		hold_fail(h, SP_USAGE, STEP, "%s", text);
		return;
	}
	dialcmd_name(call, sizeof call);
	struct dial_conf conf = { .profile = s->profile, .vars = &s->vars, .password = password, .host = host,
	                          .port = port && *port ? port : "telnet", .tls = s->tls, .proxy = s->proxy.ctx ? &s->proxy : NULL,
	                          .deadline = h->deadline, .ops = &ops, .arg = s,
	                          .transcript = transcript_fd, .call = call, .unwritten = on_unwritten };
	s->dial = dial_new(h->loop, &conf, &why);
	if (!s->dial)
		hold_fail(h, SP_SYSTEM, STEP, "unable to dial: %s", why);
}

static void start(struct hold_session *h)
{
	struct session *s = calloc(1, sizeof *s);
	char text[512];
	h->tool = s;
	if (!s)
		tool_die(SP_SYSTEM, "out of memory");
	s->hold = h;
	s->next = sessions;
	sessions = s;
	record_init(&s->vars);
	dialcodes_take(&s->codes, &h->rec);
	const char *host = record_str(&h->rec, "router_address"), *name = record_str(&h->rec, "profile");
	if (!host || !*host) {
		hold_fail(h, SP_RECORD, STEP, "the record names no router (router_address=)");
		return;
	}
	s->profile = profile_file ? dial_profile_file(profile_file, text, sizeof text)
	                          : dial_profile(dirs, name && *name ? name : "sp-nas", text, sizeof text);
	if (!s->profile)
		hold_fail(h, SP_USAGE, STEP, "%s", text);
	else
		begin(s);
}

static void renew(struct hold_session *h)
{
	struct session *s = h->tool;
	copy(&s->vars, &h->rec, "permit");
	if (s->dial && !s->stopping && !dial_ended(s->dial))
		dial_renewed(s->dial);
}

static void stop(struct hold_session *h)
{
	struct session *s = h->tool;
	s->stopping = true;
	if (s->dial && !dial_ended(s->dial)) {
		dial_hangup(s->dial);
		return;
	}
	session_free(s);
	hold_done(h);
}

int main(int argc, char **argv)
{
	tool_common.timeout = 120000;
	int at = tool_options(&tool, argc, argv);
	if (check_only || replayed)
		tool_need(profile_file, "profile");
	if (check_only)
		return (int)dialcmd_check(profile_file);
	if (replayed)
		return (int)dialcmd_replay(profile_file, replayed);
	tool_confine();
	transcript_fd = transcript ? dialcmd_transcript(transcript) : -1;
	signal(SIGPIPE, SIG_IGN);
	dirs = dialcmd_dirs(profiles);
	if (progress_fd <= INT_MAX)
		hold_progress_fd = (int)progress_fd;
	struct hold h = { .name = "dial", .step = STEP, .start = start, .stop = stop, .renew = renew, .command = argv[at] ? argv + at : NULL };
	enum sp_exit status = hold_run(&h);
	secret_clear(&way.password);
	return (int)status;
}
