/* gateclient_link.c - links, as sp-ras tells of them: one has a permit and says who may come; its
 * wall is opened for the gateways, and the tunnel raised. Later records have later permits. */
#include "tool/gateclient_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

/* What the permit opens, of a record: none is all. */
static bool opened_by(struct record *r, struct ports *to, const char **why)
{
	if (!ports_parse(record_get(r, "ports"), to, why))
		return false;
	*why = "too many ports";
	return gate_ports(to, to);
}

static bool take_inner(struct client *k, const char **why)
{
	const char *inside = record_str(&k->rec, "inside"), *ws = record_str(&k->rec, "workstation");
	struct in_addr a, b;
	struct ports ports;
	*why = "no inside= and workstation= of a permit";
	if (!inside || !ws || inet_pton(AF_INET, inside, &a) != 1 || inet_pton(AF_INET, ws, &b) != 1 ||
	    !opened_by(&k->rec, &ports, why))
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

static void wall_lost(void *arg, const char *why)
{
	client_fail(arg, SP_SYSTEM, "the wall does not hold any more", why);
}

/* Before anything goes through it. 0/-1, and why. */
static int open_wall(struct client *k, const char **why)
{
	k->wall.loop = k->c->loop;
	k->wall.lost = wall_lost;
	k->wall.arg = k;
	return gatewall_open(&k->wall, &(struct gatewall_of){ k->interface, k->c->gateway, k->c->ngateways, &k->tun, &k->inner }, why);
}

static void note_way(struct client *k)
{
	int mtu = route_link_mtu(k->interface);
	uint64_t bits = 10;
	num_u64(record_get(&k->rec, "speed"), 1, 1000000000000, &k->speed);
	num_u64(record_get(&k->rec, "bits"), 1, 10, &bits);
	k->speed = k->speed < PACED_FAST ? k->speed * 10 / bits : 0;
	k->mtu = mtu > 0 && mtu < (int)k->c->mtu ? (unsigned)mtu : (unsigned)k->c->mtu;
}

/* The tunnel's device, with the inside address; nothing comes from it yet. */
static int open_device(struct client *k, const char **why)
{
	unsigned mtu = tunnel_inside_mtu(k->mtu) - (k->speed ? SQUEEZE_MORE : 0);
	return tunend_open(&k->tun, k->c->interface ? k->c->interface : "spg%d", mtu, (struct in_addr){ htonl(k->inner.inside) }, why);
}

static void link_up(struct client *k)
{
	const char *why = "no interface=, address= and session= of a link";
	struct in_addr own;
	const char *address = record_str(&k->rec, "address");
	bool ok = address && inet_pton(AF_INET, address, &own) == 1 && view_str(record_get(&k->rec, "interface"), k->interface, sizeof k->interface) &&
	          view_str(record_get(&k->rec, "session"), k->session, sizeof k->session) && *k->session;
	if (ok && !record_get(&k->rec, "permit").n) {
		ok = false;
		why = "no permit=: sp-ras --gateway gives it";
	}
	if (!ok || !take_inner(k, &why)) {
		client_fail(k, SP_RECORD, why, NULL);
		return;
	}
	note_way(k);
	if (open_device(k, &why) != 0) {
		client_fail(k, SP_SYSTEM, why, strerror(errno));
	} else if (k->c->wall && open_wall(k, &why) != 0) {
		client_fail(k, SP_SYSTEM, "the wall does not hold", why);
	} else {
		let_arrive(k, own);
		client_raise(k);
	}
}

/* A later permit may open less, or more. */
static void new_ports(struct client *k, struct record *r)
{
	struct ports ports;
	const char *why;
	if (!opened_by(r, &ports, &why)) {
		client_fail(k, SP_RECORD, why, NULL);
		return;
	}
	if (ports_contains(&ports, &k->inner.ports) && ports_contains(&k->inner.ports, &ports))
		return;
	inner_permit(&k->inner, &ports);
	if (k->c->wall && gatewall_again(&k->wall, &k->inner, &why) != 0)
		client_fail(k, SP_SYSTEM, "the wall does not hold", why);
}

/* Of the link that we have: a later permit. */
static void renew(struct client *k, struct record *r)
{
	new_ports(k, r);
	if (record_get(r, "permit").n && gate_end_show(k->end, k->session, record_get(r, "permit"), true, k) != 0)
		tool_say("unable to show the later permit: %s", strerror(errno));
	record_wipe(r, "permit");
}

/* What was read is valid until more is: a link's record is kept as a copy. */
static void take(struct client *k, struct record *r)
{
	if (k->over)
		return;
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

void client_input(void *arg, int fd, short revents)
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
	client_finish(k, k->in.line == 0 ? SP_NONE : SP_OK);
}

