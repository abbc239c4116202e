/* prefix.h - networks as ADDRESS/BITS, and which addresses a route may lead to. */
#ifndef SP_ENGINE_PREFIX_H
#define SP_ENGINE_PREFIX_H

#include <netinet/in.h>
#include <stdbool.h>

struct prefix {
	struct in_addr net;
	unsigned bits; /* 8 to 32 */
};

/* "10.50.0.0/24", no host bits set, 8 bits at least (so no default route).
 * false with a constant reason. */
bool prefix_parse(const char *text, struct prefix *p, const char **why);
bool prefix_has(const struct prefix *p, struct in_addr a);

/* May a route lead to the host that `text` names, asked for by a connection
 * from `source`? NULL and *host, or the constant reason why not: it is no plain
 * IPv4 address, not the connection's source, a network, broadcast, multicast,
 * loopback or reserved address, or in none of the prefixes. What this machine's
 * own addresses are the caller has to ask the kernel. */
const char *prefix_judge(const char *text, struct in_addr source, const struct prefix *p, unsigned n,
                         struct in_addr *host);

#endif
