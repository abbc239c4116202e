/* gatecmd_client.c - sp-gate client: the service processor's security client. A record of
 * sp-ras tells of a link, its permit and who may come; the tunnel to the gateway goes over
 * that link's device alone. When both ends of the session are there, the record goes on, of
 * the tunnel's device and the inside address (steps 334a, 336). */
#include "tool/gatecmd.h"

#include "engine/gate_end.h"
#include "engine/linkroute.h"
#include "engine/paced.h"
#include "sys/tls.h"
#include "wire/inner.h"
#include "wire/squeeze.h"
#include "wire/who.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define TABLE 4342 /* of routes that rp_filter may want (linkroute.h) */

struct client {
	struct gatecmd *c;
	struct recin in;
	struct record rec;
	struct gate_end *end;
	struct tunend tun;
	struct inner inner;
	struct paced *paced; /* NULL: the link is fast */
	struct squeeze squeeze;
	struct linkroute route;
	struct prefix to[TUNNEL_GATEWAYS];
	unsigned nto;
	struct loop_timer late;
	char session[64], interface[IFNAMSIZ];
	const struct gateway *gateway;
	bool ready, routed;
	enum sp_exit status;
};

static void finish(struct client *k, enum sp_exit status)
{
	k->status = sp_exit_worse(k->status, status);
	loop_stop(k->c->loop);
}

static void fail(struct client *k, enum sp_exit status, const char *what, const char *why)
{
	tool_fail(&k->rec, status, 336, "%s%s%s", what, why ? ": " : "", why ? why : "");
	tool_log(336, "failed", "session", k->session, "detail", why ? why : what, NULL);
	spool_add(&k->c->out, &k->rec);
	finish(k, status);
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
	uint8_t b[QUEUE_PACKET + SQUEEZE_MORE];
	size_t n = squeeze_out(&k->squeeze, (const uint8_t *)ip.p, ip.n, b);
	struct view v = n ? (struct view){ (const char *)b, n } : ip;
	gate_end_packet(k->end, v);
	return v.n;
}

static void on_tun_lost(void *arg)
{
	fail(arg, SP_SYSTEM, "the device was deleted", NULL);
}

static void on_packet(void *arg, struct view ip)
{
	struct client *k = arg;
	uint8_t b[QUEUE_PACKET];
	struct out o = out_of(b, sizeof b);
	const char *why;
	if (squeeze_is((const uint8_t *)ip.p, ip.n)) {
		if (squeeze_in(&k->squeeze, (const uint8_t *)ip.p, ip.n, &o, &why) != 1)
			return;
		ip = (struct view){ (const char *)b, out_len(&o) };
	}
	if (inner_judge(&k->inner, INNER_IN, (const uint8_t *)ip.p, ip.n, clock_ms()) == INNER_PASS)
		tunend_write(&k->tun, ip);
}

/* -- the session */

static void on_taken(void *arg, void *of, struct record *answer)
{
	struct client *k = arg;
	struct in_addr inside = { htonl(k->inner.inside) };
	const char *why;
	(void)of;
	if (k->tun.tun.fd < 0 && tunend_open(&k->tun, k->c->interface ? k->c->interface : "spg%d", gate_end_room(k->end), inside, &why) != 0)
		fail(k, SP_SYSTEM, why, strerror(errno));
	else
		tool_log(336, "shown", "session", k->session, "gateway", k->gateway->name, "until", record_str(answer, "until"), NULL);
}

static void on_open(void *arg, void *of)
{
	struct client *k = arg;
	char inside[INET_ADDRSTRLEN];
	(void)of;
	tool_log(336, k->ready ? "open again" : "open", "session", k->session, "gateway", k->gateway->name, NULL);
	loop_cancel(k->c->loop, &k->late);
	if (k->ready || k->tun.tun.fd < 0)
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
		fail(k, denied ? SP_DENIED : SP_PEER, denied ? "the gateway refuses the permit" : "the tunnel has ended", why);
		return;
	}
	tool_log(336, "ended", "session", k->session, "detail", why, NULL);
	finish(k, SP_OK);
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
	fail(k, SP_TIMEOUT, k->gateway ? "the workstation's end of the tunnel is not there" : "no gateway answers", "timed out");
}

/* Another gateway may take over; so long the session waits. */
static void on_down(void *arg, const struct gateway *g, const char *why, bool denied)
{
	struct client *k = arg;
	tool_say("%s:%s: %s", g->at.host, g->at.port, why);
	tool_log(334, denied ? "gateway refused" : "no gateway", "session", k->session, "gateway", g->name, "detail", why, NULL);
	k->gateway = NULL;
	if (denied && k->c->ngateways == 1)
		fail(k, SP_DENIED, "the gateway is not the one that it must be", why);
	else if (!k->late.armed)
		loop_at(k->c->loop, &k->late, clock_deadline(tool_common.timeout), too_late, k);
}

/* -- links, as records */

static bool take_inner(struct client *k, const char **why)
{
	const char *inside = record_str(&k->rec, "inside"), *ws = record_str(&k->rec, "workstation");
	struct in_addr a, b;
	struct ports ports;
	*why = "no inside= and workstation= of a permit";
	if (!inside || !ws || inet_pton(AF_INET, inside, &a) != 1 || inet_pton(AF_INET, ws, &b) != 1 ||
	    !ports_parse(record_get(&k->rec, "ports"), &ports, why))
		return false;
	*why = "too many ports";
	if (!ports_union(&ports, &(struct ports){ .n = 1, .range = { { PORTS_TCP, PORTS_IN, GATE_ROUTE_PORT, GATE_ROUTE_PORT } } }, &ports))
		return false;
	inner_init(&k->inner, ntohl(b.s_addr), ntohl(a.s_addr), &ports);
	return true;
}

/* What the gateways send arrives at all. */
static void let_arrive(struct client *k, struct in_addr own)
{
	const char *why;
	for (unsigned i = 0; i < k->c->ngateways; i++)
		if (inet_pton(AF_INET, k->c->gateway[i].at.host, &k->to[k->nto].net) == 1)
			k->to[k->nto++].bits = 32;
	k->route.own = own;
	k->route.ifindex = (int)if_nametoindex(k->interface);
	memcpy(k->route.interface, k->interface, sizeof k->interface);
	k->routed = true;
	if (linkroute_open(&k->route, k->to, k->nto, &why) != 0)
		tool_say("%s: %s", why, strerror(errno));
}

static void raise_tunnel(struct client *k, struct ssl_ctx_st *ctx)
{
	static const struct gate_end_ops ops = { on_taken, on_open, on_over, on_packet, on_up, on_down };
	int mtu = route_link_mtu(k->interface);
	uint64_t speed = 0, bits = 10;
	num_u64(record_get(&k->rec, "speed"), 1, 1000000000000, &speed);
	num_u64(record_get(&k->rec, "bits"), 1, 10, &bits);
	speed = speed < PACED_FAST ? speed * 10 / bits : 0;
	k->paced = paced_new(k->c->loop, speed, send_paced, k);
	struct gate_end_conf conf = { .ops = &ops, .arg = k, .speed = speed,
		.tunnel = { .loop = k->c->loop, .ctx = ctx, .gateway = k->c->gateway, .n = k->c->ngateways,
		            .mtu = mtu > 0 && mtu < (int)k->c->mtu ? (unsigned)mtu : (unsigned)k->c->mtu, .device = k->interface,
		            .patience = tool_common.timeout } };
	k->end = gate_end_new(&conf);
	if (!k->end || gate_end_show(k->end, k->session, record_get(&k->rec, "permit"), true, k) != 0)
		tool_die(SP_SYSTEM, "out of memory");
	loop_at(k->c->loop, &k->late, clock_deadline(tool_common.timeout), too_late, k);
}

static struct ssl_ctx_st *context;

static void link_up(struct client *k)
{
	const char *why = "no interface=, address= and session= of a link";
	struct in_addr own;
	const char *address = record_str(&k->rec, "address");
	bool ok = address && inet_pton(AF_INET, address, &own) == 1 && view_str(record_get(&k->rec, "interface"), k->interface, sizeof k->interface) &&
	          view_str(record_get(&k->rec, "session"), k->session, sizeof k->session) && *k->session;
	if (ok && !record_get(&k->rec, "permit").n) {
		ok = false;
		why = "no permit=: sp-ras --pass-permit gives it";
	}
	if (!ok || !take_inner(k, &why)) {
		fail(k, SP_RECORD, why, NULL);
		return;
	}
	let_arrive(k, own);
	raise_tunnel(k, context);
}

/* Of the link that we have: a later permit. */
static void renew(struct client *k, struct record *r)
{
	if (record_get(r, "permit").n && gate_end_show(k->end, k->session, record_get(r, "permit"), true, k) != 0)
		tool_say("unable to show the later permit: %s", strerror(errno));
	record_wipe(r, "permit");
}

/* What was read is valid until more is: a link's record is kept as a copy. */
static void take(struct client *k, struct record *r)
{
	if (record_has(r, "error")) {
		k->status = sp_exit_worse(k->status, sp_exit_of(record_str(r, "error")));
		spool_add(&k->c->out, r);
	} else if (k->end) {
		renew(k, r);
	} else if (record_copy(&k->rec, r) != 0) {
		tool_die(SP_SYSTEM, "out of memory");
	} else {
		record_wipe(r, "permit");
		link_up(k);
	}
}

static void on_input(void *arg, int fd, short revents)
{
	struct client *k = arg;
	struct record r = { 0 };
	const char *why;
	(void)revents;
	if (recin_fill(&k->in) < 0) {
		if (errno != EAGAIN)
			tool_die(SP_SYSTEM, "unable to read standard input: %s", strerror(errno));
		return;
	}
	for (int got; (got = recin_next(&k->in, &r, &why)) != 0;)
		if (got < 0) {
			tool_say("%s: line %lu: %s", k->in.name, k->in.line, why);
			k->status = sp_exit_worse(k->status, SP_RECORD);
		} else {
			take(k, &r);
		}
	record_clear(&r);
	if (!k->in.eof)
		return;
	loop_forget(k->c->loop, fd);
	finish(k, k->in.line == 0 ? SP_NONE : SP_OK);
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	finish(arg, SP_OK);
}

static void undo(struct client *k)
{
	if (k->end)
		gate_end_drop(k->end, k->session);
	paced_free(k->paced);
	gate_end_free(k->end);
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
	gatecmd_prepare(c);
	gatecmd_gateways(c);
	context = gatecmd_context(c, false, true, ROLE_BIT(ROLE_GATEWAY), ROLE_BIT(ROLE_PROCESSOR));
	k = (struct client){ .c = c, .tun = { .tun.fd = -1, .loop = c->loop, .packet = on_tun, .lost = on_tun_lost, .arg = &k },
		             .route = { .nl = route_open(), .guard = linkroute_guard(), .table = TABLE } };
	recin_init(&k.in, STDIN_FILENO, "stdin");
	if (k.route.nl < 0 || !k.route.guard || loop_signal(c->loop, SIGTERM, on_signal, &k) != 0 || loop_signal(c->loop, SIGINT, on_signal, &k) != 0 ||
	    loop_signal(c->loop, SIGHUP, on_signal, &k) != 0 || loop_fd(c->loop, STDIN_FILENO, POLLIN, on_input, &k) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	int rc = loop_run(c->loop);
	undo(&k);
	tls_free(context);
	return sp_exit_worse(k.status, gatecmd_end(c, rc));
}
