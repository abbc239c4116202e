/* syn.c - the options of a SYN on a slow line. */
#include "unit/tap.h"

#include "wire/syn.h"

#include <stdlib.h>

static uint16_t tcp_sum(const uint8_t *p, size_t n)
{
	uint32_t s = 6 + (uint32_t)n - 20;
	for (size_t i = 12; i < n; i++)
		s += (uint32_t)p[i] << (i & 1 ? 0 : 8);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

/* A segment with these options (a multiple of 4 bytes) and a right checksum. */
static size_t segment(uint8_t p[80], uint8_t flags, const char *options, size_t n)
{
	memset(p, 0, 80);
	memcpy(p, "\x45\0\0\0\x12\x34\x40\0\x40\x06\0\0\x0a\0\0\x01\xc0\0\x02\x01\x30\x39\0\x50", 24);
	p[3] = (uint8_t)(40 + n);
	p[32] = (uint8_t)((20 + n) / 4 << 4);
	p[33] = flags;
	memcpy(p + 40, options, n);
	uint16_t sum = (uint16_t)~tcp_sum(p, 40 + n);
	p[36] = (uint8_t)(sum >> 8);
	p[37] = (uint8_t)sum;
	return 40 + n;
}

#define LINUX "\x02\x04\x05\xb4\x04\x02\x08\x0a\x11\x22\x33\x44\0\0\0\0\x01\x03\x03\x07" /* its SYN's */

static void is(const char *what, uint8_t flags, const char *options, size_t n, const char *want)
{
	uint8_t p[80];
	size_t len = segment(p, flags, options, n);
	bool changed = syn_rewrite(p, len, 536, true);
	check(changed == (memcmp(options, want, n) != 0) && memcmp(p + 40, want, n) == 0, "%s", what);
	check(tcp_sum(p, len) == 0xffff, "... and its checksum is right");
}
#define IS(what, flags, options, want) is(what, flags, options, sizeof options - 1, want)

static void options(void)
{
	IS("a SYN: smaller segments, no timestamps", 2, LINUX,
	   "\x02\x04\x02\x18\x04\x02\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x03\x03\x07");
	IS("its answer", 0x12, "\x02\x04\x05\xb4\x01\x01\x08\x0a\xff\xff\xff\xff\xff\xff\xff\xff",
	   "\x02\x04\x02\x18\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01");
	IS("a small MSS stays", 2, "\x02\x04\x02\x18", "\x02\x04\x02\x18");
	IS("options at odd offsets", 2, "\x01\x02\x04\xff\xff\x08\x0a\x12\x34\x56\x78\x9a\xbc\xde\xf0\x00",
	   "\x01\x02\x04\x02\x18\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00");
	IS("what is behind the end of the options stays", 2, "\x01\x01\x01\x00\x02\x04\x05\xb4", "\x01\x01\x01\x00\x02\x04\x05\xb4");
	IS("no options", 2, "", "");
	IS("no SYN", 0x10, LINUX, LINUX);
	IS("an option that is too long: nothing is changed", 2, "\x02\x04\x05\xb4\x08\x0a\x00\x00", "\x02\x04\x05\xb4\x08\x0a\x00\x00");
	IS("a length of nothing", 2, "\x02\x04\x05\xb4\x0b\x00\x00\x00", "\x02\x04\x05\xb4\x0b\x00\x00\x00");
	IS("an MSS of another length", 2, "\x02\x03\x05\x01", "\x02\x03\x05\x01");
	IS("signed options", 2, "\x02\x04\x05\xb4\x1d\x04\x01\x01", "\x02\x04\x05\xb4\x1d\x04\x01\x01");
}

static void each_alone(void)
{
	uint8_t p[80], was[80];
	size_t n = segment(p, 2, LINUX, 20);
	memcpy(was, p, n);
	check(!syn_rewrite(p, n, 0, false) && memcmp(p, was, n) == 0, "both can be left away");
	check(syn_rewrite(p, n, 256, false) && p[42] == 1 && p[43] == 0 && p[46] == 8 && tcp_sum(p, n) == 0xffff, "the clamp alone");
	segment(p, 2, LINUX, 20);
	check(syn_rewrite(p, n, 0, true) && p[42] == 5 && p[46] == 1 && tcp_sum(p, n) == 0xffff, "the blank alone");
	segment(p, 2, LINUX, 20);
	p[6] = 0x20;
	check(syn_rewrite(p, n, 536, true), "the first of several fragments has the options");
	p[7] = 2;
	memcpy(was, p, n);
	check(!syn_rewrite(p, n, 1, true), "the second has none");
	segment(p, 2, LINUX, 20);
	p[9] = 17;
	check(!syn_rewrite(p, n, 1, true), "not TCP");
	segment(p, 2, LINUX, 20);
	bool any = false;
	for (size_t cut = 0; cut < n; cut++)
		any = syn_rewrite(p, cut, 1, true) || any;
	check(!any, "a header that is cut off");
	p[3] = 50;
	check(!syn_rewrite(p, n, 1, true), "... as its length says");
}

static void speeds(void)
{
	check(syn_mss(0) == 0 && syn_mss(128000) == 0 && syn_mss(1000000) == 0, "not on a fast line, or an unknown one");
	check(syn_mss(9600) == 256 && syn_mss(33600) == 536 && syn_mss(56000) == 536 && syn_mss(64000) == 966, "by the speed");
}

int main(void)
{
	options();
	each_alone();
	speeds();
	return tap_done();
}
