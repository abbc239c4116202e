/* wall_prove.c - forbidden packets, and the counter of each. Their checksums are wrong: should
 * one be let through, it does no harm behind the wall. */
#include "base/cursor.h"
#include "sys/tun.h"
#include "sys/wall_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#define PROBES 24
#define STRANGER 0xc6336463u  /* 198.51.100.99 (RFC 5737) */
#define ELSEWHERE 0xcb007163u /* 203.0.113.99 */
#define LOOKS 25              /* at a counter, 10 ms apart: packets are counted as they are written, unless other CPUs do it */
#define SECONDS "30s"         /* that an element stays if we do not take it away */

enum { TCP = IPPROTO_TCP, UDP = IPPROTO_UDP, SSH = 22, SNMP = 161 };
enum { HEADER = 20, CHECK_AT = 10, TCP_HEADER = 20, UDP_HEADER = 8, TCP_SYN = 2, TCP_RST = 4, WRONG = 0xbad1 };

struct probe {
	const char *what;
	unsigned device; /* that it comes in by */
	int fd;          /* its TUN descriptor; -1: we send it to ourselves */
	struct in_addr from, to;
	uint8_t proto;
	uint16_t sport, dport;
	bool permitted;
};

struct proof {
	const struct wall_session *s;
	struct probe probe[PROBES];
	unsigned n;
	struct in_addr own; /* the link's address */
};

static struct in_addr ip(uint32_t a)
{
	return (struct in_addr){ htonl(a) };
}

/* A port that no answer is waited for on, and another for each, so that elements are different. */
static uint16_t some_port(struct proof *p)
{
	uint16_t r = 0;
	if (getrandom(&r, sizeof r, 0) != sizeof r)
		r = (uint16_t)getpid();
	return (uint16_t)(1024u + r % 512u * 32u + p->n);
}

static void probe(struct proof *p, const struct probe *what)
{
	if (p->n == PROBES)
		return;
	struct probe *to = &p->probe[p->n];
	*to = *what;
	if (!to->sport)
		to->sport = some_port(p);
	if (!to->dport)
		to->dport = some_port(p);
	p->n++;
}

static struct in_addr own_address(const char *device)
{
	struct ifreq r = { 0 };
	struct sockaddr_in a = { .sin_addr = ip(STRANGER) };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", device);
	if (s >= 0 && ioctl(s, SIOCGIFADDR, &r) == 0)
		memcpy(&a, &r.ifr_addr, sizeof a);
	if (s >= 0)
		close(s);
	return a.sin_addr;
}

static uint16_t first_port(const struct wall_ports *ports, uint16_t otherwise)
{
	return ports && ports->n ? ports->range[0].from : otherwise;
}

/* What only the tunnel may carry, and what only the gateway may send, and that to no other port
 * than to one that has asked. Before there is a gateway its part is played by a stranger. */
static void link_probes(struct proof *p, int fd)
{
	const struct wall_session *s = p->s;
	struct in_addr gateway = s->gateways ? s->gateway[0].address : ip(STRANGER + 1);
	struct in_addr workstation = s->workstation.s_addr ? s->workstation : ip(STRANGER + 2);
	uint16_t port = s->gateways ? s->gateway[0].port : SNMP;
	unsigned link = if_nametoindex(s->link);
	const struct probe forbidden[] = {
		{ "a packet of a stranger, from the link", link, fd, ip(STRANGER), p->own, UDP, port, 0, false },
		{ "a connection of the workstation's, not encrypted, from the link", link, fd, workstation, p->own, TCP, 0,
		  first_port(s->ports, SSH), false },
		{ "a question for a route, not encrypted, from the link", link, fd, workstation, p->own, TCP, 0, s->route_port, false },
		{ "a packet of another port of the gateway's, from the link", link, fd, gateway, p->own, UDP, 0, port, false },
		{ "a packet of the gateway's to a port that did not ask, from the link", link, fd, gateway, p->own, UDP, port, 0, false },
		{ "a connection of the gateway's, from the link", link, fd, gateway, p->own, TCP, port, SSH, false },
		{ "a packet to a port that is walled off, from the link", link, fd, gateway, p->own, TCP, 0, first_port(s->walled, 0), false },
		{ "a packet to another machine, from the link", link, fd, gateway, ip(ELSEWHERE), UDP, port, 0, false },
	};
	for (unsigned i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		probe(p, &forbidden[i]);
}

/* 0: every port is. */
static uint16_t not_permitted(const struct wall_session *s, unsigned proto)
{
	uint16_t port = 65535;
	while (port && wall_permits(s, proto, port))
		port--;
	return port;
}

/* A port of the workstation's that we may begin to. */
static uint16_t outward(const struct wall_session *s, unsigned proto)
{
	for (unsigned i = 0; s->ports && i < s->ports->n; i++)
		if (s->ports->range[i].way & WALL_OUT && s->ports->range[i].proto == proto)
			return s->ports->range[i].from;
	return 0;
}

static void port_probes(struct proof *p, int fd, uint8_t proto)
{
	const struct wall_session *s = p->s;
	uint16_t shut = not_permitted(s, proto), out = outward(s, proto);
	if (!shut)
		return;
	probe(p, &(struct probe){ proto == TCP ? "a connection to a TCP port that is not permitted" : "a packet to a UDP port that is not permitted",
	                          s->tunnel_index, fd, s->workstation, s->inside, proto, 0, shut, false });
	if (out)
		probe(p, &(struct probe){ "an answer to what was not asked", s->tunnel_index, fd, s->workstation, s->inside, proto, out, shut, false });
}

/* The one that must not be dropped resets a connection that is not there, which says nothing to anybody. */
static void tunnel_probes(struct proof *p, int fd)
{
	const struct wall_session *s = p->s;
	uint16_t open = s->route_port ? s->route_port : SSH;
	if (wall_permits(s, TCP, open))
		probe(p, &(struct probe){ "what is permitted", s->tunnel_index, fd, s->workstation, s->inside, TCP, 0, open, true });
	probe(p, &(struct probe){ "a packet that is not the workstation's", s->tunnel_index, fd, ip(STRANGER), s->inside, TCP, 0, open, false });
	probe(p, &(struct probe){ "a packet to another machine", s->tunnel_index, fd, s->workstation, ip(ELSEWHERE), TCP, 0, open, false });
	port_probes(p, fd, TCP);
	port_probes(p, fd, UDP);
}

static void walled_probes(struct proof *p)
{
	unsigned lo = if_nametoindex("lo");
	const struct wall_ports *w = p->s->walled;
	for (unsigned i = 0; w && i < w->n; i++)
		probe(p, &(struct probe){ "a packet to a port that is walled off", lo, -1, ip(INADDR_LOOPBACK), ip(INADDR_LOOPBACK),
		                          w->range[i].proto, 0, w->range[i].from, false });
}

static void probe_element(struct wall_text *t, const char *verb, const struct probe *o, const char *more)
{
	char from[INET_ADDRSTRLEN];
	wall_put(t, "%s element " WALL " proof { %u . %s . %u . %u . %u%s }\n", verb, o->device,
	         inet_ntop(AF_INET, &o->from, from, sizeof from), o->proto, o->sport, o->dport, more);
}

static int elements(const struct proof *p, const char *verb, const char *more, const char **why)
{
	struct wall_text t;
	wall_begin(&t);
	for (unsigned i = 0; i < p->n; i++)
		probe_element(&t, verb, &p->probe[i], more);
	int rc = wall_run(&t, NULL, why);
	wall_end(&t);
	return rc;
}

static void checksum(struct out *o)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < HEADER; i++)
		sum += i & 1 ? o->base[i] : (uint32_t)o->base[i] << 8;
	sum = (sum & 0xffff) + (sum >> 16);
	out_patch16(o, CHECK_AT, (uint16_t)~(sum + (sum >> 16)));
}

static int write_packet(const struct probe *p)
{
	uint8_t b[HEADER + TCP_HEADER];
	struct out o = out_of(b, sizeof b);
	uint16_t n = p->proto == TCP ? HEADER + TCP_HEADER : HEADER + UDP_HEADER;
	out_u16(&o, 0x4500);
	out_u16(&o, n);
	out_u32(&o, 0);                               /* no fragment */
	out_u32(&o, 64u << 24 | (uint32_t)p->proto << 16); /* no checksum yet */
	out_u32(&o, ntohl(p->from.s_addr));
	out_u32(&o, ntohl(p->to.s_addr));
	checksum(&o);
	out_u16(&o, p->sport);
	out_u16(&o, p->dport);
	if (p->proto == UDP)
		out_u16(&o, UDP_HEADER);
	else
		out_bytes(&o, (const uint8_t[]){ 0, 0, 0, 0, 0, 0, 0, 0, 0x50, p->permitted ? TCP_RST : TCP_SYN, 0, 0 }, 12);
	out_u16(&o, WRONG);
	out_u16(&o, 0);
	return tun_write(p->fd, b, n, 0);
}

/* By a socket: a packet of our own to ourselves, which comes in by lo. */
static int send_packet(const struct probe *o)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr = o->from, .sin_port = htons(o->sport) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = o->to, .sin_port = htons(o->dport) };
	int fd = socket(AF_INET, (o->proto == TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&from, sizeof from);
	if (rc == 0 && (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 || (o->proto == UDP && send(fd, "", 0, 0) != 0)) &&
	    errno != EINPROGRESS)
		rc = -1;
	int e = errno;
	if (fd >= 0)
		close(fd);
	errno = e;
	return rc;
}

/* How often its element counted it; -1: that is not known. */
static int counted(const struct probe *o, const char **why)
{
	struct wall_text t;
	struct buf out;
	unsigned n;
	int rc = -1;
	wall_begin(&t);
	buf_init(&out, 4096);
	probe_element(&t, "get", o, "");
	const char *at = wall_run(&t, &out, why) == 0 ? strstr(out.data, "counter packets ") : NULL;
	if (at && sscanf(at, "counter packets %u", &n) == 1)
		rc = n != 0;
	else if (out.len)
		wall_fails(why, "nftables shows no counter");
	buf_clear(&out);
	wall_end(&t);
	return rc;
}

static int look(const struct probe *o, const char **why)
{
	int n = counted(o, why);
	for (int i = 0; n == 0 && !o->permitted && i < LOOKS; i++) {
		poll(NULL, 0, 10);
		n = counted(o, why);
	}
	if (n < 0)
		return -1;
	if (o->permitted != (n == 0))
		return wall_fails(why, o->permitted ? "shut out: %s" : "let through: %s", o->what);
	return 0;
}

/* What is permitted goes first: when the others are counted, it was looked at. */
static int go(const struct proof *p, const char **why)
{
	for (unsigned i = 0; i < p->n; i++)
		if ((p->probe[i].fd < 0 ? send_packet(&p->probe[i]) : write_packet(&p->probe[i])) != 0)
			return wall_fails(why, "not known: %s: %s", p->probe[i].what, strerror(errno));
	for (unsigned i = p->n; i > 0; i--)
		if (look(&p->probe[i - 1], why) != 0)
			return -1;
	return 0;
}

int wall_prove(const struct wall_session *s, int link_fd, int tunnel_fd, const char **why)
{
	struct proof p = { .s = s };
	const char *after;
	if (link_fd < 0 && tunnel_fd < 0)
		return wall_fails(why, "there is nothing to prove it by");
	if (link_fd >= 0) {
		p.own = own_address(s->link);
		link_probes(&p, link_fd);
	}
	if (tunnel_fd >= 0) {
		tunnel_probes(&p, tunnel_fd);
		walled_probes(&p);
	}
	if (elements(&p, "add", " timeout " SECONDS, why) != 0)
		return -1;
	int rc = go(&p, why);
	elements(&p, "delete", "", &after);
	return rc;
}
