/* sp-route.c - gives our own address to the other side of the link and holds
 * the route that comes of it (steps 341, 343); with -l the side that is asked. */
#include "tool/routeask.h"
#include "tool/routecmd.h"

static uint64_t table = 4341;

static enum sp_exit serve(const struct opt_list *prefixes)
{
	struct routecmd c = { .table = (uint32_t)table, .port = (uint16_t)routeask.port };
	const char *why;
	tool_need(prefixes->n ? prefixes : NULL, "prefix");
	for (; c.nprefix < prefixes->n; c.nprefix++)
		if (!prefix_parse(prefixes->v[c.nprefix], &c.prefix[c.nprefix], &why))
			tool_die(SP_USAGE, "--prefix %s: %s", prefixes->v[c.nprefix], why);
	if (table < 256 || table > UINT32_MAX)
		tool_die(SP_USAGE, "--table must be 256 or more: it is to be no other's");
	tool_confine();
	return routecmd_serve(&c);
}

int main(int argc, char **argv)
{
	bool answering = false;
	struct opt_list prefixes = { .n = 0 };
	const struct opt opts[] = {
		{ "listen", 'l', OPT_FLAG, &answering, NULL, "be the route service: links come on standard input" },
		{ "port", 0, OPT_NUM, &routeask.port, "N", "TCP port of the route service (4341)" },
		{ "proxy", 0, OPT_STR, &routeask.proxy, "ADDRESS", "through this gateway's proxy, tls:HOST:PORT (proxy= of the record)" },
		{ "ca", 0, OPT_STR, &routeask.ca, "FILE", "certificate of the authority that vouches for it" },
		{ "crl", 0, OPT_STR, &routeask.crl, "FILE", "what that authority has revoked" },
		{ "identity", 0, OPT_STR, &routeask.identity, "FILE", "key and certificate of the user (identity= of the record)" },
		{ "prefix", 0, OPT_LIST, &prefixes, "NET/BITS", "-l: hosts that routes may lead to; several" },
		{ "table", 0, OPT_NUM, &table, "N", "-l: the routing table (4341)" },
		{ 0 },
	};
	const struct tool t = { "sp-route", "give our address to the other side of the link, hold the route", "[-- COMMAND ...]", opts, true };
	tool_common.timeout = 15000;
	int i = tool_options(&t, argc, argv);
	if (routeask.port < 1 || routeask.port > 65535)
		tool_die(SP_USAGE, "--port must be 1 to 65535");
	if (answering)
		return (int)serve(&prefixes);
	tool_hide();
	struct hold h = { .name = "route", .step = 341, .start = routeask_start, .stop = routeask_stop, .command = argv[i] ? argv + i : NULL };
	return (int)hold_run(&h);
}
