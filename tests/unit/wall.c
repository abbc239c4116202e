/* wall.c - the wall's base and what a session opens in it: packets from link, tunnel and the
 * customer's network, told by who gets them. */
#include "unit/wallnet.h"

static int any, snmp; /* UDP sockets of the service processor's: 7000, 161 */
static const struct wall_ports permit = { .n = 5, .range = {
	{ NET_TCP, WALL_IN, 22, 22 }, { NET_TCP, WALL_BOTH, 80, 90 }, { NET_TCP, WALL_OUT, 5000, 5000 }, { NET_UDP, WALL_BOTH, 161, 161 },
	{ NET_UDP, WALL_IN, 500, 500 } } };
static const struct wall_ports walled = { .n = 2, .range = { { NET_TCP, WALL_IN, 85, 85 }, { NET_UDP, WALL_IN, 7000, 7001 } } };

static struct wall_gateway gateway[3];

static struct wall_session session(void)
{
	gateway[0] = (struct wall_gateway){ net_ip(GATEWAY), 4343 };
	gateway[1] = (struct wall_gateway){ net_ip("192.0.2.2"), 4345 };
	gateway[2] = (struct wall_gateway){ net_ip("192.0.2.2"), 4346 };
	return (struct wall_session){ .link = net_link.name, .gateway = gateway, .gateways = 3, .tunnel = net_tunnel.name,
		                      .workstation = net_ip(WORKSTATION), .inside = net_ip(INSIDE), .ports = &permit,
		                      .route_port = 4341, .walled = &walled, .seconds = 600 };
}

static const char *why;

/* The value of what was done, and then why. */
static bool does(int rc)
{
	if (rc != 0)
		printf("# %s\n", why);
	return rc == 0;
}

static bool opened(struct wall_session *s)
{
	return check(does(wall_open(s, &why)), "a session is opened");
}

static void closed(struct wall_session *s)
{
	check(does(wall_close(s, &why)) && s->link_index == 0, "and shut");
	check(system("nft list table inet sp_wall | grep -E 'elements|walled_'") != 0, "nothing of it is left");
}

static bool udp(const struct tun *t, const char *from, uint16_t sport, const char *to, int fd, uint16_t dport)
{
	return net_arrives(t, &(struct net_packet){ NET_UDP, from, sport, to, dport, 0, "x" }, fd);
}

static bool tcp(const struct tun *t, const char *from, uint16_t sport, const char *to, uint16_t dport)
{
	return net_answered(t, &(struct net_packet){ NET_TCP, from, sport, to, dport, NET_SYN, NULL });
}

static bool faulty(const char *links, const char *tunnels, const char *word)
{
	return wall_base(links, tunnels, &why) == -1 && strstr(why, word);
}

static void refused(void)
{
	check(faulty("ras*", "ra*", "in common") && faulty("ras1", "ras*", "in common") && faulty("ras*", "ras*", "in common"),
	      "patterns with devices in common");
	check(faulty("*", "spg*", "wanted") && faulty("ras*x", "spg*", "wanted") && faulty("ras*", "", "wanted") &&
	      faulty("ras\" accept #", "spg*", "wanted"), "what is no pattern");
	check(faulty("lo*", "spg*", "lo is no TUN device"), "a device that is no TUN device");
	check(system("nft list table inet sp_wall 2>/dev/null") != 0, "nothing was loaded");
}

static bool passes(const struct tun *in, const char *from, const struct tun *out, const char *to)
{
	net_drain(out);
	net_inject(in, &(struct net_packet){ NET_UDP, from, 5, to, 7000, 0, "x" });
	return net_read(out).dport == 7000;
}

static void no_wall(void)
{
	check(udp(&net_link, GATEWAY, 4343, OWN, any, 7000) && udp(&net_tunnel, WORKSTATION, 1, INSIDE, any, 7000), "no wall: all is let in");
	check(passes(&net_link, GATEWAY, &net_lan, LAN_HOST) && passes(&net_tunnel, WORKSTATION, &net_lan, LAN_HOST) &&
	      passes(&net_lan, LAN_HOST, &net_link, GATEWAY) && passes(&net_lan, LAN_HOST, &net_tunnel, WORKSTATION) &&
	      passes(&net_link, GATEWAY, &net_tunnel, WORKSTATION) && passes(&net_tunnel, WORKSTATION, &net_link, GATEWAY), "and forwarded");
}

static void base(void)
{
	check(does(wall_base(WALL_LINKS, WALL_TUNNELS, &why)), "the base is loaded");
	check(does(wall_base(WALL_LINKS, WALL_TUNNELS, &why)), "and again");
	check(!udp(&net_link, GATEWAY, 4343, OWN, any, 7000) && !udp(&net_link, "192.0.2.2", 1, OWN, any, 7000), "nothing is let in from the link");
	check(!udp(&net_tunnel, WORKSTATION, 1, INSIDE, any, 7000), "nor from the tunnel");
	check(udp(&net_lan, LAN_HOST, 1, LAN_OWN, any, 7000) && tcp(&net_lan, LAN_HOST, 99, LAN_OWN, 85), "all is from the customer's network");
	check(!net_send(any, GATEWAY, 4343) && errno == EPERM, "nothing goes out of the link");
	check(!net_send(any, WORKSTATION, 161) && errno == EPERM, "nor of the tunnel");
	check(net_send(any, LAN_HOST, 161) && net_read(&net_lan).dport == 161, "all does to the customer's network");
}

static void forwarding(void)
{
	check(!passes(&net_link, GATEWAY, &net_lan, LAN_HOST) && !passes(&net_tunnel, WORKSTATION, &net_lan, LAN_HOST), "no forwarding to the customer's network");
	check(!passes(&net_lan, LAN_HOST, &net_link, GATEWAY) && !passes(&net_lan, LAN_HOST, &net_tunnel, WORKSTATION), "nor from there");
	check(!passes(&net_link, GATEWAY, &net_tunnel, WORKSTATION) && !passes(&net_tunnel, WORKSTATION, &net_link, GATEWAY), "nor between link and tunnel");
}

/* What link and tunnel carry of ours, they do not carry of the customer's network, nor to it. */
static void not_for_others(void)
{
	net_drain(&net_link);
	net_inject(&net_lan, &(struct net_packet){ NET_UDP, LAN_HOST, 40000, GATEWAY, 4343, 0, "x" });
	check(!net_read(&net_link).n, "the customer's network does not reach the gateway");
	net_drain(&net_lan);
	net_inject(&net_link, &(struct net_packet){ NET_UDP, GATEWAY, 4343, LAN_HOST, 40000, 0, "x" });
	check(!net_read(&net_lan).n, "nor does the gateway answer there");
}

static bool parts(const struct tun *t, const char *from, uint16_t sport, const char *to, int fd, uint16_t port);

static void link_opened(void)
{
	struct wall_session s = session();
	s.tunnel = NULL;
	opened(&s);
	int own = net_socket(SOCK_DGRAM, OWN, 40000);
	check(!udp(&net_link, GATEWAY, 4343, OWN, own, 40000), "the gateway is not let in before it was asked");
	check(net_send(own, GATEWAY, 4343) && net_read(&net_link).dport == 4343, "it is asked");
	check(udp(&net_link, GATEWAY, 4343, OWN, own, 40000), "and answers");
	check(!udp(&net_link, GATEWAY, 4343, OWN, any, 7000) && !udp(&net_link, GATEWAY, 4343, OWN, snmp, 161), "to no other port");
	check(!udp(&net_link, GATEWAY, 4344, OWN, own, 40000) && !udp(&net_link, "10.9.0.2", 4343, OWN, own, 40000), "nobody else does");
	check(!net_send(own, GATEWAY, 4344) && !net_send(own, "192.0.2.2", 4343), "nor is asked");
	check(net_send(own, "192.0.2.2", 4345) && udp(&net_link, "192.0.2.2", 4345, OWN, own, 40000) &&
	      net_send(own, "192.0.2.2", 4346), "but for the other gateways");
	int c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = net_ip(GATEWAY), .sin_port = htons(4343) };
	net_drain(&net_link);
	check(connect(c, (struct sockaddr *)&to, sizeof to) == -1 && net_read(&net_link).flags == NET_SYN, "where UDP is blocked it is asked by TCP");
	close(c);
	check(!udp(&net_tunnel, WORKSTATION, 1, INSIDE, snmp, 161), "the tunnel stays shut");
	check(!udp(&net_tunnel, GATEWAY, 4343, OWN, own, 40000), "also for the gateway");
	check(parts(&net_link, GATEWAY, 4343, OWN, own, 40000), "a packet of the gateway's may come in parts");
	forwarding();
	not_for_others();
	check(wall_base(WALL_LINKS, WALL_TUNNELS, &why) == 0 && udp(&net_link, GATEWAY, 4343, OWN, own, 40000), "the base is loaded anew: what was open still is");
	closed(&s);
	check(!udp(&net_link, GATEWAY, 4343, OWN, own, 40000) && !net_send(own, GATEWAY, 4343), "no word of the gateway's");
	close(own);
}

static void inwards(void)
{
	check(tcp(&net_tunnel, WORKSTATION, 99, INSIDE, 22) && tcp(&net_tunnel, WORKSTATION, 99, INSIDE, 85), "permitted ports are open");
	check(tcp(&net_tunnel, WORKSTATION, 99, INSIDE, 4341) && udp(&net_tunnel, WORKSTATION, 1, INSIDE, snmp, 161), "the route service and UDP, too");
	check(!tcp(&net_tunnel, WORKSTATION, 99, INSIDE, 23) && !udp(&net_tunnel, WORKSTATION, 1, INSIDE, any, 7000), "others are not");
	check(!tcp(&net_tunnel, "10.50.0.6", 99, INSIDE, 22) && !tcp(&net_tunnel, WORKSTATION, 99, OWN, 22) &&
	      !tcp(&net_tunnel, WORKSTATION, 99, LAN_OWN, 22), "nor to others, nor at other addresses");
	check(!tcp(&net_link, WORKSTATION, 99, INSIDE, 22) && !tcp(&net_link, WORKSTATION, 99, OWN, 22), "nor from the link");
	check(!tcp(&net_tunnel, WORKSTATION, 5000, INSIDE, 23), "a port that we may begin to begins nothing");
	net_drain(&net_tunnel);
	net_inject(&net_tunnel, &(struct net_packet){ NET_TCP, WORKSTATION, 99, INSIDE, 86, NET_SYN, NULL });
	check(net_read(&net_tunnel).flags == (NET_RST | NET_ACK), "a permitted port where nobody listens is refused");
	net_inject(&net_tunnel, &(struct net_packet){ NET_UDP, WORKSTATION, 99, INSIDE, 500, 0, "x" });
	check(net_read(&net_tunnel).proto == 1, "of UDP, too");
}

static void outwards(void)
{
	int own = net_socket(SOCK_DGRAM, INSIDE, 41000);
	check(!udp(&net_tunnel, WORKSTATION, 161, INSIDE, own, 41000), "no answer before a question");
	check(net_send(own, WORKSTATION, 161) && net_read(&net_tunnel).dport == 161, "we ask on a permitted port");
	check(udp(&net_tunnel, WORKSTATION, 161, INSIDE, own, 41000), "and are answered");
	check(!udp(&net_tunnel, WORKSTATION, 161, INSIDE, any, 7000) && !udp(&net_tunnel, WORKSTATION, 162, INSIDE, own, 41000), "there, from there");
	check(!net_send(own, WORKSTATION, 162) && errno == EPERM, "on no other");
	check(net_send(snmp, WORKSTATION, 1234), "answers go to any port");
	close(own);
	int c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), again = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = net_ip(WORKSTATION), .sin_port = htons(5000) };
	net_drain(&net_tunnel);
	check(connect(c, (struct sockaddr *)&to, sizeof to) == -1 && net_read(&net_tunnel).flags == NET_SYN, "a connection is begun on a permitted port");
	to.sin_port = htons(5001);
	check(connect(again, (struct sockaddr *)&to, sizeof to) == -1 && !net_read(&net_tunnel).n, "on no other");
	close(c);
	close(again);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr = net_ip(INSIDE), .sin_port = htons(86) };
	check(bind(c, (struct sockaddr *)&from, sizeof from) == 0 && connect(c, (struct sockaddr *)&to, sizeof to) == -1 &&
	      !net_read(&net_tunnel).n, "nor from a port that is permitted inwards");
	close(c);
}

static void walled_off(const struct wall_session *s)
{
	int lo = net_socket(SOCK_DGRAM, "127.0.0.1", 9000);
	check(!tcp(&net_lan, LAN_HOST, 99, LAN_OWN, 85) && !udp(&net_lan, LAN_HOST, 1, LAN_OWN, any, 7000), "walled ports are shut to the customer's network");
	check(tcp(&net_lan, LAN_HOST, 99, LAN_OWN, 22) && udp(&net_lan, LAN_HOST, 1, LAN_OWN, snmp, 161), "others are not");
	check(net_send(lo, "127.0.0.1", 7000) && recv(any, &(char){ 0 }, 1, 0) == -1, "on lo too");
	check(net_send(lo, "127.0.0.1", 161) && recv(snmp, &(char){ 0 }, 1, 0) == 1, "and others are not");
	check(passes(&net_lan, "10.7.7.7", &net_lan, LAN_HOST), "what is forwarded elsewhere is not looked at");
	check(s->walled == &walled && tcp(&net_tunnel, WORKSTATION, 99, INSIDE, 85), "through the tunnel one that is permitted is open");
	close(lo);
}

/* Where a customer sends another port to one that is walled off, and one of those elsewhere. */
static bool translated(uint16_t sport)
{
	bool here = udp(&net_lan, LAN_HOST, sport, LAN_OWN, any, 7002);
	net_drain(&net_lan);
	net_inject(&net_lan, &(struct net_packet){ NET_UDP, "10.7.7.7", sport, LAN_OWN, 7001, 0, "x" });
	bool there = net_read(&net_lan).dport == 7001;
	check(here == there, "both or none");
	return here;
}

static void translation(void)
{
	struct wall_session s = session();
	check(system("nft 'add table ip n; add chain ip n in { type nat hook prerouting priority -100; };"
	             "add rule ip n in udp dport 7002 redirect to :7000; add rule ip n in udp dport 7001 dnat to 10.1.1.2'") == 0, "the customer translates");
	check(translated(1), "without a session he does");
	opened(&s);
	check(!translated(2), "with one no way leads to a walled port");
	closed(&s);
	check(translated(3) && system("nft delete table ip n") == 0, "afterwards he does again");
}

/* A UDP packet in two parts, the second of which has no ports. */
static bool parts(const struct tun *t, const char *from, uint16_t sport, const char *to, int fd, uint16_t port)
{
	static const char data[] = "0123456789abcdef";
	uint8_t b[1500], part[1500];
	char got[32];
	size_t n = net_write(&(struct net_packet){ NET_UDP, from, sport, to, port, 0, data }, b), first = 16;
	for (int second = 0; second < 2; second++) {
		struct out o = out_of(part, sizeof part);
		size_t size = second ? n - 20 - first : first;
		out_bytes(&o, b, 20);
		out_bytes(&o, b + 20 + (second ? first : 0), size);
		out_patch16(&o, 2, (uint16_t)(20 + size));
		out_patch16(&o, 6, second ? (uint16_t)(first / 8) : 0x2000);
		out_patch16(&o, 10, 0);
		out_patch16(&o, 10, flow_fold(flow_sum(0, part, 20)));
		check(tun_write(t->fd, part, out_len(&o), 0) == 0, "part %d", second + 1);
	}
	return recv(fd, got, sizeof got, 0) == (ssize_t)sizeof data - 1;
}

static void fragments(void)
{
	check(parts(&net_tunnel, WORKSTATION, 9, INSIDE, snmp, 161), "a packet in parts is let in to a permitted port");
	check(!parts(&net_tunnel, WORKSTATION, 9, INSIDE, any, 7000), "not to another");
	check(!parts(&net_tunnel, "10.50.0.6", 9, INSIDE, snmp, 161) && !parts(&net_link, GATEWAY, 9, OWN, snmp, 161), "nor from others");
}

/* Type, and is there anything out of the device then? */
static bool icmp(const struct tun *t, const char *from, uint8_t type)
{
	uint8_t header[1500], b[36] = { 0 };
	struct out o = out_of(b, sizeof b);
	net_write(&(struct net_packet){ NET_UDP, from, 0, INSIDE, 0, 0, "12345678" }, header);
	out_bytes(&o, header, 20);
	out_u16(&o, (uint16_t)(type << 8));
	out_u16(&o, (uint16_t)~(type << 8)); /* all else is 0 */
	b[9] = 1;
	out_patch16(&o, 10, 0);
	out_patch16(&o, 10, flow_fold(flow_sum(0, b, 20)));
	net_drain(t);
	check(tun_write(t->fd, b, sizeof b, 0) == 0, "ICMP type %u", type);
	return net_read(t).n;
}

static unsigned dropped(void)
{
	unsigned n = 0;
	FILE *f = popen("nft list counter inet sp_wall tunnel_in | sed -n 's/.*packets \\([0-9]*\\).*/\\1/p'", "r");
	if (!f || fscanf(f, "%u", &n) != 1)
		check(false, "a counter");
	if (f)
		pclose(f);
	return n;
}

/* Errors are let in, for the kernel to look for what they are about; other ICMP is not, but for pings of those who may all. */
static void errors(void)
{
	static const struct wall_ports all = { .all = true };
	struct wall_session s = session();
	opened(&s);
	unsigned before = dropped();
	icmp(&net_tunnel, WORKSTATION, 3);
	icmp(&net_tunnel, WORKSTATION, 11);
	check(dropped() == before, "errors are let in");
	icmp(&net_tunnel, WORKSTATION, 5);
	icmp(&net_tunnel, "10.50.0.6", 3);
	check(dropped() == before + 2 && !icmp(&net_tunnel, WORKSTATION, 8), "redirects, errors of others, pings are not");
	closed(&s);
	s.ports = &all;
	opened(&s);
	check(icmp(&net_tunnel, WORKSTATION, 8), "pings are with a permit for everything");
	check(tcp(&net_tunnel, WORKSTATION, 99, INSIDE, 23) && udp(&net_tunnel, WORKSTATION, 1, INSIDE, any, 7000), "as is all of TCP and UDP");
	check(!tcp(&net_tunnel, "10.50.0.6", 99, INSIDE, 23) && !icmp(&net_tunnel, "10.50.0.6", 8), "of the workstation's");
	closed(&s);
}

static void tunnel_opened(void)
{
	struct wall_session s = session();
	if (!opened(&s))
		return;
	inwards();
	outwards();
	walled_off(&s);
	fragments();
	forwarding();
	closed(&s);
	check(!tcp(&net_tunnel, WORKSTATION, 99, INSIDE, 22), "permitted ports are shut");
	check(tcp(&net_lan, LAN_HOST, 99, LAN_OWN, 85) && udp(&net_lan, LAN_HOST, 1, LAN_OWN, any, 7000), "walled ones are open");
}

int main(void)
{
	if (!check(net_begin(), "a namespace with a link, a tunnel and a customer's network"))
		return tap_done();
	any = net_socket(SOCK_DGRAM, "0.0.0.0", 7000);
	snmp = net_socket(SOCK_DGRAM, "0.0.0.0", 161);
	static const uint16_t listening[] = { 22, 23, 85, 4341 };
	for (unsigned i = 0; i < sizeof listening / sizeof *listening; i++)
		net_socket(SOCK_STREAM, "0.0.0.0", listening[i]);
	refused();
	no_wall();
	base();
	forwarding();
	link_opened();
	tunnel_opened();
	translation();
	errors();
	return tap_done();
}
