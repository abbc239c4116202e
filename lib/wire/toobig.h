/* toobig.h - "fragmentation needed" (RFC 792, RFC 1191, 4): what is told to who sent a
 * packet that is larger than the way on takes. */
#ifndef SP_WIRE_TOOBIG_H
#define SP_WIRE_TOOBIG_H

#include <stddef.h>
#include <stdint.h>

#define TOOBIG_MAX 96 /* bytes: two headers of IP, the second with options, and ICMP's */

/* About an IPv4 packet whose header is sound: an error from its destination to its source. The
 * bytes that it has; 0: it is an error itself or a later part, of which none is told (RFC 1122, 3.2.2). */
size_t toobig_write(uint8_t out[TOOBIG_MAX], const uint8_t *ip, size_t n, uint16_t mtu);

#endif
