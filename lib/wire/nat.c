/* nat.c - one-to-one translation of IPv4 addresses in place, checksums carried
 * on incrementally (RFC 1624, equation 3). Two addresses of a packet never
 * change roles: one end is the workstation, and stays; the other is the alias
 * outside and the address inside, and is replaced. The packet that an ICMP
 * error quotes has the same two ends the other way round.
 * Refused: everything that nat.h lists; nothing is guessed or repaired. */
#include "wire/nat.h"

#include "wire/ip4.h"
#include "wire/sum.h"

enum { DCCP = 33, UDPLITE = 136 };

/* Protocols whose checksum covers the addresses: where it stands, and whether
 * zero means that there is none. */
static const struct covered {
	uint8_t protocol, checksum, header;
	bool zero;
} covered[] = {
	{ IP4_TCP, 16, 20, false },
	{ IP4_UDP, 6, 8, true },
	{ DCCP, 6, 12, false },
	{ UDPLITE, 6, 8, true },
};

/* Bytes [0, n) of a buffer; offsets are checked by who parsed the lengths. */
struct packet {
	uint8_t *b;
	size_t n;
};

/* Which address is expected at which end, and what replaces it. */
struct swap {
	uint32_t source, destination;
	size_t at;          /* IP4_SOURCE or IP4_DESTINATION: the one that is replaced */
	uint32_t to;
};

static uint16_t carry32(uint16_t sum, uint32_t m, uint32_t to)
{
	return sum_carry(sum_carry(sum, (uint16_t)(m >> 16), (uint16_t)(to >> 16)), (uint16_t)m, (uint16_t)to);
}

static enum nat_verdict parse(struct packet p, struct ip4 *ip)
{
	static const enum nat_verdict verdict[] = { NAT_PASS, NAT_VERSION, NAT_LENGTH, NAT_OPTIONS };
	return verdict[ip4_parse(p.b, p.n, ip)];
}

static const struct covered *covered_by(const struct ip4 *ip)
{
	for (size_t i = 0; ip->fragment == 0 && i < sizeof covered / sizeof *covered; i++)
		if (covered[i].protocol == ip->protocol)
			return &covered[i];
	return NULL;
}

/* Replaces the address and carries the two checksums on that cover it; the
 * transport's only where it is in the packet (a quote may end before it).
 * *sum, when given, is a checksum over all of these bytes (an ICMP error's). */
static void translate(struct packet p, const struct ip4 *ip, const struct swap *s, uint16_t *sum)
{
	const struct covered *c = covered_by(ip);
	uint32_t from = get32(p.b, s->at);
	size_t place[2] = { IP4_CHECKSUM, c ? ip->header + c->checksum : 0 };
	for (size_t i = 0; i < 2; i++) {
		if (place[i] == 0 || p.n < place[i] + 2)
			continue;
		uint16_t old = get16(p.b, place[i]), new = carry32(old, from, s->to);
		if (i == 1 && c->zero && old == 0)
			continue;
		if (i == 1 && c->zero && new == 0)
			new = 0xffff;
		put16(p.b, place[i], new);
		if (sum)
			*sum = sum_carry(*sum, old, new);
	}
	put16(p.b, s->at, (uint16_t)(s->to >> 16));
	put16(p.b, s->at + 2, (uint16_t)s->to);
	if (sum)
		*sum = carry32(*sum, from, s->to);
}

/* The packet inside an ICMP error, p being all of the error's ICMP part. It
 * must be one that the error's receiver could have sent over this link. */
static enum nat_verdict quote(struct packet p, const struct swap *s)
{
	struct packet in = { &p.b[ICMP_HEADER], p.n - ICMP_HEADER };
	struct ip4 ip;
	uint16_t sum = get16(p.b, 2);
	if (parse(in, &ip) != NAT_PASS)
		return NAT_QUOTE;
	if (ip.source != s->source || ip.destination != s->destination)
		return NAT_QUOTE;
	if (ip.protocol == IP4_ICMP && ip.fragment == 0 && in.n > ip.header && ip4_is_error(in.b[ip.header]))
		return NAT_QUOTE;
	if (in.n > ip.total)
		in.n = ip.total; /* what follows may be RFC 4884 extensions */
	translate(in, &ip, s, &sum);
	put16(p.b, 2, sum);
	return NAT_PASS;
}

/* The transport's header is there as far as it is needed. */
static enum nat_verdict transport(struct packet p, const struct ip4 *ip)
{
	const struct covered *c = covered_by(ip);
	if (ip->protocol == IP4_TCP && ip->fragment == 1)
		return NAT_FRAGMENT;
	if (c && p.n < ip->header + c->header)
		return NAT_TRANSPORT;
	if (ip->protocol == IP4_ICMP && ip->fragment == 0 && p.n < ip->header + ICMP_HEADER)
		return NAT_TRANSPORT;
	return NAT_PASS;
}

static enum nat_verdict pass(struct packet p, const struct swap *s, const struct swap *quoted)
{
	struct ip4 ip;
	enum nat_verdict v = parse(p, &ip);
	if (v != NAT_PASS)
		return v;
	if (ip.total != p.n)
		return NAT_LENGTH;
	if (ip.source != s->source)
		return NAT_SOURCE;
	if (ip.destination != s->destination)
		return NAT_DESTINATION;
	v = transport(p, &ip);
	if (v == NAT_PASS && ip.protocol == IP4_ICMP && ip.fragment == 0 && ip4_is_error(p.b[ip.header])) {
		if (p.b[ip.header] == ICMP_REDIRECT)
			return NAT_REDIRECT;
		v = quote((struct packet){ &p.b[ip.header], p.n - ip.header }, quoted);
	}
	if (v == NAT_PASS)
		translate(p, &ip, s, NULL);
	return v;
}

static enum nat_verdict count(struct nat_count *c, size_t len, enum nat_verdict v)
{
	c->packets[v]++;
	if (v == NAT_PASS)
		c->bytes += len;
	return v;
}

enum nat_verdict nat_out(struct nat *n, void *packet, size_t len)
{
	const struct swap s = { n->workstation, n->alias, IP4_DESTINATION, n->address };
	const struct swap q = { n->alias, n->workstation, IP4_SOURCE, n->address };
	return count(&n->out, len, pass((struct packet){ packet, len }, &s, &q));
}

enum nat_verdict nat_in(struct nat *n, void *packet, size_t len)
{
	const struct swap s = { n->address, n->workstation, IP4_SOURCE, n->alias };
	const struct swap q = { n->workstation, n->address, IP4_DESTINATION, n->alias };
	return count(&n->in, len, pass((struct packet){ packet, len }, &s, &q));
}

void nat_init(struct nat *n, uint32_t workstation, uint32_t alias, uint32_t address)
{
	*n = (struct nat){ .workstation = workstation, .alias = alias, .address = address };
}

const char *nat_verdict_name(enum nat_verdict v)
{
	static const char *const names[NAT_VERDICTS] = {
		"pass", "version", "length", "options", "source", "destination",
		"transport", "fragment", "quote", "redirect",
	};
	return (unsigned)v < NAT_VERDICTS ? names[v] : "unknown";
}
