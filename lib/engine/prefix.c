/* prefix.c - networks and hosts, judged by their numbers alone. */
#include "engine/prefix.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <string.h>

static uint32_t mask(unsigned bits)
{
	return UINT32_MAX << (32 - bits);
}

bool prefix_parse(const char *text, struct prefix *p, const char **why)
{
	char net[INET_ADDRSTRLEN];
	struct view rest = view_of(text), part;
	uint64_t bits;
	view_split(&rest, '/', &part);
	*why = "no ADDRESS/BITS";
	if (!view_str(part, net, sizeof net) || inet_pton(AF_INET, net, &p->net) != 1)
		return false;
	*why = "a network has 8 to 32 bits";
	if (!rest.p || !num_u64(rest, 8, 32, &bits))
		return false;
	p->bits = (unsigned)bits;
	*why = "the address has bits behind the network's";
	return (ntohl(p->net.s_addr) & ~mask(p->bits)) == 0;
}

bool prefix_has(const struct prefix *p, struct in_addr a)
{
	return ((ntohl(a.s_addr) ^ ntohl(p->net.s_addr)) & mask(p->bits)) == 0;
}

/* Its first or last address, which are no hosts. */
static bool edge(const struct prefix *p, struct in_addr a)
{
	uint32_t host = ntohl(a.s_addr) & ~mask(p->bits);
	return p->bits < 31 && (host == 0 || host == ~mask(p->bits));
}

const char *prefix_judge(const char *text, struct in_addr source, const struct prefix *p, unsigned n,
                         struct in_addr *host)
{
	if (!text || inet_pton(AF_INET, text, host) != 1)
		return "host= is no IPv4 address";
	uint32_t a = ntohl(host->s_addr), top = a >> 24;
	if (top == 0)
		return "host= is no host";
	if (top == 127)
		return "host= is a loopback address";
	if (top >= 224)
		return top < 240 ? "host= is a multicast address" : "host= is a reserved or broadcast address";
	if (host->s_addr != source.s_addr)
		return "host= is not where the connection comes from";
	const char *why = "host= is in no network of the vendor";
	for (unsigned i = 0; i < n; i++) {
		if (!prefix_has(&p[i], *host))
			continue;
		if (!edge(&p[i], *host))
			return NULL;
		why = "host= is a network or broadcast address";
	}
	return why;
}
