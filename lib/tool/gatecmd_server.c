/* gatecmd_server.c - sp-gate server: workstations show their permits here, and their packets
 * go through the tunnel to the gateway (lib/engine/gate_door.h). */
#include "tool/gatecmd.h"

#include "engine/gate_door.h"
#include "sys/tls.h"
#include "wire/who.h"

#include <errno.h>
#include <string.h>

static void on_tell(void *arg, struct record *r)
{
	(void)arg;
	gatecmd_log(r);
}

enum sp_exit gatecmd_server(struct gatecmd *c)
{
	static struct tunend tun;
	char bound[300];
	gatecmd_prepare(c);
	gatecmd_keys(c);
	gatecmd_gateways(c);
	tool_descriptors(c->peers + 64, c->peers, "connections");
	struct ssl_ctx_st *door = gatecmd_context(c, true, false, ROLE_BIT(ROLE_USER), ROLE_BIT(ROLE_LOGIN));
	struct ssl_ctx_st *way = gatecmd_context(c, false, true, ROLE_BIT(ROLE_GATEWAY), ROLE_BIT(ROLE_LOGIN));
	int fd = gatecmd_listen("listen", c->listen, false, bound, sizeof bound);
	gatecmd_device(c, &tun, "spg%d", tunnel_inside_mtu((unsigned)c->mtu));
	struct gate_door_conf conf = { .loop = c->loop, .ctx = door, .key = c->keys.key, .nkeys = c->keys.n,
		.clients = (unsigned)c->peers, .strangers = (unsigned)c->strangers, .tell = on_tell,
		.end = { .tunnel = { .loop = c->loop, .ctx = way, .gateway = c->gateway, .n = c->ngateways, .mtu = (unsigned)c->mtu,
		                     .patience = tool_common.timeout } } };
	struct gate_door *d = gate_door_new(&conf, fd, &tun);
	if (!d)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	int rc = gatecmd_run(c, bound, NULL);
	gate_door_free(d);
	bool lost = tun.tun.fd < 0;
	tunend_close(&tun);
	tls_free(door);
	tls_free(way);
	return gatecmd_end(c, lost ? -1 : rc);
}
