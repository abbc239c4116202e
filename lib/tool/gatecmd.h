/* gatecmd.h - the three ends of tunnels that sp-gate can be. */
#ifndef SP_TOOL_GATECMD_H
#define SP_TOOL_GATECMD_H

#include "engine/gate.h"
#include "engine/tunnel.h"
#include "engine/tunend.h"
#include "sys/keyring.h"
#include "tool/spool.h"
#include "tool/tool.h"

struct gatecmd {
	const char *listen, *cert, *key, *ca, *crl; /* as of the options */
	const char *interface;
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
/* A socket on --listen, which must be of this kind. */
int gatecmd_listen(const struct gatecmd *c, bool datagrams, char *bound, size_t size);
/* The device of --interface (NULL: none is named; then of that pattern), and --route to it. */
void gatecmd_device(struct gatecmd *c, struct tunend *e, const char *pattern, unsigned mtu);
/* struct record of what happened, into the log. */
void gatecmd_log(struct record *r);
/* Ready; then until a signal. 0/-1. */
int gatecmd_run(struct gatecmd *c, const char *bound);
enum sp_exit gatecmd_end(struct gatecmd *c, int rc);

#endif
