/* gso.c - unit tests of lib/wire/gso.h: what comes apart goes together again (wire/gro.h). */
#include "unit/tap.h"
#include "wire/gro.h"
#include "wire/gso.h"
#include "wire/sum.h"

#include <stdlib.h>

static uint8_t big[9000];

static void make(size_t n)
{
	memset(big, 0, sizeof big);
	for (size_t i = 40; i < n; i++)
		big[i] = (uint8_t)(i * 7 + i / 256);
	static const uint8_t header[40] = { 0x45, 0, 0, 0, 0x12, 0xfe, 0x40, 0, 64, 6, 0, 0, 10, 60, 0, 5, 10, 210, 0, 7,
	                                    0x10, 0, 0, 80, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1, 0x50, 0x18 | 1, 1, 0 };
	memcpy(big, header, sizeof header);
	put16(big, 2, (uint16_t)n);
}

static void apart(size_t n, uint16_t segment, unsigned want)
{
	struct gso g;
	uint8_t out[9000];
	unsigned count = 0;
	bool sums = true, same = true, flags = true, ids = true;
	size_t at = 40, got;
	make(n);
	check(gso_begin(&g, big, n, segment), "%zu bytes are taken apart", n);
	while ((got = gso_next(&g, out)) != 0) {
		uint8_t tail[4] = { 0, 6, (uint8_t)((got - 20) >> 8), (uint8_t)(got - 20) };
		sums &= sum_of(out, 20) == 0xffff && sum_add(sum_add(sum_of(out + 12, 8), sum_of(tail, 4)), sum_of(out + 20, got - 20)) == 0xffff;
		same &= memcmp(out + 40, big + at, got - 40) == 0 && get32(out, 24) == (uint32_t)(0xffffff00u + (at - 40)) && get16(out, 2) == got;
		at += got - 40;
		flags &= (out[33] & 9) == (at == n ? 9 : 0);
		ids &= get16(out, 4) == 0x12fe + count++;
	}
	check(count == want && at == n, "into %u", want);
	check(sums, "with right checksums");
	check(same, "the data, its place and the lengths are right");
	check(flags, "FIN and PSH are the last one's");
	check(ids, "each has the next identification");
}

static void together(void)
{
	struct gso g;
	struct gro r = { .n = 0 };
	uint8_t out[2000];
	size_t got;
	make(5040);
	big[33] = 0x10;
	gso_begin(&g, big, 5040, 1000);
	while ((got = gso_next(&g, out)) != 0)
		check(gro_add(&r, out, got), "a segment goes behind the one before");
	gro_seal(&r);
	check(r.n == 5040 && r.segment == 1000 && memcmp(r.b + 40, big + 40, 5000) == 0, "together it is what it was");
}

static void refused(void)
{
	struct gso g;
	make(2000);
	check(!gso_begin(&g, big, 39, 100) && !gso_begin(&g, big, 40, 100), "no data is nothing to take apart");
	check(!gso_begin(&g, big, 2000, 0), "nor are segments of nothing");
	big[9] = 17;
	check(!gso_begin(&g, big, 2000, 100), "nor is UDP");
	make(2000);
	big[32] = 0x40;
	check(!gso_begin(&g, big, 2000, 100), "nor a header that is too short");
	big[32] = 0xf0;
	check(!gso_begin(&g, big, 60, 100), "nor one that is all of it");
	check(!gso_sum(big, 100, 20, 79) && !gso_sum(big, 100, 100, 0) && !gso_sum(big, 100, 10, 0), "a checksum has its place within");
}

static void summed(void)
{
	uint8_t udp[40] = { 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 7, 0, 7, 0, 20 }, tail[4] = { 0, 17, 0, 20 };
	put16(udp, 26, sum_add(sum_of(udp + 12, 8), sum_of(tail, 4)));
	check(gso_sum(udp, sizeof udp, 20, 6), "a checksum that was left to the device is finished");
	uint16_t is = get16(udp, 26);
	put16(udp, 26, 0);
	uint16_t own = sum_add(sum_add(sum_of(udp + 12, 8), sum_of(tail, 4)), sum_of(udp + 20, 20));
	check(sum_add(own, is) == 0xffff, "as RFC 768 has it");
}

int main(void)
{
	apart(3040, 1000, 3);
	apart(3041, 1000, 4);
	apart(41, 1460, 1);
	apart(8800, 1395, 7);
	together();
	refused();
	summed();
	return tap_done();
}
