/* sp-ras - remote access server for one call: authenticates and authorises the
 * caller, gives it an address, holds the link as a TUN device (steps 329 to 335). */
#include "engine/keyfollow.h"
#include "engine/spent.h"
#include "tool/permitkeys.h"
#include "tool/rascall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *address, *peer_address, *auth, *secret_file, *name, *accm, *deflate, *permit_chain;
	struct opt_list router, user, deny_user, permit_keys, gateway;
	uint64_t mru;
	int64_t clock_skew, clock_trust, echo;
	bool no_vj, no_mss_clamp, no_ts_blank;
} opt = { .clock_skew = 300000, .clock_trust = 315360000000, .echo = 10000 };
static struct rascall_conf conf;
static struct keyring keys;

static const struct opt options[] = {
	{ "line", 0, OPT_STR, &conf.line, "LINE", "the line of the call (sp-line(7)): fd:3, modem:PATH?dial=N, ..." },
	{ "address", 0, OPT_STR, &opt.address, "ADDRESS", "this end's address on the link" },
	{ "peer-address", 0, OPT_STR, &opt.peer_address, "ADDRESS", "the address for a caller that asks for one" },
	{ "auth", 0, OPT_STR, &opt.auth, "METHOD", "mschapv2, chap (default), pap; several with commas; both, any" },
	{ "secret-file", 0, OPT_STR, &opt.secret_file, "FILE", "first line: the secret that callers must prove" },
	{ "check", 0, OPT_STR, &conf.check, "COMMAND", "a filter like sp-auth(1) that is asked instead" },
	{ "permit-keys", 0, OPT_LIST, &opt.permit_keys, "FILE", "public keys of monitors, whose permits are taken by PAP" },
	{ "permit-chain", 0, OPT_STR, &opt.permit_chain, "FILE", "later keys, each signed by an earlier one" },
	{ "serial", 0, OPT_STR, &conf.permit.serial, "SERIAL", "our own serial number, for permits" },
	{ "permit-state", 0, OPT_STR, &conf.permit.state, "FILE", "which permits were used, for permits" },
	{ "gateway", 0, OPT_LIST, &opt.gateway, "ADDRESS", "packets come from these alone; the record has the permit, for sp-gate" },
	{ "clock-skew", 0, OPT_SECONDS, &opt.clock_skew, "SECONDS", "that a clock that runs may be wrong (300)" },
	{ "clock-trust", 0, OPT_SECONDS, &opt.clock_trust, "SECONDS", "that a permit may set a dead clock forward (ten years)" },
	{ "router", 0, OPT_LIST, &opt.router, "PATTERN", "routers that may call (default: all that know the secret)" },
	{ "user", 0, OPT_LIST, &opt.user, "PATTERN", "users that may call (default: all)" },
	{ "deny-user", 0, OPT_LIST, &opt.deny_user, "PATTERN", "users that may not" },
	{ "interface", 0, OPT_STR, &conf.interface, "NAME", "name of the TUN device (default: ras%d)" },
	{ "name", 0, OPT_STR, &opt.name, "NAME", "what we call ourselves in a CHAP Challenge (default: sp)" },
	{ "mru", 0, OPT_NUM, &opt.mru, "BYTES", "largest packet that we receive, 128 to 1500" },
	{ "accm", 0, OPT_STR, &opt.accm, "HEX", "control characters that the caller shall escape (default: 0)" },
	{ "deflate", 0, OPT_STR, &opt.deflate, "WHEN", "compress packets: auto (on a slow line, default), yes, no" },
	{ "no-vj", 0, OPT_FLAG, &opt.no_vj, NULL, "no compressed TCP/IP headers" },
	{ "no-mss-clamp", 0, OPT_FLAG, &opt.no_mss_clamp, NULL, "TCP segments of any size, also on a slow line" },
	{ "no-timestamp-blank", 0, OPT_FLAG, &opt.no_ts_blank, NULL, "leave TCP its timestamps, also on a slow line" },
	{ "echo", 0, OPT_SECONDS, &opt.echo, "SECONDS", "between questions whether the caller is there (10)" },
	{ "wall", 0, OPT_FLAG, &conf.wall, NULL, "no link without the wall of sp-answer(8): it is proven on it first" },
	{ "no-dhcp", 0, OPT_FLAG, &conf.no_dhcp, NULL, "what callers ask by DHCP goes to the TUN device" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-ras",
	.summary = "Lets one caller in: who is it, may it come, which address; holds the link.",
	.operands = "[-- COMMAND ...]",
	.opt = options,
	.holds = true,
};

static struct in_addr address(const char *text, const char *option)
{
	struct in_addr a = { 0 };
	if (text && inet_pton(AF_INET, text, &a) != 1)
		tool_die(SP_USAGE, "--%s: %s is no IPv4 address", option, text);
	return a;
}

static void configure_gateways(void)
{
	if (opt.gateway.n > RASCALL_GATEWAYS)
		tool_die(SP_USAGE, "at most %d gateways", RASCALL_GATEWAYS);
	if (opt.gateway.n && !opt.permit_keys.n)
		tool_die(SP_USAGE, "--gateway needs --permit-keys: what it lets in is in the permit");
	for (; conf.ngateways < opt.gateway.n; conf.ngateways++)
		conf.gateway[conf.ngateways] = address(opt.gateway.v[conf.ngateways], "gateway");
}

static unsigned methods_of(const char *text)
{
	unsigned methods = ppp_methods(text);
	const char *why;
	if (methods == 0)
		tool_die(SP_USAGE, "--auth: %s: mschapv2, chap, pap, both (chap,pap) and any are known", text);
	if (methods & PPP_MSCHAP && conf.check)
		tool_die(SP_USAGE, "--auth %s: a filter of --check cannot be asked about MS-CHAPv2", text);
	if (methods & PPP_MSCHAP && !mschap_ready(&why))
		tool_die(SP_SYSTEM, "--auth %s: %s", text, why);
	return methods;
}

static void load_keys(void)
{
	const char *why;
	unsigned long line;
	permitkeys_load(&keys, &opt.permit_keys);
	if (opt.permit_chain && keyfollow(&keys, opt.permit_chain, &why, &line) != 0) {
		if (line)
			tool_die(SP_SYSTEM, "unable to use %s: line %lu: %s", opt.permit_chain, line, why);
		tool_die(SP_SYSTEM, "unable to use %s: %s", opt.permit_chain, why);
	}
	conf.permit.key = keys.key;
	conf.permit.n = keys.n;
}

static void configure_permits(void)
{
	struct spent s;
	if (opt.permit_keys.n == 0)
		return;
	tool_need(conf.permit.serial, "serial");
	tool_need(conf.permit.state, "permit-state");
	load_keys();
	if (spent_open(&s, conf.permit.state) != 0)
		tool_die(SP_SYSTEM, "unable to use %s: %s", conf.permit.state, strerror(errno));
	spent_close(&s);
	conf.permit.skew = opt.clock_skew / 1000;
	conf.permit.trust = opt.clock_trust / 1000;
}

/* What callers are asked for: permits need PAP, and may be all. */
static unsigned methods(void)
{
	bool passwords = opt.secret_file || conf.check;
	if (!passwords && opt.auth)
		tool_die(SP_USAGE, "--auth is about secrets: --secret-file or --check is needed");
	unsigned m = passwords ? methods_of(opt.auth ? opt.auth : "chap") : 0;
	conf.no_password = !(m & PPP_PAP);
	return conf.permit.n ? m | PPP_PAP : m;
}

static void configure(void)
{
	tool_need(conf.line, "line");
	tool_need(opt.address, "address");
	if (opt.secret_file && conf.check)
		tool_die(SP_USAGE, "either --secret-file or --check, not both");
	if (!opt.secret_file && !conf.check && !opt.permit_keys.n)
		tool_die(SP_USAGE, "--secret-file, --check or --permit-keys is needed");
	if (opt.secret_file)
		tool_password(&conf.secret, opt.secret_file, NULL, NULL);
	if (opt.secret_file && conf.secret.n == 0)
		tool_die(SP_USAGE, "%s: an empty secret proves nothing", opt.secret_file);
	configure_permits();
	configure_gateways();
	conf.rules = (struct ras_rules){ opt.router.v, opt.user.v, opt.deny_user.v,
		                         opt.router.n, opt.user.n, opt.deny_user.n };
	conf.ppp = (struct ppp_conf){ .role = PPP_ANSWERER, .name = opt.name ? opt.name : "sp",
		                      .auth = methods(),
		                      .local = address(opt.address, "address"),
		                      .peer = address(opt.peer_address, "peer-address"),
		                      .no_vj = opt.no_vj,
		                      .no_mss_clamp = opt.no_mss_clamp,
		                      .no_ts_blank = opt.no_ts_blank,
		                      .echo = opt.echo,
		                      .mru = (uint16_t)(opt.mru > 1500 ? 1500 : opt.mru) };
	if (opt.deflate && !ppp_deflate(opt.deflate, &conf.ppp.deflate))
		tool_die(SP_USAGE, "--deflate: %s is none of auto, yes, no", opt.deflate);
	if (opt.echo < PPP_ECHO_MIN)
		tool_die(SP_USAGE, "--echo: at least 0.1");
	conf.ppp.accm = opt.accm ? (uint32_t)strtoul(opt.accm, NULL, 16) : 0;
}

int main(int argc, char **argv)
{
	tool_common.timeout = 45000;
	int i = tool_options(&tool, argc, argv);
	configure();
	tool_confine();
	const struct hold h = { .name = "ras", .step = RAS_ASK, .config = &conf, .start = rascall_start,
		                .stop = rascall_stop, .alone = true, .command = argv[i] ? argv + i : NULL };
	return (int)hold_run(&h);
}
