/* sp-alloc - asks the monitor for a router that may call the system, and holds
 * the lease while its reader is there (steps 311-314). */
#include "sys/sock.h"
#include "tool/alloccmd.h"

#include <stdio.h>
#include <unistd.h>

static struct asker asker = { .role = ROLE_MONITOR, .client = party_client, .dgram = &ask_dgram };
static struct asker gate = { .role = ROLE_LOGIN, .client = party_client };
static struct asker proxy = { .role = ROLE_GATEWAY, .client = party_client };

static const struct opt options[] = {
	ASKER_OPTIONS_SHORT(asker, "monitor"),
	ASKER_OPTIONS_IDENTITY(asker),
	{ "workstation", 0, OPT_STR, &alloccmd.workstation, "ADDRESS", "what others are told where the user is" },
	{ "gate", 0, OPT_LIST, &gate.address, "ADDRESS", "of sp-gate server, which is shown the permit: tls:HOST:PORT" },
	{ "proxy", 0, OPT_LIST, &proxy.address, "ADDRESS", "of sp-gate gateway --proxy, through which we go: tls:HOST:PORT" },
	{ "router", 0, OPT_STR, &alloccmd.router, "NAME", "this router and no other" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-alloc",
	.summary = "Asks for a router that may call the system, and holds it.",
	.operands = "[-- COMMAND ...]",
	.opt = options,
	.holds = true,
};

/* Where we are, as the first monitor would see it. */
static const char *own_address(void)
{
	static char text[256];
	struct addr a;
	const char *why;
	unsigned next = 0;
	if (addr_parse(asker.address.v[0], &a, &why) && a.kind != ADDR_UNIX) {
		a.kind = ADDR_UDP; /* sends nothing: only the route is looked up */
		int fd = sock_connect(&a, &next, &why);
		if (fd >= 0) {
			sock_own_host(fd, text, sizeof text);
			close(fd);
		}
	}
	if (!*text && gethostname(text, sizeof text - 1) != 0)
		return NULL;
	return text;
}

static void setup(struct loop *l, void *config)
{
	(void)config;
	alloccmd.asker = &asker;
	alloccmd.proxied = proxy.address.n > 0;
	alloccmd.gate = alloccmd.proxied ? &proxy : &gate;
	alloccmd.monitor = asker_new(&asker, "monitor", l);
	if (!asker.tls || asker.identity) /* else the record says as whom */
		ask_open(alloccmd.monitor);
	if (alloccmd.gate->address.n)
		alloccmd.server = asker_new(alloccmd.gate, alloccmd.proxied ? "proxy" : "gate", l);
	if (!alloccmd.workstation)
		alloccmd.workstation = own_address();
}

int main(int argc, char **argv)
{
	tool_common.timeout = 10000;
	int at = tool_options(&tool, argc, argv);
	struct hold h = { .name = "alloc", .step = 311, .start = alloccmd_start, .stop = alloccmd_stop, .setup = setup,
		          .command = at < argc ? argv + at : NULL };
	asker_check(&asker, "monitor");
	gate.ca = proxy.ca = asker.ca; /* who vouches for one vouches for all, and the user is the same */
	gate.crl = proxy.crl = asker.crl;
	gate.identity = proxy.identity = asker.identity;
	if (proxy.address.n && alloccmd.workstation)
		tool_die(SP_USAGE, "--workstation is what --proxy gives: one of them");
	if (h.command)
		tool_hide(); /* COMMAND may need new privileges (ping, sudo) */
	else
		tool_confine();
	return (int)hold_run(&h);
}
