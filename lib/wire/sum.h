/* sum.h - words of a packet and its checksums: over all, and carried on when one word
 * changes (RFC 1624, equation 3): what was wrong stays wrong, as much as it was. */
#ifndef SP_WIRE_SUM_H
#define SP_WIRE_SUM_H

#include <stddef.h>
#include <stdint.h>

/* at: who calls has seen that at + 2 (at + 4) bytes are there. */
static inline uint16_t get16(const uint8_t *b, size_t at)
{
	return (uint16_t)(b[at] << 8 | b[at + 1]);
}

static inline uint32_t get32(const uint8_t *b, size_t at)
{
	return (uint32_t)get16(b, at) << 16 | get16(b, at + 2);
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

/* One's complement sums (RFC 1071) of n bytes, at most 65536, and of two such sums. 0xffff:
 * a checksum among the bytes is right. */
uint16_t sum_of(const uint8_t *b, size_t n);
static inline uint16_t sum_add(uint16_t a, uint16_t b)
{
	uint32_t s = (uint32_t)a + b;
	return (uint16_t)((s & 0xffff) + (s >> 16));
}

#endif
