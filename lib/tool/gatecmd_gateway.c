/* gatecmd_gateway.c - sp-gate gateway: tunnels meet, or a tunnel and the proxy. Each session's
 * state goes out as a record, for the monitors. */
#include "tool/gatecmd.h"

#include "base/num.h"
#include "engine/gate_serve.h"
#include "sys/tls.h"
#include "wire/who.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct gateway_end {
	struct gatecmd *c;
	struct gate_serve *serve;
	struct tunend plain;
	struct gate_router router[OPT_LIST_MAX];
	unsigned nrouters;
};

/* open and ended are states of a session's tunnel. */
static void post(struct gateway_end *g, struct record *r)
{
	struct record s = { 0 };
	const char *event = record_str(r, "event");
	if ((strcmp(event, "open") == 0 || strcmp(event, "ended") == 0) && record_setv(&s, view_of("session"), record_get(r, "session")) == 0 &&
	    record_set(&s, "tunnel", event) == 0 && record_setv(&s, view_of("inside"), record_get(r, "inside")) == 0)
		spool_add(&g->c->out, &s);
	record_clear(&s);
}

static void on_tell(void *arg, struct record *r)
{
	gatecmd_log(r);
	post(arg, r);
}

static void on_refused(void *arg, struct record *r)
{
	(void)arg;
	gatecmd_log(r);
}

static void on_plain(void *arg, uint8_t *ip, size_t n)
{
	struct gateway_end *g = arg;
	if (g->serve)
		gate_serve_plain(g->serve, ip, n);
}

static void on_lost(void *arg)
{
	struct gateway_end *g = arg;
	tool_say("the device was deleted");
	loop_stop(g->c->loop);
}

static void parse_router(struct gateway_end *g, const char *text)
{
	struct addr a;
	struct in_addr at;
	const char *why = "must be ADDRESS:PORT";
	char full[300];
	uint64_t port;
	snprintf(full, sizeof full, "tcp:%s", text);
	if (!addr_parse(full, &a, &why) || inet_pton(AF_INET, a.host, &at) != 1 || !num_u64(view_of(a.port), 1, 65535, &port))
		tool_die(SP_USAGE, "--router %s: must be ADDRESS:PORT", text);
	g->router[g->nrouters++] = (struct gate_router){ ntohl(at.s_addr), (uint16_t)port };
}

/* Where packets to routers go on from here, and their answers come back to. */
static void open_plain(struct gateway_end *g)
{
	for (unsigned i = 0; i < g->c->routers.n; i++)
		parse_router(g, g->c->routers.v[i]);
	g->plain.tun.fd = -1;
	if (!g->nrouters)
		return;
	gatecmd_device(g->c, &g->plain, "spg%d", tunnel_inside_mtu((unsigned)g->c->mtu));
	g->plain.packet = on_plain;
	g->plain.lost = on_lost;
	g->plain.arg = g;
}

enum sp_exit gatecmd_gateway(struct gatecmd *c)
{
	static struct gateway_end g;
	static struct gatecmd_proxy proxy;
	char bound[300];
	g.c = c;
	gatecmd_prepare(c);
	gatecmd_keys(c);
	if (!c->proxy != !c->proxy_pool)
		tool_die(SP_USAGE, "--proxy and --proxy-pool belong together");
	if (c->proxy) /* each connection has another one to the system */
		tool_descriptors(2 * c->peers + 64, c->peers, "connections");
	else
		tool_descriptors(64, 1, "sockets");
	struct ssl_ctx_st *ctx = gatecmd_context(c, true, true, ROLE_BIT(ROLE_PROCESSOR) | ROLE_BIT(ROLE_LOGIN), ROLE_BIT(ROLE_GATEWAY));
	int fd = gatecmd_listen("listen", c->listen, true, bound, sizeof bound);
	open_plain(&g);
	struct gate_serve_conf conf = { .loop = c->loop, .ctx = ctx, .mtu = (unsigned)c->mtu, .peers = (unsigned)c->peers,
		.strangers = (unsigned)c->strangers, .plain = g.nrouters ? &g.plain : NULL, .refused = on_refused,
		.gate = { .key = c->keys.key, .nkeys = c->keys.n, .max = (unsigned)c->sessions, .tell = on_tell, .arg = &g,
		          .router = g.router, .nrouters = g.nrouters } };
	g.serve = gate_serve_new(&conf, fd);
	if (!g.serve)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	proxy.inside = (struct gate_door_inside){ .router = g.router, .nrouters = g.nrouters };
	if (c->proxy)
		gatecmd_proxy_open(&proxy, c, gate_serve_gate(g.serve));
	int rc = gatecmd_run(c, bound, c->proxy ? proxy.bound : NULL);
	gate_serve_leave(g.serve);
	gatecmd_proxy_close(&proxy);
	gate_serve_free(g.serve);
	tunend_close(&g.plain);
	tls_free(ctx);
	return gatecmd_end(c, rc);
}
