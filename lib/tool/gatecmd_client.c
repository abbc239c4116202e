/* gatecmd_client.c - sp-gate client: the service processor's security client. A record of
 * sp-ras tells of a link, its permit and who may come; the tunnel to the gateway goes over
 * that link's device alone. When both ends of the session are there, the record goes on, of
 * the tunnel's device and the inside address (steps 334a, 336). */
#include "tool/gateclient_impl.h"

#include "sys/tls.h"
#include "wire/who.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define TABLE 4342 /* of routes that rp_filter may want (linkroute.h) */

void client_finish(struct client *k, enum sp_exit status)
{
	k->status = sp_exit_worse(k->status, status);
	loop_stop(k->c->loop);
}

void client_fail(struct client *k, enum sp_exit status, const char *what, const char *why)
{
	if (k->over)
		return;
	k->over = true; /* the first cause counts */
	tool_fail(&k->rec, status, 336, "%s%s%s", what, why ? ": " : "", why ? why : "");
	tool_log(336, "failed", "session", k->session, "detail", why ? why : what, NULL);
	spool_add(&k->c->out, &k->rec);
	client_finish(k, status);
}

/* -- packets */

static void on_tun(void *arg, uint8_t *ip, size_t n)
{
	struct client *k = arg;
	struct view v = { (const char *)ip, n };
	if (inner_judge(&k->inner, INNER_OUT, ip, n, clock_ms()) != INNER_PASS)
		return;
	if (k->paced)
		paced_add(k->paced, v);
	else
		gate_end_packet(k->end, v);
}

static size_t send_paced(void *arg, struct view ip)
{
	struct client *k = arg;
	uint8_t room[SQUEEZE_ROOM + SQUEEZE_MORE];
	struct view v = squeeze_pack(&k->squeeze, ip, room);
	gate_end_packet(k->end, v);
	return v.n;
}

static void on_tun_lost(void *arg)
{
	client_fail(arg, SP_SYSTEM, "the device was deleted", NULL);
}

static void on_packet(void *arg, struct view ip)
{
	struct client *k = arg;
	uint8_t room[SQUEEZE_ROOM];
	ip = squeeze_unpack(&k->squeeze, ip, room);
	if (inner_judge(&k->inner, INNER_IN, (const uint8_t *)ip.p, ip.n, clock_ms()) == INNER_PASS)
		tunend_write(&k->tun, ip);
}

/* -- the session */

static void on_taken(void *arg, void *of, struct record *answer)
{
	struct client *k = arg;
	(void)of;
	tool_log(336, "shown", "session", k->session, "gateway", k->gateway->name, "until", record_str(answer, "until"), NULL);
}

static void on_open(void *arg, void *of)
{
	struct client *k = arg;
	char inside[INET_ADDRSTRLEN];
	(void)of;
	tool_log(336, k->ready ? "open again" : "open", "session", k->session, "gateway", k->gateway->name, NULL);
	loop_cancel(k->c->loop, &k->late);
	if (k->ready)
		return;
	k->ready = true;
	inet_ntop(AF_INET, &(struct in_addr){ htonl(k->inner.inside) }, inside, sizeof inside);
	if (record_set(&k->rec, "link", k->interface) != 0 || record_set(&k->rec, "interface", k->tun.tun.name) != 0 ||
	    record_set(&k->rec, "address", inside) != 0 || record_set(&k->rec, "tunnel", "open") != 0 ||
	    record_set(&k->rec, "gateway", k->gateway->name) != 0)
		tool_die(SP_SYSTEM, "out of memory");
	record_wipe(&k->rec, "permit");
	spool_add(&k->c->out, &k->rec);
}

static void on_over(void *arg, void *of, bool denied, const char *why)
{
	struct client *k = arg;
	(void)of;
	if (denied || !k->ready) {
		client_fail(k, denied ? SP_DENIED : SP_PEER, denied ? "the gateway refuses the permit" : "the tunnel has ended", why);
		return;
	}
	tool_log(336, "ended", "session", k->session, "detail", why, NULL);
	client_finish(k, SP_OK);
}

static void on_up(void *arg, const struct gateway *g)
{
	struct client *k = arg;
	k->gateway = g;
	squeeze_init(&k->squeeze); /* the other end knows nothing of what was before */
	tool_log(334, "tunnel", "session", k->session, "gateway", g->name, NULL);
}

static void too_late(void *arg)
{
	struct client *k = arg;
	client_fail(k, SP_TIMEOUT, k->gateway ? "the workstation's end of the tunnel is not there" : "no gateway answers", "timed out");
}

/* Another gateway may take over; so long the session waits. */
static void on_down(void *arg, const struct gateway *g, const char *why, bool denied)
{
	struct client *k = arg;
	tool_say("%s:%s: %s", g->at.host, g->at.port, why);
	tool_log(334, denied ? "gateway refused" : "no gateway", "session", k->session, "gateway", g->name, "detail", why, NULL);
	k->gateway = NULL;
	if (denied && k->c->ngateways == 1)
		client_fail(k, SP_DENIED, "the gateway is not the one that it must be", why);
	else if (!k->late.armed)
		loop_at(k->c->loop, &k->late, clock_deadline(tool_common.timeout), too_late, k);
}

void client_raise(struct client *k)
{
	static const struct gate_end_ops ops = { on_taken, on_open, on_over, on_packet, on_up, on_down };
	struct gate_end_conf conf = { .ops = &ops, .arg = k, .speed = k->speed,
		.tunnel = { .loop = k->c->loop, .ctx = k->ctx, .gateway = k->c->gateway, .n = k->c->ngateways,
		            .mtu = k->mtu, .device = k->interface,
		            .patience = tool_common.timeout } };
	k->paced = paced_new(k->c->loop, k->speed, send_paced, k);
	k->end = gate_end_new(&conf);
	if (!k->end || gate_end_show(k->end, k->session, record_get(&k->rec, "permit"), true, k) != 0)
		tool_die(SP_SYSTEM, "out of memory");
	loop_at(k->c->loop, &k->late, clock_deadline(tool_common.timeout), too_late, k);
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	client_finish(arg, SP_OK);
}

static void undo(struct client *k)
{
	if (k->end)
		gate_end_drop(k->end, k->session);
	paced_free(k->paced);
	gate_end_free(k->end);
	gatewall_close(&k->wall);
	tunend_close(&k->tun);
	if (k->routed)
		linkroute_close(&k->route, k->to, k->nto);
	guard_free(k->route.guard);
	if (k->route.nl >= 0)
		close(k->route.nl);
	record_wipe(&k->rec, "permit");
	record_clear(&k->rec);
	recin_clear(&k->in);
}

enum sp_exit gatecmd_client(struct gatecmd *c)
{
	static struct client k;
	const char *why = "";
	gatecmd_prepare(c);
	gatecmd_gateways(c);
	if (c->wall_ports && (!ports_parse(view_of(c->wall_ports), &k.wall.walled_off, &why) || k.wall.walled_off.all))
		tool_die(SP_USAGE, "--wall-ports %s: ports, as in ports= of a permit, and not all", c->wall_ports);
	struct ports walled = k.wall.walled_off;
	struct ssl_ctx_st *ctx = gatecmd_context(c, false, true, ROLE_BIT(ROLE_GATEWAY), ROLE_BIT(ROLE_PROCESSOR));
	k = (struct client){ .c = c, .ctx = ctx, .tun = { .tun.fd = -1, .loop = c->loop, .packet = on_tun, .lost = on_tun_lost, .arg = &k },
		             .wall.walled_off = walled, .route = { .nl = route_open(), .guard = linkroute_guard(), .table = TABLE } };
	recin_init(&k.in, STDIN_FILENO, "stdin");
	if (k.route.nl < 0 || !k.route.guard || loop_signal(c->loop, SIGTERM, on_signal, &k) != 0 || loop_signal(c->loop, SIGINT, on_signal, &k) != 0 ||
	    loop_signal(c->loop, SIGHUP, on_signal, &k) != 0 || loop_fd(c->loop, STDIN_FILENO, POLLIN, client_input, &k) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	int rc = loop_run(c->loop);
	undo(&k);
	tls_free(ctx);
	return sp_exit_worse(k.status, gatecmd_end(c, rc));
}
