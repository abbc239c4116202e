/* sum.h - 16-bit words of a packet, and its checksums carried on when one of them
 * changes (RFC 1624, equation 3): what was wrong stays wrong, as much as it was. */
#ifndef SP_WIRE_SUM_H
#define SP_WIRE_SUM_H

#include <stddef.h>
#include <stdint.h>

/* at: who calls has seen that at + 2 bytes are there. */
static inline uint16_t get16(const uint8_t *b, size_t at)
{
	return (uint16_t)(b[at] << 8 | b[at + 1]);
}

static inline void put16(uint8_t *b, size_t at, uint16_t v)
{
	b[at] = (uint8_t)(v >> 8);
	b[at + 1] = (uint8_t)v;
}

/* The checksum after one 16-bit word that it covers went from m to to. */
static inline uint16_t sum_carry(uint16_t sum, uint16_t m, uint16_t to)
{
	uint32_t s = (uint32_t)(uint16_t)~sum + (uint16_t)~m + to;
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

#endif
