/* gatewall.c - when which part of the wall is opened, and that it is proven. */
#include "tool/gatewall.h"

#include "base/num.h"
#include "engine/gate.h"
#include "tool/tool.h"

#include <arpa/inet.h>
#include <unistd.h>

#define SECONDS 12 /* a killed client's elements are gone after so long */

static void on_renew(void *arg)
{
	struct gatewall *g = arg;
	const char *why;
	loop_at(g->loop, &g->renew, clock_deadline(SECONDS * 1000 / 4), on_renew, g);
	if (wall_renew(&g->s, &why) != 0)
		g->lost(g->arg, why);
}

static void on_rules(void *arg, int fd, short revents)
{
	(void)revents;
	if (wall_gone(fd))
		on_renew(arg);
}

static int gateways(struct gatewall *g, const struct gateway *to, unsigned n, const char **why)
{
	uint64_t port;
	for (unsigned i = 0; i < n; i++) {
		struct wall_gateway *w = &g->gateway[g->s.gateways];
		*why = "with a wall a gateway is named by address and port number";
		if (inet_pton(AF_INET, to[i].at.host, &w->address) != 1 || !num_u64(view_of(to[i].at.port), 1, 65535, &port))
			return -1;
		w->port = (uint16_t)port;
		g->s.gateways++;
	}
	return 0;
}

int gatewall_open(struct gatewall *g, const struct gatewall_of *of, const char **why)
{
	g->ports = wallports(&of->inner->ports);
	g->walled = wallports(&g->walled_off);
	g->s = (struct wall_session){ .link = of->link, .gateway = g->gateway, .seconds = SECONDS, .tunnel = of->tun->tun.name,
	                              .workstation.s_addr = htonl(of->inner->workstation), .inside.s_addr = htonl(of->inner->inside),
	                              .ports = &g->ports, .walled = g->walled_off.n ? &g->walled : NULL, .route_port = GATE_ROUTE_PORT };
	g->tunnel = of->tun->tun.fd;
	g->watch = wall_watch();
	*why = "unable to watch the rules";
	if (g->watch < 0 || loop_fd(g->loop, g->watch, POLLIN, on_rules, g) != 0 || gateways(g, of->gateway, of->n, why) != 0 ||
	    wall_open(&g->s, why) != 0 || wall_prove(&g->s, -1, g->tunnel, why) != 0)
		return -1;
	loop_at(g->loop, &g->renew, clock_deadline(SECONDS * 1000 / 4), on_renew, g);
	return 0;
}

int gatewall_again(struct gatewall *g, const struct inner *i, const char **why)
{
	if (wall_close(&g->s, why) != 0)
		return -1;
	g->ports = wallports(&i->ports);
	return wall_open(&g->s, why) != 0 || wall_prove(&g->s, -1, g->tunnel, why) != 0 ? -1 : 0;
}

void gatewall_close(struct gatewall *g)
{
	const char *why;
	if (!g->loop)
		return;
	loop_cancel(g->loop, &g->renew);
	if (g->watch >= 0) {
		loop_forget(g->loop, g->watch);
		close(g->watch);
	}
	if (wall_close(&g->s, &why) != 0)
		tool_say("unable to shut the wall, it shuts by itself: %s", why);
}
