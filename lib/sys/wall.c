/* wall.c - the base: what drops everything, and the sets that say what not.
 * Packets of links and tunnels are looked at before routing, so also before rp_filter and the
 * customer's own rules and translations can have their say: what is dropped is counted here and
 * nowhere else. Before fragments are put together, too (-450): whether they have been would depend
 * on the customer's rules. A later part has no ports; it is let through with its addresses, and
 * is worth nothing without its first.
 *
 * Sets go by the number of a device, which no later device gets: a session that was killed leaves
 * nothing to the next one of the same name. An answer is let in where a question went out, with
 * the same addresses and ports (begun): who can write packets with the gateway's address reaches
 * the socket that speaks to it, and no other. */
#include "sys/wall_impl.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LONG "124m" /* a TCP connection rests as long (RFC 5382, 5), and so may a tunnel */
#define SHORT "3m"  /* RFC 4787, 4.3 */
#define PAIR "type iface_index . ipv4_addr . ipv4_addr;"
#define PORT "type iface_index . ipv4_addr . ipv4_addr . inet_proto . inet_service; flags interval, timeout;"
#define FLOW "iface_index . ipv4_addr . inet_proto . inet_service . inet_service" /* five is all that nft knows */
#define FRAGMENT "ip frag-off & 0x1fff != 0 "

static const char *const sets[][2] = {
	{ "gateways", "type iface_index . ipv4_addr . inet_proto . inet_service; flags timeout;" },
	{ "gateway_hosts", "type iface_index . ipv4_addr; flags timeout;" },
	{ "tunnels", "type iface_index; flags timeout;" },
	{ "peers", PAIR " flags timeout;" },
	{ "pings", PAIR " flags timeout;" },
	{ "inward", PORT },
	{ "outward", PORT },
	{ "begun", "type " FLOW "; flags dynamic, timeout; size 65535;" },
	{ "proof", "type " FLOW "; flags timeout; counter;" },
};
static const char *const counters[] = { "link_in", "link_out", "tunnel_in", "tunnel_out", "forwarded", "walled" };
static const char *const chains[][2] = {
	{ "pre", "{ type filter hook prerouting priority -450; }" },
	{ "forward", "{ type filter hook forward priority -450; }" },
	{ "post", "{ type filter hook postrouting priority -450; }" },
	{ "from_link", "" }, { "from_tunnel", "" }, { "to_link", "" }, { "to_tunnel", "" }, { "shut", "" }, { "shut_walled", "" },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void frame(struct wall_text *t)
{
	wall_put(t, "add table " WALL "\n");
	for (unsigned i = 0; i < COUNT(counters); i++)
		wall_put(t, "add counter " WALL " %s\n", counters[i]);
	for (unsigned i = 0; i < COUNT(sets); i++)
		wall_put(t, "add set " WALL " %s { %s }\n", sets[i][0], sets[i][1]);
	for (unsigned i = 0; i < COUNT(chains); i++)
		wall_put(t, "add chain " WALL " %s %s\n", chains[i][0], chains[i][1]);
	for (unsigned i = 0; i < COUNT(chains); i++)
		wall_put(t, "flush chain " WALL " %s\n", chains[i][0]);
}

static void rule(struct wall_text *t, const char *chain, const char *text)
{
	wall_put(t, "add rule " WALL " %s %s\n", chain, text);
}

/* The end of a chain; what wall_prove looks for is counted by itself as well. */
static void drop(struct wall_text *t, const char *chain, const char *counter)
{
	rule(t, chain, "iif . ip saddr . meta l4proto . th sport . th dport @proof");
	wall_put(t, "add rule " WALL " %s counter name %s drop\n", chain, counter);
}

static void inwards(struct wall_text *t)
{
	rule(t, "from_link", "iif . ip saddr . meta l4proto . th sport @gateways "
	                     "iif . ip saddr . meta l4proto . th sport . th dport @begun accept");
	rule(t, "from_link", FRAGMENT "iif . ip saddr @gateway_hosts accept");
	drop(t, "from_link", "link_in");
	rule(t, "from_tunnel", "iif . ip saddr . ip daddr . meta l4proto . th dport @inward accept");
	rule(t, "from_tunnel", "iif . ip saddr . ip daddr . meta l4proto . th sport @outward "
	                       "iif . ip saddr . meta l4proto . th sport . th dport @begun accept");
	rule(t, "from_tunnel", "icmp type { 3, 11, 12 } iif . ip saddr . ip daddr @peers accept");
	rule(t, "from_tunnel", "icmp type { 0, 8 } iif . ip saddr . ip daddr @pings accept");
	rule(t, "from_tunnel", FRAGMENT "iif . ip saddr . ip daddr @peers accept");
	drop(t, "from_tunnel", "tunnel_in");
	drop(t, "shut", "forwarded");
	drop(t, "shut_walled", "walled");
}

/* An answer begins no connection: the workstation is asked on the ports of its permit alone. */
static void outwards(struct wall_text *t)
{
	rule(t, "to_link", "oif . ip daddr . meta l4proto . th dport @gateways "
	                   "update @begun { oif . ip daddr . meta l4proto . th dport . th sport timeout " LONG " } accept");
	rule(t, "to_link", "counter name link_out drop");
	rule(t, "to_tunnel", "meta l4proto tcp oif . ip daddr . ip saddr . meta l4proto . th dport @outward "
	                     "update @begun { oif . ip daddr . meta l4proto . th dport . th sport timeout " LONG " } accept");
	rule(t, "to_tunnel", "meta l4proto udp oif . ip daddr . ip saddr . meta l4proto . th dport @outward "
	                     "update @begun { oif . ip daddr . meta l4proto . th dport . th sport timeout " SHORT " } accept");
	rule(t, "to_tunnel", "tcp flags & (fin | syn | rst | ack) == syn counter name tunnel_out drop");
	rule(t, "to_tunnel", "oif . ip daddr . ip saddr . meta l4proto . th sport @inward accept");
	rule(t, "to_tunnel", "icmp type { 3, 11, 12 } oif . ip daddr . ip saddr @peers accept");
	rule(t, "to_tunnel", "icmp type { 0, 8 } oif . ip daddr . ip saddr @pings accept");
	rule(t, "to_tunnel", "counter name tunnel_out drop");
}

static void devices(struct wall_text *t, const char *pattern, const char *kind)
{
	wall_put(t, "add rule " WALL " pre iifname \"%s\" goto from_%s\n", pattern, kind);
	wall_put(t, "add rule " WALL " post oifname \"%s\" goto to_%s\n", pattern, kind);
	wall_put(t, "add rule " WALL " forward iifname \"%s\" goto shut\n", pattern);
	wall_put(t, "add rule " WALL " forward oifname \"%s\" goto shut\n", pattern);
}

static int load(const char *links, const char *tunnels, bool afresh, const char **why)
{
	struct wall_text t;
	wall_begin(&t);
	if (afresh)
		wall_put(&t, "add table " WALL "\ndelete table " WALL "\n");
	frame(&t);
	devices(&t, links, "link");
	devices(&t, tunnels, "tunnel");
	inwards(&t);
	outwards(&t);
	int rc = wall_run(&t, NULL, why);
	wall_end(&t);
	return rc;
}

static size_t prefix(const char *pattern)
{
	return strcspn(pattern, "*");
}

static bool well_formed(const char *pattern)
{
	size_t n = prefix(pattern);
	return n >= 2 && n < IF_NAMESIZE && (pattern[n] == '\0' || pattern[n + 1] == '\0') &&
	       strspn(pattern, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") == n;
}

static bool matches(const char *pattern, const char *name)
{
	size_t n = prefix(pattern);
	return pattern[n] ? strncmp(pattern, name, n) == 0 : strcmp(pattern, name) == 0;
}

/* Can one name be of both? */
static bool overlap(const char *a, const char *b)
{
	size_t na = prefix(a), nb = prefix(b), n = na < nb ? na : nb;
	return strncmp(a, b, n) == 0 && (na == nb || (na < nb ? a[na] : b[nb]) == '*');
}

static bool is_tun(int s, const char *name)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq r = { .ifr_data = (void *)&info };
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	return ioctl(s, SIOCETHTOOL, &r) == 0 && strcmp(info.driver, "tun") == 0;
}

/* A device of the customer's with such a name would be cut off. */
static int foreign(const char *links, const char *tunnels, const char **why)
{
	int rc = 0, s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *all = if_nameindex();
	if (s < 0 || !all)
		rc = wall_fails(why, "devices: %s", strerror(errno));
	for (const struct if_nameindex *i = all; rc == 0 && i->if_index; i++)
		if ((matches(links, i->if_name) || matches(tunnels, i->if_name)) && !is_tun(s, i->if_name))
			rc = wall_fails(why, "%s is no TUN device, and would be cut off", i->if_name);
	if (all)
		if_freenameindex(all);
	if (s >= 0)
		close(s);
	return rc;
}

int wall_base(const char *links, const char *tunnels, const char **why)
{
	if (!well_formed(links) || !well_formed(tunnels))
		return wall_fails(why, "%s, %s: two names, which may end in *, are wanted", links, tunnels);
	if (overlap(links, tunnels))
		return wall_fails(why, "%s and %s have devices in common", links, tunnels);
	if (foreign(links, tunnels, why) != 0)
		return -1;
	/* An older base can have other sets, or another's table has the name: then all of it goes. */
	if (load(links, tunnels, false, why) != 0 && (strstr(*why, "not permitted") || load(links, tunnels, true, why) != 0))
		return -1;
	return wall_sweep(why);
}
