/* toobig.c - an ICMP error from nobody's device: in the name of the packet's destination. */
#include "wire/toobig.h"

#include "wire/ip4.h"
#include "wire/sum.h"

#include <string.h>

enum { UNREACHABLE = 3, NEEDED = 4, TTL = 64, LENGTH = 2, LIFE = 8, PROTOCOL = 9, ICMP_SUM = 2, ICMP_MTU = 6 };

size_t toobig_write(uint8_t out[TOOBIG_MAX], const uint8_t *ip, size_t n, uint16_t mtu)
{
	struct ip4 h;
	if (ip4_parse(ip, n, &h) != IP4_FINE || h.fragment || (h.protocol == IP4_ICMP && (n <= h.header || ip4_is_error(ip[h.header]))))
		return 0;
	size_t quoted = h.header + 8 < n ? h.header + 8 : n, total = IP4_HEADER + ICMP_HEADER + quoted;
	uint8_t *icmp = out + IP4_HEADER;
	memset(out, 0, IP4_HEADER + ICMP_HEADER);
	out[0] = 0x45;
	put16(out, LENGTH, (uint16_t)total);
	out[LIFE] = TTL;
	out[PROTOCOL] = IP4_ICMP;
	memcpy(out + IP4_SOURCE, ip + IP4_DESTINATION, 4);
	memcpy(out + IP4_DESTINATION, ip + IP4_SOURCE, 4);
	put16(out, IP4_CHECKSUM, (uint16_t)~sum_of(out, IP4_HEADER));
	icmp[0] = UNREACHABLE;
	icmp[1] = NEEDED;
	put16(icmp, ICMP_MTU, mtu);
	memcpy(icmp + ICMP_HEADER, ip, quoted);
	put16(icmp, ICMP_SUM, (uint16_t)~sum_of(icmp, total - IP4_HEADER));
	return total;
}
