/* siphash.c - SipHash-2-4: words of 8 bytes, little-endian, the last one ends with the
 * length. */
#include "base/siphash.h"

static uint64_t word(const uint8_t *p, size_t n)
{
	uint64_t w = 0;
	while (n-- > 0)
		w = w << 8 | p[n];
	return w;
}

static uint64_t turn(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static void rounds(uint64_t v[4], unsigned n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[1] = turn(v[1], 13) ^ v[0];
		v[0] = turn(v[0], 32);
		v[2] += v[3];
		v[3] = turn(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = turn(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = turn(v[1], 17) ^ v[2];
		v[2] = turn(v[2], 32);
	}
}

static void eat(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	rounds(v, 2);
	v[0] ^= m;
}

uint64_t siphash(const uint8_t key[SIPHASH_KEY], const uint8_t *p, size_t n)
{
	uint64_t k0 = word(key, 8), k1 = word(&key[8], 8);
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 };
	size_t at = 0;
	for (; n - at >= 8; at += 8)
		eat(v, word(&p[at], 8));
	eat(v, word(&p[at], n - at) | (uint64_t)n << 56);
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
