/* gatewall.h - the wall (sys/wall.h) of one session of a security client: opened for the
 * gateways on the link and the permitted ports in the tunnel, proven before anything goes
 * through it, renewed while it lasts, and at once when somebody flushes the rules. */
#ifndef SP_TOOL_GATEWALL_H
#define SP_TOOL_GATEWALL_H

#include "engine/tunnel.h"
#include "engine/tunend.h"
#include "engine/wallports.h"
#include "wire/inner.h"

struct gatewall { /* storage of the owner's; zero: there is no wall */
	struct loop *loop;
	void (*lost)(void *arg, const char *why); /* it does not hold any more: the session is to end */
	void *arg;
	struct ports walled_off; /* shut on every other interface meanwhile */
	/* gatewall.c's own */
	struct wall_session s;
	struct wall_gateway gateway[TUNNEL_GATEWAYS];
	struct wall_ports ports, walled;
	struct loop_timer renew;
	int watch; /* wall_watch */
	int tunnel; /* the device's descriptor, the owner's */
};

struct gatewall_of { /* all stays as it is until gatewall_close */
	const char *link;
	const struct gateway *gateway;
	unsigned n;
	const struct tunend *tun;
	const struct inner *inner;
};
/* loop, lost, arg and walled_off are set. 0, or -1 with a reason. */
int gatewall_open(struct gatewall *g, const struct gatewall_of *of, const char **why);
/* Its ports are others now: shut, opened and proven anew. 0/-1 with a reason. */
int gatewall_again(struct gatewall *g, const struct inner *i, const char **why);
void gatewall_close(struct gatewall *g);

#endif
