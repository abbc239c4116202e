/* ip4.h - what the header of an IPv4 packet says (RFC 791), for who lets packets through or
 * not. Addresses are numbers (192.0.2.1 = 0xc0000201). */
#ifndef SP_WIRE_IP4_H
#define SP_WIRE_IP4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IP4_ICMP = 1, IP4_TCP = 6, IP4_UDP = 17 }; /* protocols */
enum { IP4_HEADER = 20, IP4_CHECKSUM = 10, IP4_SOURCE = 12, IP4_DESTINATION = 16 }; /* bytes, places */
enum { ICMP_HEADER = 8, ICMP_REDIRECT = 5 };

enum ip4_fault {
	IP4_FINE,
	IP4_VERSION, /* not IPv4 */
	IP4_LENGTH,  /* shorter than its header, or than that says */
	IP4_OPTIONS  /* malformed options, or a source route */
};

struct ip4 {
	size_t header;     /* bytes, at most those that were given */
	size_t total;      /* as its length field says, at least header; who has the whole packet compares */
	uint16_t id;
	unsigned fragment; /* offset in units of 8 bytes */
	bool more;
	uint8_t protocol;
	uint32_t source, destination;
};

enum ip4_fault ip4_parse(const uint8_t *p, size_t n, struct ip4 *ip);

/* An ICMP message of this type is an error, and quotes a packet behind ICMP_HEADER bytes (RFC 792). */
bool ip4_is_error(uint8_t icmp_type);

#endif
