/* sp-trapd.c - the network manager's ear: SNMP notifications become records.
 * An inform is acknowledged when its record is written. Reading nothing but
 * its socket, it ends by a signal, or when its records can no longer be written. */
#include "engine/snmp.h"
#include "engine/trapin.h"
#include "sys/sock.h"
#include "tool/filter.h"

#include "base/num.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOGGED_MAX 10

static const char *address = "udp:*:162", *user_file, *state_dir, *engine_id;
static struct opt_list community_files;

static const struct opt options[] = {
	{ "listen", 'l', OPT_STR, &address, "ADDRESS", "where to listen (udp:*:162)" },
	{ "user-file", 'u', OPT_STR, &user_file, "FILE", "SNMPv3 users: only these, only authPriv" },
	{ "community-file", 0, OPT_LIST, &community_files, "FILE", "allow SNMPv1 and v2c with the community in FILE" },
	{ "state-dir", 0, OPT_STR, &state_dir, "DIR", "keep engine ID and boots here" },
	{ "engine-id", 0, OPT_STR, &engine_id, "HEX", "use this engine ID" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-trapd",
	.summary = "SNMP traps and informs become records",
	.operands = "",
	.opt = options,
};

struct trapd {
	struct recout out;
	unsigned long refused;
	int64_t said; /* when a refusal was last said */
	unsigned logged; /* since then */
};

static int received(void *arg, struct record *r)
{
	struct trapd *d = arg;
	char now[TIME_TEXT];
	time_text(time(NULL), now);
	if (record_set(r, "received", now) != 0)
		return -1;
	if (recout_add(&d->out, r) != 0)
		tool_die(SP_SYSTEM, "unable to write standard output: %s", strerror(errno));
	tool_log(record_has(r, "session") ? 338 : 0, "trap", "trap", record_str(r, "trap"), "session",
	         record_str(r, "session"), "state", record_str(r, "state"), "line", record_str(r, "line"), "line_state",
	         record_str(r, "line_state"), "source", record_str(r, "source"), NULL);
	return 0;
}

static int settle(void *arg)
{
	struct trapd *d = arg;
	if (recout_flush(&d->out) == 0)
		return 0;
	tool_die(SP_SYSTEM, "unable to write standard output: %s", strerror(errno));
}

/* Said at most once a second, logged ten times: anybody can send, and must not fill
 * a disk. */
static void refused(void *arg, const char *source, const char *why)
{
	struct trapd *d = arg;
	int64_t now = clock_ms();
	char count[24];
	bool first = !d->said || now - d->said >= 1000;
	d->refused++;
	if (first) {
		d->said = now;
		d->logged = 0;
	}
	snprintf(count, sizeof count, "%lu", d->refused);
	if (d->logged++ < LOGGED_MAX)
		tool_log(337, "refused", "source", source, "detail", why, "count", count, NULL);
	if (!first)
		return;
	tool_say("refused a message from %s: %s (%lu refused so far)", source, why, d->refused);
}

static void stop(void *arg, int signo)
{
	(void)signo;
	loop_stop(arg);
}

static void begin(struct snmp_user *user, unsigned *users, const char **name)
{
	struct snmp_engine engine;
	const char *why;
	int n = 0;
	if (snmp_engine_load(&engine, state_dir, "sp-trapd") != 0)
		tool_die(SP_SYSTEM, "unable to use %s: %s", state_dir, strerror(errno));
	if (engine_id && !snmp_engine_parse(view_of(engine_id), engine.id, &engine.n))
		tool_die(SP_USAGE, "--engine-id %s: not 5 to 32 hexadecimal bytes", engine_id);
	if (user_file && (n = snmp_users_read(user_file, user, SNMP_USERS_MAX, &why)) < 0)
		tool_die(SP_USAGE, "%s: %s", user_file, why);
	if (snmp_begin(&engine, &why) != 0)
		tool_die(SP_SYSTEM, "unable to start SNMP: %s", why);
	for (int i = 0; i < n; i++) {
		if (snmp_user_add(&user[i], &why) != 0)
			tool_die(SP_USAGE, "%s: user %s: %s", user_file, user[i].name, why);
		name[i] = user[i].name;
		secret_clear(&user[i].auth_password);
		secret_clear(&user[i].priv_password);
	}
	*users = (unsigned)n;
}

static void communities(struct secret *s)
{
	if (community_files.n > TRAPIN_COMMUNITIES_MAX)
		tool_die(SP_USAGE, "--community-file: at most %d", TRAPIN_COMMUNITIES_MAX);
	for (unsigned i = 0; i < community_files.n; i++)
		if (secret_read_file(&s[i], community_files.v[i]) != 0)
			tool_die(SP_SYSTEM, "unable to use %s: %s", community_files.v[i],
			         errno == EPERM ? "others than its owner can read it" : strerror(errno));
}

static void ready(struct trapd *d, char *bound)
{
	char *port = strrchr(bound, ':');
	*port = '\0';
	tool_ready(&d->out, "address", bound, "port", port + 1, NULL);
	tool_log(0, "ready", "address", bound, "port", port + 1, NULL);
}

int main(int argc, char **argv)
{
	static struct snmp_user user[SNMP_USERS_MAX];
	static struct secret community[TRAPIN_COMMUNITIES_MAX];
	static const struct trapin_ops ops = { received, settle, refused };
	const char *name[SNMP_USERS_MAX], *why;
	char bound[320];
	struct trapd d = { .refused = 0 };
	struct trapin_conf conf = { .community = community, .user = name };
	if (argv[tool_options(&tool, argc, argv)])
		tool_die(SP_USAGE, "there are no operands");
	if (!user_file && !community_files.n)
		tool_die(SP_USAGE, "--user-file or --community-file is needed: nobody is believed without");
	tool_confine();
	communities(community);
	conf.communities = community_files.n;
	begin(user, &conf.users, name);
	recout_init(&d.out, STDOUT_FILENO, tool_common.json);
	static struct loop *loop;
	loop = loop_new();
	struct trapin *in = loop ? trapin_new(loop, address, &conf, &ops, &d, bound, sizeof bound, &why) : NULL;
	if (!in)
		tool_die(SP_SYSTEM, "unable to listen on %s: %s", address, loop ? why : strerror(errno));
	loop_signal(loop, SIGTERM, stop, loop);
	loop_signal(loop, SIGINT, stop, loop);
	ready(&d, bound);
	int rc = loop_run(loop);
	trapin_free(in);
	loop_free(loop);
	return (int)tool_finish(&d.out, rc == 0 ? SP_OK : SP_SYSTEM);
}
