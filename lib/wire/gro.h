/* gro.h - TCP segments that follow each other as one packet: a TUN device takes it at
 * once, and whoever is behind it too. Only what comes apart again as it was: the
 * kernel does that where such a packet goes on (generic segmentation offload). So
 * checksums are looked at, and segments that differ in anything but what counts
 * them on are not put together; nor is anything but IPv4 and TCP. */
#ifndef SP_WIRE_GRO_H
#define SP_WIRE_GRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRO_MAX 65535 /* bytes of a packet, the most */

struct gro { /* zero: empty */
	uint8_t b[GRO_MAX];
	size_t n;         /* bytes that wait; 0: none */
	uint16_t segment; /* after gro_seal. 0: one packet, as it came. Else several: the
	                   * bytes of data of each, but the last may have less. The headers
	                   * are those of all, 20 bytes of IP's; TCP's checksum is the sum
	                   * over the pseudo header only */
	/* gro.c's own */
	uint16_t header, data; /* bytes of the first: of both headers, behind them; 0: none may follow */
	unsigned packets;
};

/* A packet, 1 to GRO_MAX bytes: a copy waits. false: not behind the one that waits;
 * seal, send and empty (g->n = 0) that, then it does. */
bool gro_add(struct gro *g, const uint8_t *ip, size_t n);
/* No more are added: g->b[0..g->n) is to be sent. */
void gro_seal(struct gro *g);

#endif
