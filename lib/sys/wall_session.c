/* wall_session.c - what one session opens in the base, and what it shuts elsewhere. */
#include "sys/wall_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define SECONDS_MAX 3600
#define PORTS_ALL 65535

enum { TCP = IPPROTO_TCP, UDP = IPPROTO_UDP };

/* A range always: of a set with intervals an element without one cannot be deleted (Linux 6.18, nft 1.0.6). */
static void range_text(char text[16], unsigned from, unsigned to)
{
	snprintf(text, 16, "%u-%u", from, to);
}

static bool ranges_permit(const struct wall_ports *p, unsigned proto, unsigned port)
{
	for (unsigned i = 0; p && i < p->n; i++)
		if (p->range[i].way & WALL_IN && p->range[i].proto == proto && port >= p->range[i].from && port <= p->range[i].to)
			return true;
	return p && p->all;
}

bool wall_permits(const struct wall_session *s, unsigned proto, unsigned port)
{
	return ranges_permit(s->ports, proto, port) || (proto == TCP && s->route_port && port == s->route_port);
}

/* Which numbers a device had when it was opened counts: it may be gone when it is shut. */
static bool numbers(struct wall_session *s)
{
	unsigned link = if_nametoindex(s->link), tunnel = s->tunnel ? if_nametoindex(s->tunnel) : 0;
	if (!link || (s->tunnel && !tunnel))
		return false;
	s->link_index = link;
	s->tunnel_index = tunnel;
	return true;
}

static bool first_of_host(const struct wall_session *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (s->gateway[i].address.s_addr == s->gateway[n].address.s_addr)
			return false;
	return true;
}

static void link_elements(struct wall_text *t, const struct wall_session *s, enum wall_deed deed)
{
	struct wall_elements ports, hosts;
	char a[INET_ADDRSTRLEN];
	wall_elements(&ports, s->seconds);
	wall_elements(&hosts, s->seconds);
	for (unsigned i = 0; i < s->gateways; i++) {
		inet_ntop(AF_INET, &s->gateway[i].address, a, sizeof a);
		wall_element(&ports, "%u . %s . %d . %u", s->link_index, a, UDP, s->gateway[i].port);
		wall_element(&ports, "%u . %s . %d . %u", s->link_index, a, TCP, s->gateway[i].port);
		if (first_of_host(s, i)) /* an element is deleted once */
			wall_element(&hosts, "%u . %s", s->link_index, a);
	}
	wall_elements_put(&ports, t, "gateways", deed);
	wall_elements_put(&hosts, t, "gateway_hosts", deed);
}

/* The workstation and our address, in one of the sets that have just these. */
static void pair_element(struct wall_text *t, const struct wall_session *s, const char *set, enum wall_deed deed)
{
	struct wall_elements e;
	char workstation[INET_ADDRSTRLEN], inside[INET_ADDRSTRLEN];
	wall_elements(&e, s->seconds);
	wall_element(&e, "%u . %s . %s", s->tunnel_index, inet_ntop(AF_INET, &s->workstation, workstation, sizeof workstation),
	        inet_ntop(AF_INET, &s->inside, inside, sizeof inside));
	wall_elements_put(&e, t, set, deed);
}

static void port_element(struct wall_elements *e, const struct wall_session *s, const struct wall_range *r)
{
	char workstation[INET_ADDRSTRLEN], inside[INET_ADDRSTRLEN], range[16];
	range_text(range, r->from, r->to);
	wall_element(e, "%u . %s . %s . %u . %s", s->tunnel_index, inet_ntop(AF_INET, &s->workstation, workstation, sizeof workstation),
	        inet_ntop(AF_INET, &s->inside, inside, sizeof inside), r->proto, range);
}

static void port_elements(struct wall_text *t, const struct wall_session *s, enum wall_way way, enum wall_deed deed)
{
	static const struct wall_ports all = { .n = 2, .range = { { TCP, WALL_BOTH, 1, PORTS_ALL }, { UDP, WALL_BOTH, 1, PORTS_ALL } } };
	const struct wall_ports *p = s->ports && s->ports->all ? &all : s->ports;
	struct wall_elements e;
	wall_elements(&e, s->seconds);
	for (unsigned i = 0; p && i < p->n; i++)
		if (p->range[i].way & way)
			port_element(&e, s, &p->range[i]);
	if (way == WALL_IN && s->route_port && !ranges_permit(s->ports, TCP, s->route_port))
		port_element(&e, s, &(struct wall_range){ TCP, WALL_IN, s->route_port, s->route_port });
	wall_elements_put(&e, t, way == WALL_IN ? "inward" : "outward", deed);
}

static void tunnel_elements(struct wall_text *t, const struct wall_session *s, enum wall_deed deed)
{
	struct wall_elements e;
	if (!s->tunnel)
		return;
	wall_elements(&e, s->seconds);
	wall_element(&e, "%u", s->tunnel_index);
	wall_elements_put(&e, t, "tunnels", deed);
	pair_element(t, s, "peers", deed);
	if (s->ports && s->ports->all)
		pair_element(t, s, "pings", deed);
	port_elements(t, s, WALL_IN, deed);
	port_elements(t, s, WALL_OUT, deed);
}

void wall_walled_frame(struct wall_text *t, unsigned tunnel)
{
	wall_put(t, "add set " WALL " walled_%u { type inet_proto . inet_service; flags interval, timeout; }\n", tunnel);
	wall_put(t, "add chain " WALL " walled_%u_pre { type filter hook prerouting priority -440; }\n", tunnel);
	wall_put(t, "add chain " WALL " walled_%u_in { type filter hook input priority -440; }\n", tunnel);
}

/* Made first, so that it can be deleted whoever was faster. */
void wall_walled_delete(struct wall_text *t, unsigned tunnel)
{
	wall_walled_frame(t, tunnel);
	wall_put(t, "delete chain " WALL " walled_%u_pre\n", tunnel);
	wall_put(t, "delete chain " WALL " walled_%u_in\n", tunnel);
	wall_put(t, "delete set " WALL " walled_%u\n", tunnel);
}

static bool walls(const struct wall_session *s)
{
	return s->tunnel && s->walled && s->walled->n;
}

/* Twice: as it came, for where the customer's translation sends a port elsewhere, and as it is
 * delivered, for where it sends another port to this one. lo is an interface like all others: what
 * was let in by another way and comes from this machine is not from the gateway either. */
static void walled_rules(struct wall_text *t, const struct wall_session *s)
{
	static const char match[] = "iif != @tunnels meta l4proto . th dport";
	unsigned n = s->tunnel_index;
	wall_walled_frame(t, n);
	wall_put(t, "flush chain " WALL " walled_%u_pre\n", n);
	wall_put(t, "flush chain " WALL " walled_%u_in\n", n);
	wall_put(t, "flush set " WALL " walled_%u\n", n);
	wall_put(t, "add rule " WALL " walled_%u_pre %s @walled_%u fib daddr type local goto shut_walled\n", n, match, n);
	wall_put(t, "add rule " WALL " walled_%u_in %s @walled_%u goto shut_walled\n", n, match, n);
}

static void walled_elements(struct wall_text *t, const struct wall_session *s)
{
	char set[32], range[16];
	struct wall_elements e;
	snprintf(set, sizeof set, "walled_%u", s->tunnel_index);
	wall_elements(&e, s->seconds);
	for (unsigned i = 0; i < s->walled->n; i++) {
		range_text(range, s->walled->range[i].from, s->walled->range[i].to);
		wall_element(&e, "%u . %s", s->walled->range[i].proto, range);
	}
	wall_elements_put(&e, t, set, WALL_OPEN);
}

static const char *fault(const struct wall_session *s)
{
	if (!s->link || !s->gateways)
		return "a link and its gateways are needed";
	for (unsigned i = 0; i < s->gateways; i++)
		if (!s->gateway[i].address.s_addr || !s->gateway[i].port)
			return "a gateway's address and port are needed";
	if (s->seconds < 1 || s->seconds > SECONDS_MAX)
		return "1 to 3600 seconds are needed";
	if (s->tunnel && (!s->workstation.s_addr || !s->inside.s_addr))
		return "a tunnel's two addresses are needed";
	if (s->tunnel && s->walled && s->walled->all)
		return "all ports cannot be walled off";
	return NULL;
}

int wall_open(struct wall_session *s, const char **why)
{
	struct wall_text t;
	const char *bad = fault(s);
	if (bad)
		return wall_fails(why, "%s", bad);
	if (!numbers(s))
		return wall_fails(why, "%s, %s: %s", s->link, s->tunnel ? s->tunnel : "-", strerror(errno));
	wall_begin(&t);
	link_elements(&t, s, WALL_OPEN);
	tunnel_elements(&t, s, WALL_OPEN);
	if (walls(s)) {
		walled_rules(&t, s);
		walled_elements(&t, s);
	}
	int rc = wall_run(&t, NULL, why);
	wall_end(&t);
	return rc;
}

/* The elements alone: where their sets are gone, it fails. */
int wall_renew(const struct wall_session *s, const char **why)
{
	struct wall_text t;
	if (!s->link_index)
		return wall_fails(why, "it was not opened");
	wall_begin(&t);
	link_elements(&t, s, WALL_OPEN);
	tunnel_elements(&t, s, WALL_OPEN);
	if (walls(s))
		walled_elements(&t, s);
	int rc = wall_run(&t, NULL, why);
	wall_end(&t);
	return rc;
}

int wall_close(struct wall_session *s, const char **why)
{
	struct wall_text t;
	if (!s->link_index)
		return 0;
	wall_begin(&t);
	tunnel_elements(&t, s, WALL_SHUT);
	link_elements(&t, s, WALL_SHUT);
	if (walls(s))
		wall_walled_delete(&t, s->tunnel_index);
	int rc = wall_run(&t, NULL, why);
	wall_end(&t);
	if (rc == 0)
		rc = wall_forget(s->link_index, s->tunnel_index, why);
	s->link_index = s->tunnel_index = 0;
	return rc;
}
