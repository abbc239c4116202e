/* syn.c - any bytes as the start of a TCP connection. The first byte says how much of
 * it is made right beforehand. Nothing but options and checksum may change, a right
 * checksum stays right, and a second time there is nothing left to change. */
#include "fuzz/fuzz.h"
#include "wire/syn.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 1, SYN = 2, OPTIONS = 4, MSS = 8, BLANK = 16 };

static uint16_t tcp_sum(const uint8_t *p, size_t n)
{
	uint32_t s = 6 + (uint32_t)n - 20;
	for (size_t i = 12; i < n; i++)
		s += (uint32_t)p[i] << (i & 1 ? 0 : 8);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

static void prepare(uint8_t *p, size_t n, uint8_t how)
{
	if (!(how & HEADER) || n < 40)
		return;
	p[0] = 0x45;
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
	p[6] = p[7] = 0;
	p[9] = 6;
	p[32] = how & OPTIONS && n >= 80 ? 0xf0 : p[32];
	p[33] |= how & SYN ? 2 : 0;
	p[36] = p[37] = 0;
	uint16_t sum = (uint16_t)~tcp_sum(p, n);
	p[36] = (uint8_t)(sum >> 8);
	p[37] = (uint8_t)sum;
}

void fuzz_one(const uint8_t *in, size_t n)
{
	if (n == 0 || n > 65535)
		return;
	uint8_t how = in[0];
	uint16_t mss = how & MSS ? (uint16_t)(how >> 5) * 200 : 0;
	uint8_t *was = malloc(n), *p = malloc(n); /* one byte is `how` */
	if (!was || !p)
		abort();
	n--;
	memcpy(was, in + 1, n);
	prepare(was, n, how);
	memcpy(p, was, n);
	bool changed = syn_rewrite(p, n, mss, how & BLANK);
	if (!changed && memcmp(p, was, n) != 0)
		abort();
	for (size_t i = 0; i < n; i++)
		if (p[i] != was[i] && (i < 36 || (size_t)(p[0] & 15) * 4 + 60 <= i))
			abort();
	if (how & HEADER && n >= 40 && tcp_sum(p, n) != 0xffff)
		abort();
	if (changed && syn_rewrite(p, n, mss, how & BLANK))
		abort();
	free(was);
	free(p);
}
