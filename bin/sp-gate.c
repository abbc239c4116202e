/* sp-gate - encrypted packets between TUN devices: the gateway, the security server's end of
 * the workstations, the security client of a service processor (steps 334a, 336, 341-343). */
#include "tool/gatecmd.h"

#include <string.h>

static struct gatecmd cmd = { .mtu = 1500, .sessions = 1000, .peers = 1000, .strangers = 16 };

static const struct opt options[] = {
	{ "listen", 'l', OPT_STR, &cmd.listen, "ADDRESS", "gateway: dtls:HOST:PORT for tunnels; server: tls:HOST:PORT for workstations" },
	{ "cert", 0, OPT_STR, &cmd.cert, "FILE", "own certificate" },
	{ "key", 0, OPT_STR, &cmd.key, "FILE", "own key" },
	{ "ca", 0, OPT_STR, &cmd.ca, "FILE", "authority that vouches for the others' certificates" },
	{ "crl", 0, OPT_STR, &cmd.crl, "FILE", "what that authority has revoked" },
	{ "permit-keys", 0, OPT_LIST, &cmd.permit_keys, "FILE", "gateway, server: public keys of monitors, whose permits count" },
	{ "gateway", 0, OPT_LIST, &cmd.gateways, "ADDRESS", "server, client: dtls:HOST:PORT?key=HEX&name=NAME; several, in order" },
	{ "route", 0, OPT_LIST, &cmd.routes, "NET/BITS", "gateway, server: what is routed into the tunnel" },
	{ "router", 0, OPT_LIST, &cmd.routers, "ADDRESS:PORT", "gateway: where workstations with a permit may go on to by TCP" },
	{ "proxy", 0, OPT_STR, &cmd.proxy, "ADDRESS", "gateway: tls:HOST:PORT for workstations that come by HTTP CONNECT" },
	{ "proxy-pool", 0, OPT_STR, &cmd.proxy_pool, "NET/BITS", "gateway: addresses for these" },
	{ "interface", 0, OPT_STR, &cmd.interface, "NAME", "name of the TUN device (default: spg%d)" },
	{ "wall", 0, OPT_FLAG, &cmd.wall, NULL, "client: nothing is said to be ready without the wall of sp-answer(8)" },
	{ "wall-ports", 0, OPT_STR, &cmd.wall_ports, "PORTS", "client: shut on all other interfaces while a session is up" },
	{ "mtu", 0, OPT_NUM, &cmd.mtu, "BYTES", "largest packet of the ways that tunnels take (1500)" },
	{ "sessions", 0, OPT_NUM, &cmd.sessions, "N", "gateway: sessions at once (1000)" },
	{ "peers", 0, OPT_NUM, &cmd.peers, "N", "tunnels, or connections, at once (1000)" },
	{ "strangers", 0, OPT_NUM, &cmd.strangers, "N", "of them, from one address, that have not said who they are (16)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-gate",
	.summary = "Everything between workstation and service processor goes encrypted through one gateway.",
	.operands = "gateway|server|client",
	.opt = options,
};

static const struct { const char *name; enum sp_exit (*run)(struct gatecmd *c); } roles[] = {
	{ "gateway", gatecmd_gateway }, { "server", gatecmd_server }, { "client", gatecmd_client },
};

/* The role may stand before the options, too, as people write it. */
int main(int argc, char **argv)
{
	char *role = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
	if (role) {
		argv[1] = argv[0];
		argc--, argv++;
	}
	tool_common.timeout = 15000;
	char **operands = argv + tool_options(&tool, argc, argv);
	if (!role && *operands)
		role = *operands++;
	if (*operands)
		tool_die(SP_USAGE, "%s: one role and no more", *operands);
	for (size_t i = 0; role && i < sizeof roles / sizeof *roles; i++)
		if (strcmp(role, roles[i].name) == 0) {
			tool_confine();
			return (int)roles[i].run(&cmd);
		}
	tool_die(SP_USAGE, "which end? gateway, server or client");
}
