/* nat.h - the alias: stateless one-to-one translation of IPv4, in place.
 * On the workstation's side of the link the service processor is `alias`, on
 * the link it is `address`, the one that all service processors share. Nothing
 * but workstation <-> alias passes; the rest is dropped and counted by cause.
 * Lengths never change. All addresses are numbers (192.0.2.1 = 0xc0000201).
 *
 * RFC 791, 1624 (incremental checksums), 768, 793, 792 (the packet quoted in an
 * error is translated too; RFC 5508). Checksums are carried on, not checked: a
 * wrong one arrives wrong. Not carried: IPv6, source routes, redirects, errors
 * about packets of others, TCP fragments that overlap their header (RFC 1858),
 * anything longer or shorter than its header says. */
#ifndef SP_WIRE_NAT_H
#define SP_WIRE_NAT_H

#include <stddef.h>
#include <stdint.h>

enum nat_verdict {
	NAT_PASS,
	NAT_VERSION,     /* not IPv4 */
	NAT_LENGTH,      /* longer or shorter than its header says */
	NAT_OPTIONS,     /* malformed options, or a source route */
	NAT_SOURCE,      /* not from the workstation; inbound: not from the address */
	NAT_DESTINATION, /* not to the alias; inbound: not to the workstation */
	NAT_TRANSPORT,   /* no room for the header of its protocol */
	NAT_FRAGMENT,    /* overlaps a TCP header */
	NAT_QUOTE,       /* an error about no packet of this session */
	NAT_REDIRECT,
	NAT_VERDICTS
};

/* "pass", "version" ...: what stands in records and logs. Never NULL. */
const char *nat_verdict_name(enum nat_verdict v);

struct nat_count {
	uint64_t packets[NAT_VERDICTS]; /* [NAT_PASS] and the causes of the others */
	uint64_t bytes;                 /* of those that passed */
};

struct nat {
	uint32_t workstation, alias, address;
	struct nat_count out, in;
};

void nat_init(struct nat *n, uint32_t workstation, uint32_t alias, uint32_t address);
/* Outbound: workstation -> alias becomes workstation -> address. A packet that
 * does not pass may have been changed in part: drop it. Counted in n->out. */
enum nat_verdict nat_out(struct nat *n, void *packet, size_t len);
/* Inbound: address -> workstation becomes alias -> workstation. n->in. */
enum nat_verdict nat_in(struct nat *n, void *packet, size_t len);

#endif
