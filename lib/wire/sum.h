/* sum.h - 16-bit words of a packet, their sum (RFC 1071), and checksums carried on when
 * one of them changes (RFC 1624, equation 3): what was wrong stays wrong, as much as it
 * was. */
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

/* sum, and the words of b[0..n) added to it; an odd last byte is a word's first. The
 * checksum is the complement; a sum over bytes that have theirs in them is 0xffff. */
static inline uint16_t sum_add(uint16_t sum, const uint8_t *b, size_t n)
{
	uint64_t s = sum;
	for (size_t at = 0; at + 1 < n; at += 2)
		s += get16(b, at);
	if (n & 1)
		s += (uint64_t)b[n - 1] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
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
