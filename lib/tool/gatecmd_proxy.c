/* gatecmd_proxy.c - sp-gate gateway --proxy: the workstations' end of sessions, for users who
 * may do no more than open a TCP connection. Its device is in a network namespace of its own: what a
 * service processor sends meets nothing else that listens on this machine. */
#include "tool/gatecmd.h"

#include "engine/gate_local.h"
#include "engine/party.h"
#include "sys/route.h"
#include "sys/tls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void on_tell(void *arg, struct record *r)
{
	(void)arg;
	gatecmd_log(r);
}

/* All of the pool is ours there, and all else is behind the device. */
static bool route(const struct gatecmd_proxy *p)
{
	struct route to = { .dst = p->inside.pool.net, .bits = p->inside.pool.bits, .ifindex = p->tun.tun.index, .table = ROUTE_TABLE_LOCAL };
	struct route out = { .ifindex = p->tun.tun.index, .table = ROUTE_TABLE_MAIN };
	int nl = route_open();
	bool done = nl >= 0 && route_add(nl, &to) == 0 && route_add(nl, &out) == 0;
	int e = errno;
	if (nl >= 0)
		close(nl);
	errno = e;
	return done;
}

static void open_device(struct gatecmd_proxy *p, const struct gatecmd *c)
{
	const char *why = "unable to make a network namespace";
	p->tun = (struct tunend){ .tun.fd = -1, .loop = c->loop };
	if (netns_open(&p->net) != 0)
		tool_die(SP_SYSTEM, "--proxy: %s: %s", why, strerror(errno));
	if (tunend_open(&p->tun, "spg%d", tunnel_inside_mtu((unsigned)c->mtu), (struct in_addr){ 0 }, &why) != 0)
		tool_die(SP_SYSTEM, "--proxy: %s: %s", why, strerror(errno));
	if (!route(p))
		tool_die(SP_SYSTEM, "--proxy-pool %s: unable to add its route: %s", c->proxy_pool, strerror(errno));
	netns_leave(&p->net);
}

/* The gateway's own name, under which others see this end. */
static void own_name(const struct gatecmd *c, struct party *own)
{
	const char *why;
	struct x509_st *x = cert_load(c->cert, 0, &why);
	if (!x || !party_of_cert(x, own))
		tool_die(SP_SYSTEM, "unable to use %s", c->cert);
	cert_free(x);
}

void gatecmd_proxy_open(struct gatecmd_proxy *p, const struct gatecmd *c, struct gate *g)
{
	struct party own;
	const char *why;
	if (!prefix_parse(c->proxy_pool, &p->inside.pool, &why))
		tool_die(SP_USAGE, "--proxy-pool %s: %s", c->proxy_pool, why);
	own_name(c, &own);
	p->ctx = gatecmd_context(c, true, false, ROLE_BIT(ROLE_USER), ROLE_BIT(ROLE_GATEWAY));
	int fd = gatecmd_listen("proxy", c->proxy, false, p->bound, sizeof p->bound);
	if (sock_keep_device(fd) != 0) /* --route may lead to where the same workstations are, by the tunnel */
		tool_die(SP_SYSTEM, "--proxy %s: unable to keep to its device: %s", c->proxy, strerror(errno));
	open_device(p, c);
	p->inside.net = &p->net;
	p->local = gate_local_new(c->loop, g, who_name(&own.who));
	if (!p->local)
		tool_die(SP_SYSTEM, "out of memory");
	struct gate_door_conf conf = { .loop = c->loop, .ctx = p->ctx, .key = c->keys.key, .nkeys = c->keys.n, .inside = &p->inside,
		.clients = (unsigned)c->peers, .strangers = (unsigned)c->strangers, .tell = on_tell,
		.end = { .tunnel.loop = c->loop, .way = gate_local_way(p->local), .mtu = tunnel_inside_mtu((unsigned)c->mtu) } };
	p->door = gate_door_new(&conf, fd, &p->tun);
	if (!p->door)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
}

void gatecmd_proxy_close(struct gatecmd_proxy *p)
{
	if (!p->door)
		return;
	gate_door_free(p->door);
	gate_local_free(p->local);
	tunend_close(&p->tun);
	netns_close(&p->net);
	tls_free(p->ctx);
}
