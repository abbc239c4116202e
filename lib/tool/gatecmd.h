/* gatecmd.h - the three ends of tunnels that sp-gate can be. */
#ifndef SP_TOOL_GATECMD_H
#define SP_TOOL_GATECMD_H

#include "engine/gate_door.h"
#include "engine/tunnel.h"
#include "sys/netns.h"
#include "sys/keyring.h"
#include "tool/spool.h"
#include "tool/tool.h"

struct gatecmd {
	const char *listen, *cert, *key, *ca, *crl; /* as of the options */
	const char *interface, *proxy, *proxy_pool;
	struct opt_list permit_keys, gateways, routes, routers;
	bool wall;            /* client: opens and proves sp-answer's wall */
	const char *wall_ports; /* shut elsewhere meanwhile */
	uint64_t mtu, sessions, peers, strangers;
	/* gatecmd.c's, after gatecmd_prepare */
	struct keyring keys;
	struct gateway gateway[TUNNEL_GATEWAYS];
	unsigned ngateways;
	struct loop *loop;
	struct spool out;
};

enum sp_exit gatecmd_gateway(struct gatecmd *c); /* between tunnels */
enum sp_exit gatecmd_server(struct gatecmd *c);  /* the workstations' end */
enum sp_exit gatecmd_client(struct gatecmd *c);  /* a service processor's end */

/* gatecmd.c: what the three have in common. What is wrong ends the program. */
void gatecmd_prepare(struct gatecmd *c);
void gatecmd_keys(struct gatecmd *c);
void gatecmd_gateways(struct gatecmd *c);
struct ssl_ctx_st *gatecmd_context(const struct gatecmd *c, bool server, bool datagrams, unsigned roles, unsigned own_roles);
/* A socket on the address of --option, which must be of this kind. */
int gatecmd_listen(const char *option, const char *address, bool datagrams, char *bound, size_t size);
/* The device of --interface (NULL: none is named; then of that pattern), and --route to it. */
void gatecmd_device(struct gatecmd *c, struct tunend *e, const char *pattern, unsigned mtu);
/* struct record of what happened, into the log. */
void gatecmd_log(struct record *r);
/* Ready; then until a signal. proxy: where that is, or NULL. 0/-1. */
int gatecmd_run(struct gatecmd *c, const char *bound, const char *proxy);
enum sp_exit gatecmd_end(struct gatecmd *c, int rc);

/* gatecmd_proxy.c: the gateway's own door, of --proxy. */
struct gatecmd_proxy {
	char bound[300]; /* where it is */
	struct gate_door_inside inside;
	struct netns net;
	struct tunend tun;
	struct ssl_ctx_st *ctx;
	struct gate_local *local;
	struct gate_door *door;
};
void gatecmd_proxy_open(struct gatecmd_proxy *p, const struct gatecmd *c, struct gate *g); /* router, nrouters are set */
void gatecmd_proxy_close(struct gatecmd_proxy *p); /* before g goes */

#endif
