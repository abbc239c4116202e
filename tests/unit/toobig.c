/* toobig.c - unit tests of lib/wire/toobig.h: what is told, and what is not. */
#include "unit/tap.h"
#include "wire/sum.h"
#include "wire/toobig.h"

static uint8_t packet[64] = { 0x45, 0, 0, 64, 1, 2, 0x40, 0, 64, 6, 0, 0, 10, 60, 0, 5, 10, 210, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8 };

static size_t told(uint8_t *out, uint8_t protocol, uint8_t first, uint16_t fragment)
{
	packet[9] = protocol;
	packet[20] = first;
	put16(packet, 6, fragment);
	return toobig_write(out, packet, sizeof packet, 511);
}

int main(void)
{
	uint8_t b[TOOBIG_MAX];
	check(told(b, 6, 1, 0x4000) == 20 + 8 + 28, "a header of ours, ICMP's, the packet's and 8 bytes more");
	check(sum_of(b, 20) == 0xffff && sum_of(b + 20, 36) == 0xffff, "both checksums are right");
	check(get32(b, 12) == 0x0ad20007 && get32(b, 16) == 0x0a3c0005, "from its destination to its source");
	check(b[20] == 3 && b[21] == 4 && get16(b, 26) == 511, "fragmentation needed, and the next MTU (RFC 1191)");
	check(memcmp(b + 28, packet, 28) == 0, "the packet is quoted");
	check(told(b, 1, 3, 0x4000) == 0 && told(b, 1, 11, 0x4000) == 0, "never about an error");
	check(told(b, 1, 8, 0x4000) == 56, "about a ping");
	check(told(b, 6, 1, 0x2001) == 0, "never about a later part");
	check(toobig_write(b, packet, 19, 511) == 0, "nor about less than a header");
	packet[0] = 0x4f;
	memset(packet + 20, 1, 40);
	packet[6] = packet[7] = 0;
	check(toobig_write(b, packet, sizeof packet, 511) == 92, "with all options that there may be it fits TOOBIG_MAX");
	return tap_done();
}
