/* gatecmd.c - what the ends of tunnels have in common: keys, gateways, contexts, devices. */
#include "tool/gatecmd.h"

#include "base/num.h"
#include "engine/party.h"
#include "engine/prefix.h"
#include "sys/route.h"
#include "tool/permitkeys.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

void gatecmd_prepare(struct gatecmd *c)
{
	tool_need(c->cert, "cert");
	tool_need(c->key, "key");
	tool_need(c->ca, "ca");
	if (c->mtu < 296 || c->mtu > 65535)
		tool_die(SP_USAGE, "--mtu must be 296 to 65535");
	if (c->sessions < 1 || c->sessions > 100000 || c->peers < 1 || c->peers > 100000 || c->strangers < 1 || c->strangers > 100000)
		tool_die(SP_USAGE, "--sessions, --peers and --strangers must be 1 to 100000");
	signal(SIGPIPE, SIG_IGN);
	c->loop = loop_new();
	if (!c->loop)
		tool_die(SP_SYSTEM, "out of memory");
	spool_init(&c->out, c->loop, STDOUT_FILENO, tool_common.json);
}

void gatecmd_keys(struct gatecmd *c)
{
	tool_need(c->permit_keys.n ? c->permit_keys.v : NULL, "permit-keys");
	permitkeys_load(&c->keys, &c->permit_keys);
}

void gatecmd_gateways(struct gatecmd *c)
{
	const char *why;
	tool_need(c->gateways.n ? c->gateways.v : NULL, "gateway");
	if (c->gateways.n > TUNNEL_GATEWAYS)
		tool_die(SP_USAGE, "at most %d gateways", TUNNEL_GATEWAYS);
	for (; c->ngateways < c->gateways.n; c->ngateways++)
		if (!gateway_parse(&c->gateway[c->ngateways], c->gateways.v[c->ngateways], &why))
			tool_die(SP_USAGE, "--gateway %s: %s", c->gateways.v[c->ngateways], why);
}

struct ssl_ctx_st *gatecmd_context(const struct gatecmd *c, bool server, bool datagrams, unsigned roles, unsigned own_roles)
{
	struct tls_conf conf = { .cert = c->cert, .key = c->key, .ca = c->ca, .crl = c->crl, .datagrams = datagrams,
	                         .roles = roles, .own_roles = own_roles };
	const char *why;
	struct ssl_ctx_st *ctx = server ? party_server(&conf, &why) : party_client(&conf, &why);
	if (!ctx)
		tool_die(SP_SYSTEM, "unable to use %s, %s and %s: %s", c->cert, c->key, c->ca, why);
	return ctx;
}

int gatecmd_listen(const char *option, const char *address, bool datagrams, char *bound, size_t size)
{
	struct addr a;
	const char *why;
	tool_need(address, option);
	if (!addr_parse(address, &a, &why) || a.kind != (datagrams ? ADDR_DTLS : ADDR_TLS))
		tool_die(SP_USAGE, "--%s %s: must be %s:HOST:PORT", option, address, datagrams ? "dtls" : "tls");
	int fd = sock_listen(&a, bound, size, &why);
	if (fd < 0)
		tool_die(SP_SYSTEM, "unable to listen on %s: %s: %s", address, why, strerror(errno));
	return fd;
}

static void route_to(const struct tunend *e, int nl, const char *text)
{
	struct prefix p;
	const char *why;
	if (!prefix_parse(text, &p, &why))
		tool_die(SP_USAGE, "--route %s: %s", text, why);
	if (route_add(nl, &(struct route){ .dst = p.net, .bits = p.bits, .ifindex = e->tun.index, .table = ROUTE_TABLE_MAIN }) != 0)
		tool_die(SP_SYSTEM, "unable to add the route to %s: %s", text, strerror(errno));
}

void gatecmd_device(struct gatecmd *c, struct tunend *e, const char *pattern, unsigned mtu)
{
	const char *why;
	*e = (struct tunend){ .tun.fd = -1, .loop = c->loop };
	if (tunend_open(e, c->interface ? c->interface : pattern, mtu, (struct in_addr){ 0 }, &why) != 0)
		tool_die(SP_SYSTEM, "%s: %s", why, strerror(errno));
	int nl = route_open();
	for (unsigned i = 0; i < c->routes.n; i++)
		route_to(e, nl, c->routes.v[i]);
	close(nl);
}

void gatecmd_log(struct record *r)
{
	uint64_t step = 0;
	num_u64(record_get(r, "step"), 1, 999, &step);
#define FIELD(k) k, record_str(r, k)
	tool_log((int)step, record_str(r, "event"), FIELD("session"), FIELD("from"), FIELD("role"), FIELD("name"), FIELD("certificate_id"), FIELD("user"), FIELD("peer"),
	         FIELD("inside"), FIELD("workstation"), FIELD("to"), FIELD("gateway"), FIELD("count"), FIELD("detail"), NULL);
#undef FIELD
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	loop_stop(((struct gatecmd *)arg)->loop);
}

int gatecmd_run(struct gatecmd *c, const char *bound, const char *proxy)
{
	const char *port = strrchr(bound, ':');
	if (loop_signal(c->loop, SIGTERM, on_signal, c) != 0 || loop_signal(c->loop, SIGINT, on_signal, c) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	tool_ready(&c->out.out, "address", bound, "port", port ? port + 1 : "", "proxy", proxy, NULL);
	int rc = loop_run(c->loop);
	if (rc != 0)
		tool_say("unable to wait: %s", strerror(errno));
	return rc;
}

enum sp_exit gatecmd_end(struct gatecmd *c, int rc)
{
	spool_last(&c->out);
	bool lost = c->out.error && c->out.error != EPIPE;
	keyring_clear(&c->keys);
	spool_clear(&c->out);
	loop_free(c->loop);
	return rc != 0 || lost ? SP_SYSTEM : SP_OK;
}
