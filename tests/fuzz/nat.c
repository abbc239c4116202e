/* nat.c - any bytes as a packet, both ways. The first byte says how much of it
 * is made right beforehand, so that the rounds get past the first checks. What
 * passes must come back as it was when it is translated the other way (a
 * checksum may turn from 0x0000 to 0xffff, the same number), and a packet whose
 * header was right stays right. */
#include "fuzz/fuzz.h"
#include "wire/nat.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WORKSTATION 0x0a320005u
#define ALIAS 0x0ac80007u
#define ADDRESS 0xc0000201u

enum { INBOUND = 1, HEADER = 2, PROTOCOL = 4, QUOTE = 8, INNER = 16 };

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void head(uint8_t *p, size_t n, uint32_t source, uint32_t destination)
{
	if (n < 20)
		return;
	p[0] = (uint8_t)(0x45 + (p[0] % 16 == 6));
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
	put32(p + 12, source);
	put32(p + 16, destination);
}

static uint16_t header_sum(const uint8_t *p, size_t n)
{
	size_t h = (size_t)(p[0] & 15) * 4;
	uint32_t s = 0;
	for (size_t i = 0; i + 1 < h && i + 1 < n; i += 2)
		s += (uint32_t)p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

static void prepare(uint8_t *p, size_t n, uint8_t how)
{
	static const uint8_t protocols[] = { 1, 6, 17, 136 };
	bool in = how & INBOUND;
	if (how & HEADER)
		head(p, n, in ? ADDRESS : WORKSTATION, in ? WORKSTATION : ALIAS);
	if (how & PROTOCOL && n >= 20) {
		p[6] = p[7] = 0;
		p[9] = protocols[how >> 6];
	}
	if (!(how & QUOTE) || n < 48)
		return;
	p[0] = 0x45;
	p[9] = 1;
	p[20] = how & 32 ? 3 : 11;
	if (how & INNER)
		head(p + 28, n - 28, in ? WORKSTATION : ALIAS, in ? ADDRESS : WORKSTATION);
}

/* Equal but for 16-bit words that are 0x0000 in one and 0xffff in the other. */
static bool equal(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && !((a[i] == 0 && b[i] == 0xff) || (a[i] == 0xff && b[i] == 0)))
			return false;
	return true;
}

void fuzz_one(const uint8_t *in, size_t n)
{
	struct nat there, back;
	if (n == 0)
		return;
	uint8_t how = in[0];
	uint8_t *was = malloc(n), *p = malloc(n); /* one byte is `how` */
	if (!was || !p)
		abort();
	memcpy(was, in + 1, n - 1);
	prepare(was, n - 1, how);
	memcpy(p, was, n - 1);
	nat_init(&there, WORKSTATION, ALIAS, ADDRESS);
	nat_init(&back, WORKSTATION, ADDRESS, ALIAS);
	enum nat_verdict v = how & INBOUND ? nat_in(&there, p, n - 1) : nat_out(&there, p, n - 1);
	if (v == NAT_PASS) {
		uint16_t a = header_sum(was, n - 1), b = header_sum(p, n - 1);
		if (a != b && !(a % 0xffff == 0 && b % 0xffff == 0))
			abort();
		if ((how & INBOUND ? nat_in(&back, p, n - 1) : nat_out(&back, p, n - 1)) != NAT_PASS)
			abort();
		if (!equal(p, was, n - 1))
			abort();
	}
	free(was);
	free(p);
}
