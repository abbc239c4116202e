/* wall_time.c - what nobody renews is shut; two sessions side by side; what one that was killed
 * leaves is nothing to the next one with devices of the same names. */
#include "unit/wallnet.h"

#define PEER "10.50.0.6"

static const char *why;
static const struct wall_ports permit = { .n = 2, .range = { { NET_TCP, WALL_IN, 22, 22 }, { NET_UDP, WALL_OUT, 161, 161 } } };
static const struct wall_ports walled = { .n = 1, .range = { { NET_TCP, WALL_IN, 85, 90 } } };
static struct wall_gateway gateway[1];
static struct tun link2, tunnel2;

static bool does(int rc)
{
	if (rc != 0)
		printf("# %s\n", why);
	return rc == 0;
}

static struct wall_session session(void)
{
	gateway[0] = (struct wall_gateway){ net_ip(GATEWAY), 4343 };
	return (struct wall_session){ .link = net_link.name, .gateway = gateway, .gateways = 1, .tunnel = net_tunnel.name,
		                      .workstation = net_ip(WORKSTATION), .inside = net_ip(INSIDE), .ports = &permit,
		                      .walled = &walled, .seconds = 1 };
}

static struct wall_session other(void)
{
	struct wall_session s = session();
	s.link = link2.name;
	s.tunnel = tunnel2.name;
	s.workstation = net_ip(PEER);
	return s;
}

static bool devices(void)
{
	return net_device(&link2, "ras%d", "192.0.2.9", "192.0.2.8") && net_device(&tunnel2, "spg%d", INSIDE, PEER);
}

static bool tcp(const struct tun *t, const char *from, const char *to, uint16_t port)
{
	return net_answered(t, &(struct net_packet){ NET_TCP, from, 99, to, port, NET_SYN, NULL });
}

static bool open_here(void) { return tcp(&net_tunnel, WORKSTATION, INSIDE, 22); }
static bool open_there(void) { return tcp(&tunnel2, PEER, INSIDE, 22); }
static bool open_to_all(void) { return tcp(&net_lan, LAN_HOST, LAN_OWN, 85); }

static bool until(bool (*is)(void), bool want)
{
	for (int i = 0; i < 500 && is() != want; i++)
		poll(NULL, 0, 10);
	return is() == want;
}

static unsigned listed(const char *what)
{
	char command[128];
	unsigned n = 0;
	snprintf(command, sizeof command, "nft list table inet sp_wall | grep -c '%s'", what);
	FILE *f = popen(command, "r");
	if (!f || fscanf(f, "%u", &n) != 1)
		check(false, "%s", command);
	if (f)
		pclose(f);
	return n;
}

static void renewed(void)
{
	struct wall_session a = session(), b = other();
	check(does(wall_open(&a, &why)) && does(wall_open(&b, &why)) && open_here() && open_there() && !open_to_all(), "two sessions are open for a second");
	check(!tcp(&tunnel2, WORKSTATION, INSIDE, 22) && !tcp(&net_tunnel, PEER, INSIDE, 22), "neither lets in the other's workstation");
	a.seconds = 600;
	check(does(wall_renew(&a, &why)), "one is renewed");
	check(until(open_there, false), "the other is shut");
	check(open_here() && !open_to_all(), "that one is not, and its walled port is shut");
	check(does(wall_renew(&b, &why)) && open_there(), "the other is renewed after all");
	check(until(open_there, false) && !open_to_all(), "and shut again");
	check(does(wall_close(&a, &why)) && !open_here() && until(open_to_all, true), "the first is shut, too: the walled port is open");
	check(listed("elements = {") == 0 && listed("chain walled_") == 2, "of the one that timed out there are chains, which do nothing");
	check(does(wall_close(&b, &why)) && listed("walled_") == 0, "it is shut: they are gone");
}

/* The walled port is shut while one of two wants it. */
static void shared(void)
{
	struct wall_session a = session(), b = other();
	a.seconds = b.seconds = 600;
	check(does(wall_open(&a, &why)) && does(wall_open(&b, &why)), "two sessions with the same walled ports");
	check(does(wall_close(&a, &why)) && !open_to_all(), "one is shut: they stay walled off");
	check(does(wall_close(&b, &why)) && open_to_all(), "the other too: they are open");
}

static void killed(void)
{
	struct wall_session b = other();
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = net_ip(PEER), .sin_port = htons(161) };
	int fd = net_socket(SOCK_DGRAM, INSIDE, 41000);
	b.seconds = 600;
	check(does(wall_open(&b, &why)) && open_there() && sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1, "a session that has asked");
	tun_close(&link2);
	tun_close(&tunnel2);
	check(devices() && strcmp(tunnel2.name, b.tunnel) == 0, "its devices go, others of the same names come");
	check(!open_there() && !net_arrives(&tunnel2, &(struct net_packet){ NET_UDP, PEER, 161, INSIDE, 41000, 0, "x" }, fd), "they are shut");
	check(listed("chain walled_") == 2 && listed("41000") == 1, "something is left");
	check(does(wall_sweep(&why)) && listed("walled_[0-9]") == 0 && listed("41000") == 0 && open_to_all(), "until it is swept");
	close(fd);
}

static bool refused(const struct wall_session *as, const char *word)
{
	struct wall_session s = *as;
	return wall_open(&s, &why) == -1 && strstr(why, word) && s.link_index == 0 && wall_renew(&s, &why) == -1 && wall_close(&s, &why) == 0;
}

static void faults(void)
{
	static const struct wall_ports all = { .all = true };
	struct wall_session s = session();
	s.link = "ras9";
	check(refused(&s, "No such device"), "no session on a device that is not there");
	s = session();
	s.tunnel = "spg9";
	check(refused(&s, "No such device"), "nor with a tunnel that is not");
	s = session();
	s.seconds = 0;
	check(refused(&s, "3600"), "nor without end");
	s = session();
	s.walled = &all;
	check(refused(&s, "all ports"), "nor with every port shut to the customer");
	s = session();
	s.inside.s_addr = 0;
	check(refused(&s, "addresses"), "nor for all addresses");
	s = session();
	gateway[0].port = 0;
	check(refused(&s, "gateway"), "nor for all of a gateway's ports");
	s.gateways = 0;
	check(refused(&s, "gateway"), "nor without one");
	check(listed("elements = {") == 0, "nothing was opened");
}

int main(void)
{
	if (!check(net_begin() && devices() && does(wall_base(WALL_LINKS, WALL_TUNNELS, &why)), "a service processor with two links and tunnels"))
		return tap_done();
	net_socket(SOCK_STREAM, "0.0.0.0", 22);
	net_socket(SOCK_STREAM, "0.0.0.0", 85);
	check(open_to_all(), "the customer's network reaches a port");
	faults();
	renewed();
	shared();
	killed();
	return tap_done();
}
