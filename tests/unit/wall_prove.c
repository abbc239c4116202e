/* wall_prove.c - the wall is proven, and each hole in it is found and named; and what a session
 * has opened is shut when it is not renewed. Holes are made by nft. */
#include "unit/wallnet.h"

#include <signal.h>
#include <sys/wait.h>

static const char *why;
static struct wall_gateway gateway[1];
static const struct wall_ports permit = { .n = 3, .range = { { NET_TCP, WALL_IN, 22, 22 }, { NET_TCP, WALL_BOTH, 80, 90 }, { NET_UDP, WALL_BOTH, 161, 161 } } };
static const struct wall_ports everything = { .all = true };
static const struct wall_ports walled = { .n = 2, .range = { { NET_TCP, WALL_IN, 85, 85 }, { NET_UDP, WALL_IN, 7000, 7001 } } };

static struct wall_session session(void)
{
	gateway[0] = (struct wall_gateway){ net_ip(GATEWAY), 4343 };
	return (struct wall_session){ .link = net_link.name, .gateway = gateway, .gateways = 1, .tunnel = net_tunnel.name,
		                      .workstation = net_ip(WORKSTATION), .inside = net_ip(INSIDE), .ports = &permit,
		                      .route_port = 4341, .walled = &walled, .seconds = 600 };
}

static bool does(int rc)
{
	if (rc != 0)
		printf("# %s\n", why);
	return rc == 0;
}

/* And nobody was answered. */
static bool holds(const struct wall_session *s, int link, int tunnel)
{
	return does(wall_prove(s, link, tunnel, &why)) && !net_read(&net_tunnel).n && !net_read(&net_link).n;
}

/* With this change to the rules it says that; without it all is well. */
static void hole(const char *change, const char *word)
{
	struct wall_session s = session();
	char command[256];
	snprintf(command, sizeof command, "nft '%s'", change);
	if (!check(wall_base(WALL_LINKS, WALL_TUNNELS, &why) == 0 && wall_open(&s, &why) == 0 && system(command) == 0, "%s", change))
		return;
	bool found = wall_prove(&s, net_link.fd, net_tunnel.fd, &why) == -1;
	check(found && strstr(why, word), "%s", found ? why : "no hole was found");
	net_drain(&net_tunnel);
	check(does(wall_base(WALL_LINKS, WALL_TUNNELS, &why)) && does(wall_renew(&s, &why)) && holds(&s, net_link.fd, net_tunnel.fd), "it is closed");
	check(does(wall_close(&s, &why)), "shut");
}

static void holes(void)
{
	hole("insert rule inet sp_wall from_link ip saddr 198.51.100.99 accept", "let through: a packet of a stranger, from the link");
	hole("insert rule inet sp_wall from_link tcp dport 22 accept", "let through: a connection of the ");
	hole("insert rule inet sp_wall from_link tcp dport 4341 accept", "let through: a question for a route");
	hole("insert rule inet sp_wall from_link ip saddr 10.9.0.1 udp dport 4343 accept", "let through: a packet of another port of the gateway");
	hole("insert rule inet sp_wall from_link udp sport 4343 accept", "let through: a packet ");
	hole("insert rule inet sp_wall from_link tcp sport 4343 accept", "let through: a connection of the gateway");
	hole("insert rule inet sp_wall pre ip daddr 203.0.113.99 accept", "let through: a packet to another machine");
	hole("insert rule inet sp_wall from_tunnel ip saddr != 10.50.0.5 accept", "let through: a packet that is not the workstation");
	hole("insert rule inet sp_wall from_tunnel ip saddr 10.50.0.5 tcp dport != 4341 accept", "let through: ");
	hole("insert rule inet sp_wall from_tunnel udp dport > 1000 accept", "let through: a");
	hole("insert rule inet sp_wall from_tunnel udp sport 161 accept", "let through: an answer to what was not asked");
	hole("insert rule inet sp_wall from_tunnel goto shut", "shut out: what is permitted");
	hole("insert rule inet sp_wall shut_walled meta l4proto tcp accept", "let through: a packet to a port that is walled off");
	hole("insert rule inet sp_wall shut_walled udp dport 7000 accept", "let through: a packet to a port that is walled off");
	hole("flush chain inet sp_wall pre", "let through: ");
}

/* Somebody flushes all rules, as Debian's service does when it is loaded anew. */
static void flushed(void)
{
	struct wall_session s = session();
	int fd = wall_watch();
	check(fd >= 0 && does(wall_open(&s, &why)) && does(wall_renew(&s, &why)) && does(wall_base(WALL_LINKS, WALL_TUNNELS, &why)), "open");
	check(system("nft 'add table ip sp_wall; add table inet sp_walls' && nft 'delete table ip sp_wall; delete table inet sp_walls'") == 0 &&
	      !wall_gone(fd), "neither we nor who deletes other tables take it away");
	check(system("nft flush ruleset") == 0 && wall_gone(fd) && !wall_gone(fd), "somebody does: that is seen, once");
	check(wall_renew(&s, &why) == -1 && wall_prove(&s, net_link.fd, -1, &why) == -1, "then nothing is renewed, nor proven");
	check(does(wall_base(WALL_LINKS, WALL_TUNNELS, &why)) && wall_renew(&s, &why) == -1, "with a new base, too");
	check(does(wall_close(&s, &why)) && does(wall_open(&s, &why)) && holds(&s, net_link.fd, net_tunnel.fd), "opened anew");
	check(does(wall_close(&s, &why)), "shut");
	close(fd);
}

static void proven(void)
{
	struct wall_session s = session(), link = { .link = net_link.name };
	check(wall_prove(&link, net_link.fd, -1, &why) == -1, "no base, no proof");
	check(wall_base(WALL_LINKS, WALL_TUNNELS, &why) == 0 && holds(&link, net_link.fd, -1), "a link is proven with the base alone");
	s.tunnel = NULL;
	check(wall_open(&s, &why) == 0 && holds(&s, net_link.fd, -1), "a link that is open to its gateway");
	s.tunnel = net_tunnel.name;
	check(wall_open(&s, &why) == 0 && holds(&s, net_link.fd, net_tunnel.fd), "link and tunnel");
	check(wall_close(&s, &why) == 0, "shut");
	s.ports = &everything;
	check(wall_open(&s, &why) == 0 && holds(&s, -1, net_tunnel.fd), "a tunnel with all ports open");
	check(wall_close(&s, &why) == 0, "shut");
	check(wall_prove(&s, -1, -1, &why) == -1, "nothing to prove it by");
	check(system("nft list set inet sp_wall proof | grep elements") != 0, "nothing is left of it");
}

/* A port of which nobody hears but by the counter: what others send does not stand for a packet. */
static void noise(void)
{
	struct wall_session s = session();
	pid_t child = fork();
	if (child == 0)
		for (;;)
			net_inject(&net_link, &(struct net_packet){ NET_UDP, GATEWAY, 4343, OWN, 162, 0, "x" });
	hole("insert rule inet sp_wall from_link udp sport 4343 udp dport != 162 accept", "let through: a packet ");
	check(does(wall_open(&s, &why)) && does(wall_prove(&s, net_link.fd, net_tunnel.fd, &why)), "proven while garbage comes in");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

int main(void)
{
	if (!check(net_begin(), "a namespace with a link, a tunnel and a customer's network"))
		return tap_done();
	proven();
	holes();
	flushed();
	noise();
	return tap_done();
}
