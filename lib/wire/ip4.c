/* ip4.c - IPv4 headers. Source routes are refused: they lead past what addresses say. */
#include "wire/ip4.h"

#include "wire/sum.h"

enum { OPT_END = 0, OPT_NOP = 1, OPT_LSRR = 131, OPT_SSRR = 137 };

static bool options_fine(const uint8_t *p, size_t header)
{
	for (size_t at = IP4_HEADER; at < header && p[at] != OPT_END;) {
		if (p[at] == OPT_NOP) {
			at++;
			continue;
		}
		if (p[at] == OPT_LSRR || p[at] == OPT_SSRR)
			return false;
		if (at + 1 >= header || p[at + 1] < 2 || p[at + 1] > header - at)
			return false;
		at += p[at + 1];
	}
	return true;
}

enum ip4_fault ip4_parse(const uint8_t *p, size_t n, struct ip4 *ip)
{
	if (n == 0)
		return IP4_LENGTH;
	if (p[0] >> 4 != 4)
		return IP4_VERSION;
	ip->header = (size_t)(p[0] & 15) * 4;
	if (ip->header < IP4_HEADER || n < ip->header)
		return IP4_LENGTH;
	ip->total = get16(p, 2);
	ip->id = get16(p, 4);
	ip->fragment = get16(p, 6) & 0x1fff;
	ip->more = (get16(p, 6) & 0x2000) != 0;
	ip->protocol = p[9];
	ip->source = get32(p, IP4_SOURCE);
	ip->destination = get32(p, IP4_DESTINATION);
	if (ip->total < ip->header)
		return IP4_LENGTH;
	return options_fine(p, ip->header) ? IP4_FINE : IP4_OPTIONS;
}

bool ip4_is_error(uint8_t icmp_type)
{
	return icmp_type == 3 || icmp_type == 4 || icmp_type == ICMP_REDIRECT || icmp_type == 11 || icmp_type == 12;
}
