/* dhcp.c - DHCPINFORM and its DHCPACK, RFC 2131, 4.3.5 and tables 3 and 5; options by
 * RFC 2132, in the fields sname and file, too, where option 52 says so; the list of
 * what is asked for may be in pieces (RFC 3396).
 * Refused: all that dhcp.h lists. A relay's question is another link's, so giaddr must
 * be zero; sent whole, in an IP header without options, so a fragment is none. */
#include "wire/dhcp.h"

#include "wire/sum.h"

#include <string.h>

enum { UDP = 17, PORT_SERVER = 67, PORT_CLIENT = 68, TTL = 64 };
enum { IP_LENGTH = 2, IP_FRAGMENT = 6, IP_PROTOCOL = 9, IP_CHECKSUM = 10, IP_SOURCE = 12, IP_HEADER = 20 };
enum { UDP_DESTINATION = 2, UDP_LENGTH = 4, UDP_CHECKSUM = 6, UDP_HEADER = 8 };
enum { DONT_FRAGMENT = 0x4000, FRAGMENT = 0x3fff };
enum { BOOTREQUEST = 1, BOOTREPLY = 2, CHADDR = 16, SNAME = 64, FILE_NAME = 128 };
enum { BOOTP_MIN = 300 }; /* who knows BOOTP only drops what is shorter (RFC 1542, 2.1) */
enum { DHCPACK = 5, DHCPINFORM = 8 };
enum { OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2 };
enum {
	OPT_PAD = 0, OPT_MASK = 1, OPT_MTU = 26, OPT_OVERLOAD = 52, OPT_TYPE = 53, OPT_SERVER = 54,
	OPT_LIST = 55, OPT_CLIENT = 61, OPT_ROUTES = 121, OPT_END = 255
};
#define COOKIE 0x63825363u
#define EVERYBODY 0xffffffffu

static void write_mask(struct out *o, const struct dhcp_link *l)
{
	(void)l;
	out_u8(o, 4);
	out_u32(o, 0xffffffff);
}

static void write_mtu(struct out *o, const struct dhcp_link *l)
{
	out_u8(o, 2);
	out_u16(o, l->mru);
}

static void write_routes(struct out *o, const struct dhcp_link *l)
{
	out_u8(o, 9);
	out_u8(o, 32);
	out_u32(o, l->own);
	out_u32(o, 0); /* no router: it is on the link */
}

/* What we have to say. */
static const struct offer {
	uint8_t code;
	void (*write)(struct out *o, const struct dhcp_link *l); /* length and value */
} offers[] = {
	{ OPT_MASK, write_mask },
	{ OPT_MTU, write_mtu },
	{ OPT_ROUTES, write_routes },
};
enum { OFFERS = sizeof offers / sizeof offers[0] };

struct question {
	uint8_t htype, hlen, type, overload;
	uint16_t flags;
	uint32_t xid, ciaddr;
	const uint8_t *chaddr;
	struct cur client; /* its identifier; empty: it gave none */
	bool listed;       /* it has a Parameter Request List */
	const struct offer *wanted[OFFERS];
	size_t n;
};

static void want(struct question *q, uint8_t code)
{
	const struct offer *o = NULL;
	for (size_t i = 0; i < OFFERS; i++)
		if (offers[i].code == code)
			o = &offers[i];
	for (size_t i = 0; i < q->n; i++)
		if (q->wanted[i] == o)
			return;
	if (o)
		q->wanted[q->n++] = o;
}

/* An option that may stand once, with so many bytes. */
static bool once(uint8_t *field, struct cur v, uint8_t max)
{
	bool first = *field == 0 && cur_left(&v) == 1;
	*field = cur_u8(&v);
	return first && *field > 0 && *field <= max;
}

static bool option_read(struct question *q, uint8_t code, struct cur v)
{
	switch (code) {
	case OPT_TYPE:
		return once(&q->type, v, UINT8_MAX);
	case OPT_OVERLOAD:
		return once(&q->overload, v, OVERLOAD_FILE | OVERLOAD_SNAME);
	case OPT_CLIENT:
		if (cur_left(&q->client) || !cur_left(&v)) /* one of one byte is too short, but dhcpcd's */
			return false;
		q->client = v;
		return true;
	case OPT_LIST:
		q->listed = true;
		while (cur_left(&v))
			want(q, cur_u8(&v));
	}
	return true;
}

static bool options_read(struct question *q, struct cur c)
{
	uint8_t code;
	while (cur_left(&c) && (code = cur_u8(&c)) != OPT_END) {
		if (code == OPT_PAD)
			continue;
		struct cur v = cur_sub(&c, cur_u8(&c));
		if (v.bad || !option_read(q, code, v))
			return false;
	}
	return !c.bad;
}

/* DHCP_ANSWER: nothing is wrong so far. */
static enum dhcp_verdict message_read(struct question *q, struct cur c)
{
	uint8_t op = cur_u8(&c);
	q->htype = cur_u8(&c);
	q->hlen = cur_u8(&c);
	cur_u8(&c); /* hops */
	q->xid = cur_u32(&c);
	cur_u16(&c); /* secs */
	q->flags = cur_u16(&c);
	q->ciaddr = cur_u32(&c);
	cur_bytes(&c, 8); /* yiaddr, siaddr: a server's */
	uint32_t giaddr = cur_u32(&c);
	q->chaddr = cur_bytes(&c, CHADDR);
	struct cur sname = cur_sub(&c, SNAME), file = cur_sub(&c, FILE_NAME);
	if (cur_u32(&c) != COOKIE || c.bad || op != BOOTREQUEST || q->hlen > CHADDR || giaddr != 0)
		return DHCP_MESSAGE;
	if (!options_read(q, c))
		return DHCP_OPTIONS;
	uint8_t overload = q->overload; /* as the options say; one in these fields is one too many */
	if (overload & OVERLOAD_FILE && !options_read(q, file))
		return DHCP_OPTIONS;
	if (overload & OVERLOAD_SNAME && !options_read(q, sname))
		return DHCP_OPTIONS;
	return DHCP_ANSWER;
}

/* Of a UDP packet with its pseudo header, ip[at..at + n) being UDP's part. */
static uint16_t udp_sum(const uint8_t *ip, size_t at, size_t n)
{
	uint16_t pseudo = sum_of(&ip[IP_SOURCE], 8);
	const uint8_t rest[] = { 0, UDP, (uint8_t)(n >> 8), (uint8_t)n };
	return sum_add(sum_add(pseudo, sum_of(rest, sizeof rest)), sum_of(&ip[at], n));
}

/* The headers of a packet that is_for_server; DHCP_ANSWER: nothing is wrong so far, and
 * what UDP carries is left in *c. */
static enum dhcp_verdict headers_read(const struct dhcp_link *l, const uint8_t *ip, size_t n, struct cur *c)
{
	size_t total = get16(ip, IP_LENGTH), header = (size_t)(ip[0] & 15) * 4, udp = get16(ip, header + UDP_LENGTH);
	if (header != IP_HEADER || total > n || total < header + UDP_HEADER)
		return DHCP_IP;
	if (get16(ip, IP_FRAGMENT) & FRAGMENT || sum_of(ip, header) != 0xffff)
		return DHCP_IP;
	if (udp < UDP_HEADER || udp > total - header)
		return DHCP_UDP;
	if (get16(ip, header + UDP_CHECKSUM) != 0 && udp_sum(ip, header, udp) != 0xffff)
		return DHCP_UDP;
	*c = cur_of(ip, header + udp);
	cur_bytes(c, IP_SOURCE);
	uint32_t source = cur_u32(c), destination = cur_u32(c);
	cur_bytes(c, UDP_HEADER);
	if (source != 0 && source != l->peer)
		return DHCP_SOURCE;
	return destination == l->own || destination == EVERYBODY ? DHCP_ANSWER : DHCP_DESTINATION;
}

/* As far as a packet's first bytes say; what is wrong with it is looked at later. */
static bool is_for_server(const uint8_t *ip, size_t n)
{
	if (n < IP_HEADER || ip[0] >> 4 != 4 || ip[IP_PROTOCOL] != UDP || get16(ip, IP_FRAGMENT) & 0x1fff)
		return false;
	size_t header = (size_t)(ip[0] & 15) * 4;
	return header >= IP_HEADER && n >= header + UDP_HEADER && get16(ip, header + UDP_DESTINATION) == PORT_SERVER;
}

static void headers_write(struct out *o, const struct dhcp_link *l)
{
	out_u16(o, 0x4500);
	out_u16(o, 0); /* length */
	out_u16(o, 0);
	out_u16(o, DONT_FRAGMENT);
	out_u8(o, TTL);
	out_u8(o, UDP);
	out_u16(o, 0); /* checksum */
	out_u32(o, l->own);
	out_u32(o, l->peer);
	out_u16(o, PORT_SERVER);
	out_u16(o, PORT_CLIENT);
	out_u32(o, 0); /* length, checksum */
}

static void message_write(struct out *o, const struct question *q)
{
	static const uint8_t names[SNAME + FILE_NAME];
	out_u8(o, BOOTREPLY);
	out_u8(o, q->htype);
	out_u8(o, q->hlen);
	out_u8(o, 0);
	out_u32(o, q->xid);
	out_u16(o, 0);
	out_u16(o, q->flags);
	out_u32(o, q->ciaddr);
	out_bytes(o, names, 12); /* yiaddr, siaddr, giaddr */
	out_bytes(o, q->chaddr, CHADDR);
	out_bytes(o, names, sizeof names);
}

static void options_write(struct out *o, const struct dhcp_link *l, const struct question *q)
{
	struct cur client = q->client;
	size_t n = cur_left(&client);
	out_u32(o, COOKIE);
	out_u8(o, OPT_TYPE);
	out_u8(o, 1);
	out_u8(o, DHCPACK);
	out_u8(o, OPT_SERVER);
	out_u8(o, 4);
	out_u32(o, l->own);
	for (size_t i = 0; i < q->n; i++) {
		out_u8(o, q->wanted[i]->code);
		q->wanted[i]->write(o, l);
	}
	if (n) {
		out_u8(o, OPT_CLIENT);
		out_u8(o, (uint8_t)n);
		out_bytes(o, cur_bytes(&client, n), n);
	}
	out_u8(o, OPT_END);
	while (!o->bad && out_len(o) < IP_HEADER + UDP_HEADER + BOOTP_MIN)
		out_u8(o, OPT_PAD);
}

static void sums_write(struct out *o)
{
	size_t n = out_len(o) - IP_HEADER;
	out_patch16(o, IP_LENGTH, (uint16_t)out_len(o));
	out_patch16(o, IP_CHECKSUM, (uint16_t)~sum_of(o->base, IP_HEADER));
	out_patch16(o, IP_HEADER + UDP_LENGTH, (uint16_t)n);
	uint16_t sum = (uint16_t)~udp_sum(o->base, IP_HEADER, n);
	out_patch16(o, IP_HEADER + UDP_CHECKSUM, sum ? sum : 0xffff); /* 0 would be: none */
}

enum dhcp_verdict dhcp_answer(const struct dhcp_link *l, const uint8_t *ip, size_t n, struct out *to)
{
	struct question q = { .client = cur_of(NULL, 0) };
	struct cur c;
	if (!is_for_server(ip, n))
		return DHCP_OTHER;
	enum dhcp_verdict v = headers_read(l, ip, n, &c);
	if (v == DHCP_ANSWER)
		v = message_read(&q, c);
	if (v != DHCP_ANSWER)
		return v;
	if (q.type != DHCPINFORM)
		return DHCP_TYPE;
	if (q.ciaddr != l->peer)
		return DHCP_CLIENT;
	for (size_t i = 0; i < OFFERS && !q.listed; i++)
		want(&q, offers[i].code);
	headers_write(to, l);
	message_write(to, &q);
	options_write(to, l, &q);
	sums_write(to);
	return to->bad || out_len(to) > l->mtu ? DHCP_SIZE : DHCP_ANSWER;
}

const char *dhcp_verdict_name(enum dhcp_verdict v)
{
	static const char *const names[DHCP_VERDICTS] = {
		"other", "answer", "ip", "udp", "source", "destination",
		"message", "options", "type", "client", "size", "often",
	};
	return (unsigned)v < DHCP_VERDICTS ? names[v] : "unknown";
}
