/* gso.h - what a TUN device with offloads hands over, made into packets as they go on a
 * wire: TCP segments of one that is larger (generic segmentation offload), and checksums
 * that were left to the device. The counterpart of wire/gro.h. */
#ifndef SP_WIRE_GSO_H
#define SP_WIRE_GSO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gso { /* gso.c's own */
	const uint8_t *ip;
	size_t n, header, at;
	uint16_t segment;
	unsigned i;
};

/* ip[0..n), IPv4 and TCP, stays where it is; segment: bytes of data of each packet. false: it
 * is none that could be taken apart. */
bool gso_begin(struct gso *g, const uint8_t *ip, size_t n, uint16_t segment);
/* The next packet into out: its bytes, gso_room of them at most; 0: there is none. */
size_t gso_next(struct gso *g, uint8_t *out);
size_t gso_room(const struct gso *g);

/* Finishes the checksum at start + offset over ip[start..n), which holds its pseudo header's.
 * false: these are no such places. */
bool gso_sum(uint8_t *ip, size_t n, size_t start, size_t offset);

#endif
