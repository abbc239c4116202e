/* sp-tls - a TLS connection as standard input and output, by the rules of the house: TLS
 * 1.3, and a server that an authority vouches for, by its role or its host's name. */
#include "engine/party.h"
#include "engine/proxied.h"
#include "tool/filter.h"
#include "tool/tlscmd.h"

static const char *ca, *crl, *cert, *key, *role, *name, *host, *to;

static const struct opt options[] = {
	{ "ca", 0, OPT_STR, &ca, "FILE", "certificate of the authority that vouches for the server" },
	{ "crl", 0, OPT_STR, &crl, "FILE", "what that authority has revoked" },
	{ "cert", 0, OPT_STR, &cert, "FILE", "own certificate, shown to the server" },
	{ "key", 0, OPT_STR, &key, "FILE", "own key" },
	{ "role", 0, OPT_STR, &role, "LIST", "roles of which the server's certificate must say one; * is any" },
	{ "name", 0, OPT_STR, &name, "NAME", "that it must say, too (with --role)" },
	{ "host", 0, OPT_STR, &host, "NAME", "what it must be made out to, without --role (HOST)" },
	{ "connect", 0, OPT_STR, &to, "HOST:PORT", "the server is a proxy, which is asked to lead there (HTTP CONNECT)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-tls",
	.summary = "A TLS connection as standard input and output.",
	.operands = "tls:HOST:PORT|fd:N",
	.opt = options,
};

static struct ssl_ctx_st *context(void)
{
	struct tls_conf conf = { .ca = ca, .crl = crl, .cert = cert, .key = key, .name = name };
	const char *why;
	tool_need(ca, "ca");
	if (!cert != !key)
		tool_die(SP_USAGE, "--cert and --key belong together");
	if (role && host)
		tool_die(SP_USAGE, "--role and --host do not go together");
	if (name && !role)
		tool_die(SP_USAGE, "--name, or ?name=, belongs to --role");
	if (role && !roles_parse(view_of(role), &conf.roles))
		tool_die(SP_USAGE, "--role %s: a word is no role", role);
	struct ssl_ctx_st *ctx = role ? party_client(&conf, &why) : tls_client(&conf, &why);
	if (!ctx) {
		tool_log(0, "failed", "error", sp_exit_name(SP_SYSTEM), "detail", why, NULL);
		tool_die(SP_SYSTEM, "--ca %s%s%s: %s", ca, cert ? " --cert " : "", cert ? cert : "", why);
	}
	return ctx;
}

int main(int argc, char **argv)
{
	struct addr addr;
	struct httpconnect through;
	const char *why;
	tool_common.timeout = 10000;
	int at = tool_options(&tool, argc, argv);
	if (argc - at != 1)
		tool_die(SP_USAGE, "one address is needed: tls:HOST:PORT or fd:N");
	if (!addr_parse(argv[at], &addr, &why))
		tool_die(SP_USAGE, "%s: %s", argv[at], why);
	if (addr.kind != ADDR_TLS && addr.kind != ADDR_FD)
		tool_die(SP_USAGE, "%s: must be tls: or fd:", argv[at]);
	if (addr.kind == ADDR_FD && !role)
		tool_need(host, "host");
	if (!addr_peer(&addr))
		tool_die(SP_USAGE, "%s: behind the ? is name=NAME, of its certificate, and nothing else", argv[at]);
	if (*addr_peer(&addr))
		name = addr_peer(&addr);
	if (to && !proxied_parse(&through, to))
		tool_die(SP_USAGE, "--connect %s: must be HOST:PORT", to);
	tool_confine();
	struct ssl_ctx_st *ctx = context();
	struct loop *l = loop_new();
	if (!l)
		tool_die(SP_SYSTEM, "out of memory");
	struct tls_command command = { &addr, ctx, role ? NULL : host ? host : addr.host, to ? &through : NULL, clock_deadline(tool_common.timeout) };
	enum sp_exit status = tls_run(l, &command);
	loop_free(l);
	tls_free(ctx);
	return (int)status;
}
