/* wall WORKSTATION INSIDE PORTS WALLED SECONDS - plays a call with a security client: makes a link
 * and a tunnel, opens the wall for them (PORTS -: does not), proves it, says ready= and renews it
 * until it is told to end. What is written to it is a packet that comes in, a line each:
 *   link|tunnel tcp|udp FROM SPORT DPORT
 * TCP is a SYN. What the kernel sends out of either it says: out=link|tunnel proto= sport= dport=
 * flags=. The gateway is 10.9.0.1, port 4343. Exit 8: it could not be opened; 6: not renewed. */
#include "base/num.h"
#include "engine/wallports.h"
#include "unit/wallnet.h"

#include <signal.h>

static volatile sig_atomic_t over;
static const char *why = "";

static void on_signal(int signo)
{
	over = signo;
}

static int fails(int status)
{
	printf("error=wall\tdetail=%s\n", why);
	fflush(stdout);
	return status;
}

static struct wall_ports ranges(const char *text)
{
	struct ports p;
	if (!ports_parse(view_of(text), &p, &why)) {
		fprintf(stderr, "wall: %s: %s\n", text, why);
		exit(2);
	}
	return wallports(&p);
}

static bool devices(char **argv)
{
	return net_device(&net_link, "ras%d", OWN, "192.0.2.2") && net_device(&net_tunnel, "spg%d", argv[2], argv[1]);
}

static void packet_in(const char *inside)
{
	char line[128], device[8], proto[4], from[16];
	unsigned sport, dport;
	if (!fgets(line, sizeof line, stdin) || sscanf(line, "%7s %3s %15s %u %u", device, proto, from, &sport, &dport) != 5)
		return;
	bool tunnel = strcmp(device, "tunnel") == 0;
	struct net_packet p = { strcmp(proto, "tcp") == 0 ? NET_TCP : NET_UDP, from, (uint16_t)sport, tunnel ? inside : OWN, (uint16_t)dport, NET_SYN, "x" };
	net_inject(tunnel ? &net_tunnel : &net_link, &p);
}

static void packets_out(const struct tun *t, const char *device)
{
	for (struct net_out o; (o = net_read(t)).n;)
		printf("out=%s\tproto=%u\tsport=%u\tdport=%u\tflags=%u\n", device, o.proto, o.sport, o.dport, o.flags);
	fflush(stdout);
}

static int run(struct wall_session *s, const char *inside)
{
	int64_t third = s->ports ? s->seconds * 1000 / 3 : 3600000, next = clock_ms() + third;
	int rules = wall_watch();
	while (!over) {
		struct pollfd p[] = { { 0, POLLIN, 0 }, { net_link.fd, POLLIN, 0 }, { net_tunnel.fd, POLLIN, 0 }, { rules, POLLIN, 0 } };
		int64_t left = next - clock_ms();
		poll(p, 4, left > 0 ? (int)left : 0);
		if (p[3].revents && wall_gone(rules))
			next = 0;
		if (p[0].revents & POLLIN)
			packet_in(inside);
		packets_out(&net_link, "link");
		packets_out(&net_tunnel, "tunnel");
		if (clock_ms() < next)
			continue;
		if (s->ports && wall_renew(s, &why) != 0)
			return 6;
		next = clock_ms() + third;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 6)
		return 2;
	bool opens = strcmp(argv[3], "-") != 0;
	struct wall_ports permit = ranges(opens ? argv[3] : "none"), walled = ranges(argv[4]);
	setvbuf(stdin, NULL, _IONBF, 0);
	signal(SIGTERM, on_signal);
	if (!devices(argv)) {
		perror("wall: devices");
		return 8;
	}
	const struct wall_gateway gateway[] = { { net_ip(GATEWAY), 4343 } };
	struct wall_session s = { .link = net_link.name, .gateway = gateway, .gateways = 1, .tunnel = net_tunnel.name,
		                  .workstation = net_ip(argv[1]), .inside = net_ip(argv[2]), .ports = opens ? &permit : NULL,
		                  .route_port = 4341, .walled = &walled, .seconds = (unsigned)atoi(argv[5]) };
	if (opens && (wall_open(&s, &why) != 0 || wall_prove(&s, net_link.fd, net_tunnel.fd, &why) != 0)) {
		const char *after;
		fails(8);
		return wall_close(&s, &after) == 0 ? 8 : 9;
	}
	printf("ready=wall\tlink=%s\ttunnel=%s\n", net_link.name, net_tunnel.name);
	fflush(stdout);
	int status = run(&s, argv[2]);
	if (status != 0)
		fails(status);
	if (opens && wall_close(&s, &why) != 0 && status == 0)
		status = fails(9);
	return status;
}
