/* sp-login - proves who the user is and gets what proves it to the others; with
 * -l the security server, which checks that by a filter and signs it. */
#include "engine/login.h"
#include "engine/party.h"
#include "sys/key.h"
#include "sys/sock.h"
#include "tool/asker.h"
#include "tool/codecmd.h"
#include "tool/filter.h"
#include "tool/logincmd.h"
#include "tool/toolfilter.h"
#include "wire/passhash.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>

static struct asker asker = { .role = ROLE_LOGIN, .client = party_client };
static struct login_options login;
static bool serve, hash, code;
static struct opt_list listen_on;
static const char *auth = "sp-auth", *token_key_file, *group_passwords, *issuer_cert, *issuer_key, *challenge_all, *router;
static uint64_t clients = 512, strangers = 32;
static int64_t life = 8 * 3600 * 1000, refuse = 1000, code_life = 120000, answer_within = 60000, idle = 30000;

static const struct opt options[] = {
	ASKER_OPTIONS(asker, "server"),
	{ "user", 'u', OPT_STR, &login.user, "NAME", "the user: NAME, DOMAIN\\NAME or NAME@REALM ($USER)" },
	{ "domain", 'd', OPT_STR, &login.domain, "DOMAIN", "the user's domain" },
	{ "group", 'g', OPT_STR, &login.group, "GROUP", "act as a member of this group" },
	{ "password-file", 0, OPT_STR, &login.password_file, "FILE", "the password (default: the terminal)" },
	{ "password-fd", 0, OPT_STR, &login.password_fd, "N", "the password from descriptor N" },
	{ "code-file", 0, OPT_STR, &login.code_file, "FILE", "the one-time code, if it is asked for (the terminal)" },
	{ "code-fd", 0, OPT_STR, &login.code_fd, "N", "the one-time code from descriptor N" },
	{ "group-password", 0, OPT_FLAG, &login.group_password, NULL, "ask for the group's password, too" },
	{ "group-password-file", 0, OPT_STR, &login.group_password_file, "FILE", "the group's password" },
	{ "group-password-fd", 0, OPT_STR, &login.group_password_fd, "N", "the group's password from descriptor N" },
	{ "identity", 0, OPT_STR, &login.identity, "FILE", "where key and certificate go ($XDG_RUNTIME_DIR/sp/) or, --code, are" },
	{ "code", 0, OPT_FLAG, &code, NULL, "get codes, each a password that is good once, for routers that want them" },
	{ "router", 0, OPT_STR, &router, "NAME", "--code: for every record, and this router" },
	{ "serve", 'l', OPT_FLAG, &serve, NULL, "be the security server" },
	{ "listen", 0, OPT_LIST, &listen_on, "ADDRESS", "-l: tls:HOST:PORT or unix:PATH; repeat for more" },
	ASKER_OPTIONS_CERT(asker),
	{ "auth", 0, OPT_STR, &auth, "COMMAND", "-l: the filter that checks users (sp-auth)" },
	{ "issuer-cert", 0, OPT_STR, &issuer_cert, "FILE", "-l: the authority that vouches for users" },
	{ "issuer-key", 0, OPT_STR, &issuer_key, "FILE", "-l: its key" },
	{ "token-key", 0, OPT_STR, &token_key_file, "FILE", "-l: the Ed25519 key that signs tokens, where there is no issuer" },
	{ "token-life", 0, OPT_SECONDS, &life, "SECONDS", "-l: how long a certificate or token holds (28800)" },
	{ "group-passwords", 0, OPT_STR, &group_passwords, "FILE", "-l: groups that have a password" },
	{ "refuse-after", 0, OPT_SECONDS, &refuse, "SECONDS", "-l: refusals come at multiples of this (1)" },
	{ "challenge-all", 0, OPT_STR, &challenge_all, "PROMPT", "-l: who is refused is asked for a code, too" },
	{ "answer-within", 0, OPT_SECONDS, &answer_within, "SECONDS", "-l: for the user's answer to a challenge (60)" },
	{ "code-life", 0, OPT_SECONDS, &code_life, "SECONDS", "-l: how long a code is good (120)" },
	{ "idle", 0, OPT_SECONDS, &idle, "SECONDS", "-l: hang up on a silent client (30)" },
	{ "clients", 0, OPT_NUM, &clients, "N", "-l: at most N at once (512)" },
	{ "strangers", 0, OPT_NUM, &strangers, "N", "-l: of them, from one address, not yet accepted (32)" },
	{ "hash", 0, OPT_FLAG, &hash, NULL, "write --group's record for --group-passwords" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-login",
	.summary = "Proves who you are to the security server; with -l it is the security server.",
	.operands = "",
	.opt = options,
};

static void on_log(int step, const char *event, struct record *who, const char *detail)
{
	tool_log(step, event, "user", record_str(who, "user"), "domain", record_str(who, "domain"), "group",
	         record_str(who, "group"), "router", record_str(who, "router"), "from", record_str(who, "from"), "role", record_str(who, "role"),
	         "name", record_str(who, "name"), "certificate_id", record_str(who, "certificate_id"), "count", record_str(who, "count"), "detail", detail, NULL);
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	loop_stop(arg);
}

static void check_address(const char *text, struct addr *a)
{
	const char *why;
	if (!addr_parse(text, a, &why))
		tool_die(SP_USAGE, "--listen %s: %s", text, why);
	if (a->kind != ADDR_TLS && a->kind != ADDR_UNIX)
		tool_die(SP_USAGE, "--listen %s: only tls: and unix: can be listened on", text);
	if (a->kind == ADDR_TLS && !asker.self.tls) {
		tool_need(asker.cert, "cert");
		tool_need(asker.key, "key");
		asker.self.tls = party_server(&(struct tls_conf){ .cert = asker.cert, .key = asker.key, .ca = asker.ca, .crl = asker.crl,
		                                                  .optional = true, .roles = ROLE_BIT(ROLE_USER), .own_roles = ROLE_BIT(ROLE_LOGIN) }, &why);
		if (!asker.self.tls)
			tool_die(SP_SYSTEM, "--cert %s --key %s: %s", asker.cert, asker.key, why);
	}
}

/* Opens all, then says each: a reader of one ready record may ask at any. */
static void open_all(struct login *s)
{
	char bound[OPT_LIST_MAX][300];
	struct recout out;
	for (unsigned i = 0; i < listen_on.n; i++) {
		struct addr a;
		const char *why;
		check_address(listen_on.v[i], &a);
		int fd = sock_listen(&a, bound[i], sizeof bound[i], &why);
		if (fd < 0)
			tool_die(SP_SYSTEM, "unable to listen on %s: %s: %s", listen_on.v[i], why, strerror(errno));
		if (login_listen(s, fd, a.kind == ADDR_TLS ? asker.self.tls : NULL) != 0)
			tool_die(SP_SYSTEM, "unable to listen on %s: %s", listen_on.v[i], strerror(errno));
	}
	recout_init(&out, 1, tool_common.json);
	for (unsigned i = 0; i < listen_on.n; i++) {
		const char *port = bound[i][0] == '/' ? NULL : strrchr(bound[i], ':');
		tool_ready(&out, "address", bound[i], "port", port ? port + 1 : NULL, NULL);
	}
	recout_clear(&out);
}

static struct login_groups *load_groups(void)
{
	const char *why;
	unsigned long line;
	struct login_groups *g = group_passwords ? login_groups_load(group_passwords, &why, &line) : NULL;
	if (group_passwords && !g && line)
		tool_die(SP_RECORD, "%s: line %lu: %s", group_passwords, line, why);
	if (group_passwords && !g)
		tool_die(SP_SYSTEM, "--group-passwords %s: %s", group_passwords, why);
	return g;
}

static enum sp_exit be_server(struct loop *l)
{
	const char *why;
	struct login_groups *groups = load_groups();
	struct evp_pkey_st *key = token_key_file ? token_key(token_key_file, true, &why) : NULL;
	if (token_key_file && !key)
		tool_die(SP_SYSTEM, "--token-key %s: %s", token_key_file, why);
	struct login_issuer *issuer = issuer_cert ? login_issuer_load(issuer_cert, issuer_key, &why) : NULL;
	if (issuer_cert && !issuer)
		tool_die(SP_SYSTEM, "--issuer-cert %s --issuer-key %s: %s", issuer_cert, issuer_key, why);
	struct worker *w = tool_filter(l, "auth", auth);
	struct login_conf conf = { .auth = w, .key = key, .issuer = issuer, .groups = groups, .life_s = life / 1000,
	                           .refuse_ms = refuse, .auth_ms = tool_common.timeout, .idle_ms = idle,
	                           .code_ms = code_life, .answer_ms = answer_within, .challenge_all = challenge_all,
	                           .clients = (unsigned)clients, .strangers = (unsigned)strangers, .log = on_log };
	struct login *s = login_new(l, &conf);
	signal(SIGPIPE, SIG_IGN);
	if (!s || loop_signal(l, SIGTERM, on_signal, l) != 0 || loop_signal(l, SIGINT, on_signal, l) != 0)
		tool_die(SP_SYSTEM, "unable to start: %s", strerror(errno));
	tool_descriptors(clients + 128, clients, "clients");
	open_all(s);
	if (loop_run(l) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	login_free(s);
	worker_free(w);
	key_free(key);
	login_issuer_free(issuer);
	login_groups_free(groups);
	return SP_OK;
}

static enum sp_exit write_hash(void)
{
	struct secret s;
	struct record r = { 0 };
	struct recout out;
	struct buf text;
	uint8_t salt[PASSHASH_SALT];
	tool_need(login.group, "group");
	tool_password(&s, login.password_file, login.password_fd, "Password of the group: ");
	buf_init(&text, 512);
	recout_init(&out, 1, tool_common.json);
	if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt || passhash_make(&s, salt, &text) != 0 ||
	    record_set(&r, "group", login.group) != 0 || record_setv(&r, view_of("hash"), buf_view(&text)) != 0 ||
	    recout_add(&out, &r) != 0)
		tool_die(SP_SYSTEM, "unable to make the hash: %s", strerror(errno));
	secret_clear(&s);
	buf_clear(&text);
	record_clear(&r);
	return tool_finish(&out, SP_OK);
}

int main(int argc, char **argv)
{
	enum sp_exit status;
	tool_common.timeout = 15000;
	if (tool_options(&tool, argc, argv) != argc)
		tool_die(SP_USAGE, "no operands are known: see --help");
	tool_confine();
	if (hash)
		return (int)write_hash();
	if (serve) {
		tool_need(listen_on.n ? listen_on.v : NULL, "listen");
		tool_need(token_key_file ? token_key_file : issuer_cert, "issuer-cert");
		if (!issuer_cert != !issuer_key)
			tool_die(SP_USAGE, "--issuer-cert and --issuer-key belong together");
		if (asker.crl)
			tool_need(asker.ca, "ca");
		if (clients < 1 || clients > 10000 || strangers < 1 || strangers > 10000 || life < 1000 || idle < 1 || refuse < 0 || answer_within < 1 || code_life < 1)
			tool_die(SP_USAGE, "--clients, --strangers, --token-life, --code-life, --idle, --answer-within or --refuse-after is out of range");
	}
	struct loop *l = loop_new();
	if (!l)
		tool_die(SP_SYSTEM, "out of memory");
	if (serve) {
		status = be_server(l);
	} else {
		asker.identity = code ? login.identity : NULL;
		struct ask *a = asker_new(&asker, "server", l);
		status = code ? code_run(&asker, a, router) : login_run(a, &login);
		ask_free(a);
	}
	asker_clear(&asker);
	loop_free(l);
	return (int)status;
}
