/* sp-nas.c - data communications device: telnet in, calls out (steps 315 to 335).
 * What happens to calls is told on standard output, a record each, for sp-trap. */
#include "engine/nas.h"
#include "engine/party.h"
#include "sys/sock.h"
#include "tool/nascmd.h"
#include "tool/permitkeys.h"
#include "tool/spool.h"
#include "tool/tool.h"
#include "tool/toolfilter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ACCOUNTING_LIMIT 3000 /* ms for the last accounting records at the end */

static const char *back, *listen_on, *name, *pool_text, *auth = "sp-auth", *accounting, *ppp_address, *ppp_auth = "any", *deflate = "auto";
static struct tls_conf tls = { .roles = ROLE_BIT(ROLE_USER), .own_roles = ROLE_BIT(ROLE_ROUTER) };
static struct keyring permit_keys;
static uint32_t gateway[NAS_GATEWAYS];
static struct opt_list gateways, permit_files, groups, dial_groups, dialrules, named, hunts;
static uint64_t lines = 8, sessions = 64, strangers = 8;
static bool no_vj, no_mss_clamp, no_ts_blank;
static int64_t login = 60000, idle = 600000, dial = 60000, fail_delay = 1000, interim = 60000, line_retry = 5000, echo = 3300;

static const struct opt options[] = {
	{ "listen", 'l', OPT_STR, &listen_on, "ADDRESS", "where to wait for telnet: tls:HOST:PORT or tcp:HOST:PORT" },
	{ "cert", 0, OPT_STR, &tls.cert, "FILE", "tls: own certificate" },
	{ "key", 0, OPT_STR, &tls.key, "FILE", "tls: own key" },
	{ "ca", 0, OPT_STR, &tls.ca, "FILE", "tls: authority that vouches for the users' certificates" },
	{ "crl", 0, OPT_STR, &tls.crl, "FILE", "tls: what that authority has revoked" },
	{ "name", 'n', OPT_STR, &name, "NAME", "of this router" },
	{ "alias-pool", 0, OPT_STR, &pool_text, "PREFIX", "addresses that stand for called systems" },
	{ "auth", 0, OPT_STR, &auth, "COMMAND", "the filter that checks users (sp-auth)" },
	{ "accounting", 0, OPT_STR, &accounting, "COMMAND", "the filter that accounting records go to" },
	{ "group", 0, OPT_LIST, &groups, "GROUP", "may use this device" },
	{ "dial-group", 0, OPT_LIST, &dial_groups, "GROUP", "may dial (every --group)" },
	{ "permit-dial", 0, OPT_LIST, &dialrules, "PATTERN", "dial strings that are permitted (none)" },
	{ "permit-keys", 0, OPT_LIST, &permit_files, "FILE", "public keys of monitors: nothing is dialed without a permit" },
	{ "gateway", 0, OPT_LIST, &gateways, "ADDRESS", "systems are reached by these alone, not by workstations" },
	{ "back", 0, OPT_STR, &back, "ADDRESS", "of sp-back, for dial strings back:SERIAL (unix:/run/sp/back.sock)" },
	{ "line", 0, OPT_LIST, &named, "NAME=ADDRESS", "a line that numbers are dialed by" },
	{ "hunt", 0, OPT_LIST, &hunts, "GROUP=NAME,...", "lines that a dial string may name together" },
	{ "lines", 0, OPT_NUM, &lines, "N", "calls over addresses at once (8)" },
	{ "sessions", 0, OPT_NUM, &sessions, "N", "telnet sessions at once (64)" },
	{ "strangers", 0, OPT_NUM, &strangers, "N", "of them, from one address, that have not logged in (8)" },
	{ "ppp-address", 0, OPT_STR, &ppp_address, "ADDRESS", "our own on the links (the called side gives one)" },
	{ "ppp-auth", 0, OPT_STR, &ppp_auth, "METHODS", "what may be used of mschapv2, chap, pap (any)" },
	{ "deflate", 0, OPT_STR, &deflate, "WHEN", "packets on the links: auto (slow lines), yes, no" },
	{ "no-vj", 0, OPT_FLAG, &no_vj, NULL, "no compressed TCP/IP headers on the links" },
	{ "no-mss-clamp", 0, OPT_FLAG, &no_mss_clamp, NULL, "TCP segments of any size, also on slow lines" },
	{ "no-timestamp-blank", 0, OPT_FLAG, &no_ts_blank, NULL, "leave TCP its timestamps, also on slow lines" },
	{ "echo", 0, OPT_SECONDS, &echo, "SECONDS", "between questions whether the called side is there (3.3)" },
	{ "login-timeout", 0, OPT_SECONDS, &login, "SECONDS", "to log in (60)" },
	{ "idle-timeout", 0, OPT_SECONDS, &idle, "SECONDS", "at the prompt without a call (600)" },
	{ "dial-timeout", 0, OPT_SECONDS, &dial, "SECONDS", "for a call to be up (60)" },
	{ "line-retry", 0, OPT_SECONDS, &line_retry, "SECONDS", "before a line that failed is tried again, at first (5)" },
	{ "fail-delay", 0, OPT_SECONDS, &fail_delay, "SECONDS", "before a refusal is told (1)" },
	{ "interim", 0, OPT_SECONDS, &interim, "SECONDS", "between accounting records of a call (60)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-nas",
	.summary = "Data communications device: takes telnet sessions, places calls, gives each an alias.",
	.operands = "",
	.opt = options,
};

struct server {
	struct loop *loop;
	struct nas *nas;
	struct worker *auth, *acct;
	struct spool out;
};

static void on_state(void *arg, struct record *r)
{
	spool_add(&((struct server *)arg)->out, r);
}

static void on_say(void *arg, const char *text)
{
	(void)arg;
	tool_say("%s", text);
}

static const struct nas_ops ops = { .state = on_state, .log = nascmd_log, .say = on_say };

/* The way out: sessions, then accounting, then what is not yet read of our output. */
static void all_out(void *arg)
{
	loop_stop(((struct server *)arg)->loop);
}

static void accounted(void *arg)
{
	spool_end(&((struct server *)arg)->out, all_out, arg);
}

static void sessions_gone(void *arg)
{
	struct server *s = arg;
	if (s->acct)
		worker_finish(s->acct, clock_deadline(ACCOUNTING_LIMIT), accounted, s);
	else
		accounted(s);
}

static void on_signal(void *arg, int signo)
{
	struct server *s = arg;
	(void)signo;
	nas_stop(s->nas, sessions_gone, s);
}

static void configure_lines(struct bank *b)
{
	const char *why;
	b->retry = line_retry;
	for (unsigned i = 0; i < named.n; i++)
		if (!bank_add(b, named.v[i], &why))
			tool_die(SP_USAGE, "--line %s: %s", named.v[i], why);
	for (unsigned i = 0; i < hunts.n; i++)
		if (!bank_hunt(b, hunts.v[i], &why))
			tool_die(SP_USAGE, "--hunt %s: %s", hunts.v[i], why);
	if (line_retry < 10)
		tool_die(SP_USAGE, "--line-retry: at least 0.01");
}

static void configure_aliases(struct pool *aliases)
{
	const char *why;
	if (pool_init_prefix(aliases, pool_text, &why) != 0)
		tool_die(SP_USAGE, "--alias-pool %s: %s", pool_text, why);
	if (lines == 0 || lines > aliases->n || sessions == 0 || sessions > 10000 || strangers == 0 || strangers > 10000)
		tool_die(SP_USAGE, "--lines must be 1 to %u (the aliases of the pool), --sessions and --strangers 1 to 10000",
		         aliases->n);
}

static void configure_ppp(struct nas_conf *c)
{
	c->ppp = (struct ppp_conf){ .no_vj = no_vj, .no_mss_clamp = no_mss_clamp, .no_ts_blank = no_ts_blank, .echo = echo };
	nascmd_ppp(&c->ppp, ppp_auth, deflate);
	if (ppp_address && inet_pton(AF_INET, ppp_address, &c->ppp_address) != 1)
		tool_die(SP_USAGE, "--ppp-address %s: not an IPv4 address", ppp_address);
}

static void configure(struct nas_conf *c)
{
	struct addr a;
	const char *why;
	const struct opt_list *dialers = dial_groups.n ? &dial_groups : &groups;
	if (!record_key_ok(view_of(name)) || strlen(name) > 63)
		tool_die(SP_USAGE, "--name %s: letters a to z, digits, _ . and - only", name);
	if (back && (!addr_parse(back, &a, &why) || a.kind != ADDR_UNIX))
		tool_die(SP_USAGE, "--back %s: must be unix:PATH", back);
	*c = (struct nas_conf){ .name = name, .group = groups.v, .ngroup = groups.n, .dial_group = dialers->v,
	                        .ndial_group = dialers->n, .dialrule = dialrules.v, .ndialrule = dialrules.n, .back = back,
	                        .permit_key = permit_keys.key, .npermit_key = permit_keys.n, .sessions = (unsigned)sessions, .strangers = (unsigned)strangers, .login = login, .idle = idle, .dial = dial,
	                        .answer = tool_common.timeout, .fail_delay = fail_delay, .interim = interim };
	c->gateway = gateway;
	c->ngateways = nascmd_gateways(&gateways, gateway);
	configure_ppp(c);
}

static struct ssl_ctx_st *secure(void)
{
	const char *why;
	tls.own_name = name; /* by which workstations and permits know us */
	tool_need(tls.cert, "cert");
	tool_need(tls.key, "key");
	tool_need(tls.ca, "ca");
	struct ssl_ctx_st *ctx = party_server(&tls, &why);
	if (!ctx)
		tool_die(SP_SYSTEM, "unable to use %s, %s and %s: %s", tls.cert, tls.key, tls.ca, why);
	return ctx;
}

/* The socket; bound is its address. A context when it is tls:. */
static int listening(struct ssl_ctx_st **ctx, char *bound, size_t size)
{
	struct addr a;
	const char *why = "only tls: and tcp: can be listened on";
	if (!addr_parse(listen_on, &a, &why) || (a.kind != ADDR_TCP && a.kind != ADDR_TLS))
		tool_die(SP_USAGE, "--listen %s: %s", listen_on, why);
	if (a.kind == ADDR_TLS)
		*ctx = secure();
	int fd = sock_listen(&a, bound, size, &why);
	if (fd < 0)
		tool_die(SP_SYSTEM, "unable to listen on %s: %s: %s", listen_on, why, strerror(errno));
	return fd;
}

static void serve(struct server *s, const struct nas_conf *conf, const struct nas_given *given, const char *bound)
{
	spool_init(&s->out, s->loop, STDOUT_FILENO, tool_common.json);
	s->nas = nas_new(conf, given, &ops, s);
	if (!s->nas || loop_signal(s->loop, SIGTERM, on_signal, s) != 0 || loop_signal(s->loop, SIGINT, on_signal, s) != 0)
		tool_die(SP_SYSTEM, "unable to start: %s", strerror(errno));
	const char *port = strrchr(bound, ':');
	tool_ready(&s->out.out, "address", bound, "port", port ? port + 1 : "", NULL);
	if (loop_run(s->loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct server s = { 0 };
	struct nas_conf conf;
	struct nas_given given = { 0 };
	char bound[300];
	tool_common.timeout = 20000;
	if (argv[tool_options(&tool, argc, argv)])
		tool_die(SP_USAGE, "no operands are taken");
	tool_need(listen_on, "listen");
	tool_need(name, "name");
	tool_need(pool_text, "alias-pool");
	tool_need(groups.n ? groups.v : NULL, "group");
	tool_confine();
	signal(SIGPIPE, SIG_IGN);
	permitkeys_load(&permit_keys, &permit_files);
	configure_aliases(&given.aliases);
	configure(&conf);
	configure_lines(&given.bank);
	tool_descriptors(2 * (sessions + named.n) + 64, sessions, "sessions"); /* a socket and a process each */
	given.listen = listening(&conf.tls, bound, sizeof bound);
	nascmd_forwarding();
	s.loop = given.loop = loop_new();
	given.lines = (unsigned)lines;
	given.auth = s.auth = tool_filter(s.loop, "auth", auth);
	given.acct = s.acct = accounting ? tool_filter(s.loop, "accounting", accounting) : NULL;
	serve(&s, &conf, &given, bound);
	nas_free(s.nas);
	tls_free(conf.tls);
	keyring_clear(&permit_keys);
	worker_free(s.auth);
	worker_free(s.acct);
	spool_clear(&s.out);
	loop_free(s.loop);
	return SP_OK;
}
