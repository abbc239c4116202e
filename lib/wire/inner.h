/* inner.h - which packets a permit lets through within a tunnel: between the workstation and
 * the service processor's inside address, TCP and UDP of the permitted ports, in the way that
 * the permit says who may begin. Answers pass when they belong to something that was begun;
 * so do errors about it (ICMP 3, 11 and 12) and the later parts of a fragmented packet. A
 * permit for all ports lets all of TCP and UDP and pings through, both ways. Nothing else:
 * no other protocol, source route or redirect, and no part that overlaps a header (RFC 1858).
 *
 * What was begun is remembered here, and learned anew from the next packet of who began it: a
 * gateway that takes over knows nothing and cuts nobody off. Checksums are not looked at. */
#ifndef SP_WIRE_INNER_H
#define SP_WIRE_INNER_H

#include "wire/ports.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inner_verdict {
	INNER_PASS,
	INNER_VERSION,     /* not IPv4 */
	INNER_LENGTH,      /* longer or shorter than its header says */
	INNER_OPTIONS,     /* malformed options, or a source route */
	INNER_SOURCE,      /* not from whom the tunnel is for */
	INNER_DESTINATION, /* not to the other one */
	INNER_TRANSPORT,   /* no room for the header of its protocol */
	INNER_PROTOCOL,    /* neither TCP nor UDP, and not about one */
	INNER_PORT,        /* not permitted, and no answer to what is */
	INNER_FRAGMENT,    /* overlaps a header, or its beginning did not pass */
	INNER_QUOTE,       /* an error about nothing that was sent */
	INNER_VERDICTS
};
/* "pass", "version" ...: what stands in records and logs. Never NULL. */
const char *inner_verdict_name(enum inner_verdict v);

enum inner_way { INNER_IN, INNER_OUT }; /* to the service processor; from it */

#define INNER_FLOWS 512         /* remembered; the one that rests longest goes for another */
#define INNER_PARTS 16          /* fragmented packets under way */
#define INNER_UDP_MS 180000     /* an answer comes within (RFC 4787, 4.3: two minutes at least) */
#define INNER_TCP_MS 7440000    /* a connection rests as long (RFC 5382, 5: two hours and four minutes) */
#define INNER_PART_MS 15000

struct inner_flow { /* inner.c's own, like all below but the counts */
	int64_t at;     /* used last; 0: none */
	uint16_t workstation, processor; /* ports */
	uint8_t protocol, way;           /* who began it */
};

struct inner_part {
	int64_t at; /* 0: none */
	uint16_t id;
	uint8_t protocol, way;
};

struct inner {
	uint64_t packets[2][INNER_VERDICTS], bytes[2]; /* by way; bytes: of those that passed */
	uint32_t workstation, inside;
	struct ports ports;
	struct inner_flow flow[INNER_FLOWS];
	struct inner_part part[INNER_PARTS];
	unsigned parts;
};

/* Addresses are numbers (192.0.2.1 = 0xc0000201). */
void inner_init(struct inner *i, uint32_t workstation, uint32_t inside, const struct ports *ports);
/* The permit was renewed: what is no longer permitted, ends. */
void inner_permit(struct inner *i, const struct ports *ports);
/* One packet that came from one end; now: clock_ms(). Counted. */
enum inner_verdict inner_judge(struct inner *i, enum inner_way way, const uint8_t *packet, size_t n, int64_t now);

#endif
