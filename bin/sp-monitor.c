/* sp-monitor - the connection monitor: who may reach which system, by which
 * router, and what becomes of it (steps 307 to 314, 338, 339). The protocol is
 * in lib/engine/monitor*.c, what it knows in the store. */
#include "engine/monitor.h"
#include "engine/party.h"
#include "engine/pool.h"
#include "sys/key.h"
#include "sys/sock.h"
#include "tool/filter.h"
#include "tool/spool.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define NOTHING_MS 20 /* longer than a look at one system takes */

static struct opt_list listen_on, key_files;
static const char *db, *cert, *key, *ca, *crl, *policy = "nearest";
static const char *permit_key, *inside_pool, *verify_ticket;
static int64_t ticket_check = 300000, fail_delay = 1000;
static uint64_t lease_seconds = 30, session_max = 86400, clients = 1000, strangers = 32, permit_connect = 5, permit_life = 900;

static const struct opt options[] = {
	{ "db", 0, OPT_STR, &db, "FILE", "the store, made by sp-db" },
	{ "listen", 'l', OPT_LIST, &listen_on, "ADDRESS", "tls:HOST:PORT, dtls:HOST:PORT or unix:PATH; repeat for more" },
	{ "cert", 0, OPT_STR, &cert, "FILE", "own certificate, for tls: and dtls:" },
	{ "key", 0, OPT_STR, &key, "FILE", "own key, for tls: and dtls:" },
	{ "ca", 0, OPT_STR, &ca, "FILE", "authority that vouches for the certificates of users and managers" },
	{ "crl", 0, OPT_STR, &crl, "FILE", "what that authority has revoked" },
	{ "token-key", 0, OPT_LIST, &key_files, "FILE", "public key of a security server; repeat for more" },
	{ "permit-key", 0, OPT_STR, &permit_key, "FILE", "private key that permits are signed with (none: no permits)" },
	{ "permit-connect", 0, OPT_NUM, &permit_connect, "MINUTES", "that a permit leaves to begin the call in (5)" },
	{ "inside-pool", 0, OPT_STR, &inside_pool, "ADDRESS/BITS", "addresses of systems within the gateway's tunnel, for permits" },
	{ "permit-life", 0, OPT_NUM, &permit_life, "SECONDS", "until a permit ends, if it is not renewed (900); 0: --session-max" },
	{ "policy", 0, OPT_STR, &policy, "WORD", "nearest, roundrobin or leastloaded, where the store says nothing" },
	{ "lease-seconds", 0, OPT_NUM, &lease_seconds, "N", "how long a lease lives without being renewed (30)" },
	{ "session-max", 0, OPT_NUM, &session_max, "N", "how long a session lasts at most, in seconds (86400)" },
	{ "verify-ticket", 0, OPT_STR, &verify_ticket, "COMMAND", "a filter that accepts service tickets: none, no router" },
	{ "ticket-check", 0, OPT_SECONDS, &ticket_check, "SECONDS", "how often it is asked about those of sessions (300)" },
	{ "clients", 0, OPT_NUM, &clients, "N", "at most N connections at a time (1000)" },
	{ "strangers", 0, OPT_NUM, &strangers, "N", "of them, from one address, without a token that was believed (32)" },
	{ "fail-delay", 0, OPT_SECONDS, &fail_delay, "SECONDS", "before a refusal is told, after three; doubled with each (1)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-monitor",
	.summary = "Searches systems, allocates routers, keeps the call database.",
	.operands = "",
	.opt = options,
};

struct server {
	struct loop *loop;
	struct spool out;
	struct store *store;
	struct monitor *monitor;
	struct evp_pkey_st *token_key[OPT_LIST_MAX], *permit_key;
	struct ssl_ctx_st *tls, *dtls;
	char bound[MONITOR_LISTEN_MAX][320];
};

/* The library's log has a record, the tool's takes keys and values. */
static void on_log(void *arg, int step, const char *event, struct record *r)
{
	(void)arg;
#define FIELD(k) k, record_str(r, k)
	tool_log(step, event, FIELD("from"), FIELD("role"), FIELD("name"), FIELD("certificate_id"), FIELD("user"), FIELD("domain"), FIELD("session"), FIELD("system"), FIELD("workstation"),
	         FIELD("router"), FIELD("line"), FIELD("serial"), FIELD("customer"), FIELD("site"), FIELD("phone"),
	         FIELD("model"), FIELD("region"), FIELD("after"), FIELD("count"), FIELD("sp_address"), FIELD("alias"),
	         FIELD("speed"), FIELD("state"), FIELD("line_state"), FIELD("reason"), FIELD("ticket"), FIELD("error"), FIELD("detail"), FIELD("cause"), NULL);
#undef FIELD
	if (record_has(r, "cause"))
		tool_say("the store failed: %s", record_str(r, "cause"));
}

static void on_change(void *arg, struct record *call)
{
	struct server *s = arg;
	spool_add(&s->out, call);
}

static void on_signal(void *arg, int signo)
{
	struct server *s = arg;
	(void)signo;
	loop_stop(s->loop);
}

static void load_keys(struct server *s)
{
	const char *why;
	for (unsigned i = 0; i < key_files.n; i++) {
		s->token_key[i] = token_key(key_files.v[i], false, &why);
		if (!s->token_key[i])
			tool_die(SP_SYSTEM, "unable to use %s: %s", key_files.v[i], why);
	}
	if (permit_key)
		s->permit_key = token_key(permit_key, true, &why);
	if (permit_key && !s->permit_key)
		tool_die(SP_SYSTEM, "unable to use %s: %s", permit_key, why);
}

/* What is served at a kind of address: none for unix:; by datagram only users ask. */
static struct ssl_ctx_st *context(struct server *s, enum addr_kind kind)
{
	struct ssl_ctx_st **ctx = kind == ADDR_DTLS ? &s->dtls : &s->tls;
	const char *why;
	if (kind == ADDR_UNIX)
		return NULL;
	if (*ctx)
		return *ctx;
	tool_need(cert, "cert");
	tool_need(key, "key");
	tool_need(ca, "ca");
	struct tls_conf conf = { .cert = cert, .key = key, .ca = ca, .crl = crl, .own_roles = ROLE_BIT(ROLE_MONITOR), .late = true, .datagrams = kind == ADDR_DTLS,
		                 .roles = ROLE_BIT(ROLE_USER) | (kind == ADDR_TLS ? ROLE_BIT(ROLE_MANAGER) | ROLE_BIT(ROLE_GATEWAY) : 0) };
	*ctx = party_server(&conf, &why);
	if (!*ctx)
		tool_die(SP_SYSTEM, "unable to use %s and %s: %s", cert, key, why);
	return *ctx;
}

static void listen_one(struct server *s, unsigned i)
{
	struct addr a;
	const char *why;
	if (!addr_parse(listen_on.v[i], &a, &why))
		tool_die(SP_USAGE, "--listen %s: %s", listen_on.v[i], why);
	if (a.kind != ADDR_TLS && a.kind != ADDR_DTLS && a.kind != ADDR_UNIX)
		tool_die(SP_USAGE, "--listen %s: must be tls:, dtls: or unix:", listen_on.v[i]);
	struct ssl_ctx_st *ctx = context(s, a.kind);
	int fd = sock_listen(&a, s->bound[i], sizeof s->bound[i], &why);
	int rc = fd < 0 ? -1 : a.kind == ADDR_DTLS ? monitor_listen_datagrams(s->monitor, fd, ctx) : monitor_listen(s->monitor, fd, ctx);
	if (rc != 0)
		tool_die(SP_SYSTEM, "unable to listen on %s: %s", listen_on.v[i], fd < 0 ? why : strerror(errno));
}

/* One record an address: who waits for us waits for the last. */
static void say_ready(struct server *s)
{
	for (unsigned i = 0; i < listen_on.n; i++) {
		char *port = strncmp(listen_on.v[i], "unix:", 5) != 0 ? strrchr(s->bound[i], ':') : NULL;
		if (port)
			*port = '\0';
		tool_ready(&s->out.out, "address", s->bound[i], "port", port ? port + 1 : NULL, NULL);
	}
}

static void set_issuer(struct server *s, struct issuer *i)
{
	struct pool inside = { 0 };
	const char *why;
	if (inside_pool && pool_init_prefix(&inside, inside_pool, &why) != 0)
		tool_die(SP_USAGE, "--inside-pool %s: %s", inside_pool, why);
	*i = (struct issuer){ s->permit_key, permit_connect * 60, permit_life, session_max, inside.first, inside.n };
	pool_clear(&inside);
}

static void open_all(struct server *s)
{
	char why[512];
	struct monitor_conf conf = { .loop = s->loop, .key = s->token_key, .nkey = key_files.n,
		.policy = choose_policy_of(policy), .lease_seconds = lease_seconds,
		.session_seconds = session_max, .clients_max = clients, .strangers = strangers, .fail_delay_ms = fail_delay,
		.nothing_ms = NOTHING_MS, .verify_ticket = verify_ticket, .ticket_check_ms = ticket_check,
		.log = on_log, .change = on_change, .arg = s };
	load_keys(s);
	set_issuer(s, &conf.issuer);
	s->store = conf.store = store_open(db, STORE_MONITOR, why, sizeof why);
	if (!s->store)
		tool_die(SP_SYSTEM, "unable to open the store: %s", why);
	s->monitor = monitor_new(&conf, why, sizeof why);
	if (!s->monitor)
		tool_die(SP_SYSTEM, "unable to begin: %s", why);
	for (unsigned i = 0; i < listen_on.n; i++)
		listen_one(s, i);
}

static void check_options(void)
{
	tool_need(db, "db");
	tool_need(listen_on.n ? listen_on.v : NULL, "listen");
	for (unsigned i = 0; i < listen_on.n; i++)
		if (strncmp(listen_on.v[i], "unix:", 5) == 0) /* over TLS users have certificates */
			tool_need(key_files.n ? key_files.v : NULL, "token-key");
	if (choose_policy_of(policy) == CHOOSE_POLICIES)
		tool_die(SP_USAGE, "--policy %s: must be nearest, roundrobin or leastloaded", policy);
	if (lease_seconds < 1 || lease_seconds > 86400)
		tool_die(SP_USAGE, "--lease-seconds must be from 1 to 86400");
	if (session_max < 1 || session_max > 31622400)
		tool_die(SP_USAGE, "--session-max must be from 1 to 31622400");
	if (permit_connect < 1 || permit_connect > 1440)
		tool_die(SP_USAGE, "--permit-connect must be from 1 to 1440");
	if (inside_pool)
		tool_need(permit_key, "permit-key");
	if (clients < 1 || clients > 100000 || strangers < 1 || strangers > 100000)
		tool_die(SP_USAGE, "--clients and --strangers must be from 1 to 100000");
	if (fail_delay < 0 || fail_delay > 60000)
		tool_die(SP_USAGE, "--fail-delay must be from 0 to 60");
	if (ticket_check < 100 || ticket_check > 86400000)
		tool_die(SP_USAGE, "--ticket-check must be from 0.1 to 86400");
	if (listen_on.n > MONITOR_LISTEN_MAX)
		tool_die(SP_USAGE, "--listen may be given %d times", MONITOR_LISTEN_MAX);
}

int main(int argc, char **argv)
{
	static struct server s;
	if (tool_options(&tool, argc, argv) != argc)
		tool_die(SP_USAGE, "no operands are known: see --help");
	check_options();
	tool_confine();
	tool_descriptors(clients + 128, clients, "connections");
	s.loop = loop_new();
	if (!s.loop)
		tool_die(SP_SYSTEM, "out of memory");
	spool_init(&s.out, s.loop, STDOUT_FILENO, tool_common.json);
	open_all(&s);
	loop_signal(s.loop, SIGTERM, on_signal, &s);
	loop_signal(s.loop, SIGINT, on_signal, &s);
	say_ready(&s);
	int rc = loop_run(s.loop);
	if (rc != 0)
		tool_say("unable to wait: %s", strerror(errno));
	bool lost = s.out.error && s.out.error != EPIPE;
	monitor_free(s.monitor);
	store_close(s.store);
	tls_free(s.tls);
	tls_free(s.dtls);
	for (unsigned i = 0; i < key_files.n; i++)
		key_free(s.token_key[i]);
	key_free(s.permit_key);
	spool_clear(&s.out);
	loop_free(s.loop);
	return (int)(rc != 0 || lost ? SP_SYSTEM : SP_OK);
}
