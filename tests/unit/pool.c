/* pool.c - aliases and lines that are handed out; the pace of a line. */
#include "unit/tap.h"

#include "base/num.h"
#include "engine/pace.h"
#include "engine/pool.h"

#include <stdlib.h>

static void prefixes(void)
{
	static const struct { const char *text; uint32_t first, n; } good[] = {
		{ "10.200.0.0/24", 0x0ac80001, 254 }, { "10.0.0.0/16", 0x0a000001, 65534 },
		{ "10.0.0.4/30", 0x0a000005, 2 },     { "10.0.0.4/31", 0x0a000004, 2 },
		{ "10.0.0.7/32", 0x0a000007, 1 },
	};
	static const char *const bad[] = { "", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8", "10.0.0.1/24", "x/24", "10.0.0.0/24/1" };
	const char *why;
	struct pool p;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		check(pool_init_prefix(&p, good[i].text, &why) == 0 && p.first == good[i].first && p.n == good[i].n, "%s", good[i].text);
		pool_clear(&p);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		check(pool_init_prefix(&p, bad[i], &why) == -1, "not a pool: '%s' (%s)", bad[i], why);
}

static void handing_out(void)
{
	struct pool p;
	uint32_t a, b, c, d;
	check(pool_init(&p, 10, 3) == 0, "three");
	check(pool_take(&p, &a) && pool_take(&p, &b) && pool_take(&p, &c) && a == 10 && b == 11 && c == 12, "in order");
	check(!pool_take(&p, &d), "no fourth");
	pool_give(&p, 11);
	pool_give(&p, 11);
	pool_give(&p, 99);
	check(p.used == 2, "given back once");
	check(pool_take(&p, &d) && d == 11, "the free one");
	pool_give(&p, 10);
	pool_give(&p, 12);
	check(pool_take(&p, &d) && d == 12, "the next after the last, not the first");
	pool_clear(&p);
}

/* Bytes that go in a second when every wait takes 15 ms longer. */
static size_t pace_late(uint64_t bits)
{
	struct pace p;
	size_t sum = 0;
	pace_init(&p, bits, 1000);
	for (int64_t now = 1000; now < 2000; now = pace_next(&p, 1500) + 15) {
		size_t n = pace_may(&p, now);
		pace_took(&p, n);
		sum += n;
	}
	return sum;
}

/* Bytes that go in a second when as much is sent as may be. */
static size_t second(uint64_t bits, int64_t *calls)
{
	struct pace p;
	size_t sum = 0;
	int64_t now = 1000;
	pace_init(&p, bits, now);
	for (*calls = 0; now < 2000; ++*calls) {
		size_t n = pace_may(&p, now);
		pace_took(&p, n);
		sum += n;
		now = pace_next(&p, 1500);
	}
	return sum;
}

static void pacing(void)
{
	int64_t calls;
	static const uint64_t rates[] = { 300, 2400, 33600, 115200, 10000000 };
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		size_t n = second(rates[i], &calls), want = (size_t)(rates[i] / 10);
		check(n <= want && n + 16 >= want * 9 / 10, "%llu bit/s: %zu bytes in a second, in %lld goes", (unsigned long long)rates[i], n,
		      (long long)calls);
	}
	struct pace p;
	pace_init(&p, 33600, 0);
	check(pace_may(&p, 3600000) <= 134 + 1, "a rest saves up no more than a burst");
	check(pace_late(33600) > 3200 && pace_late(9600) > 900, "who wakes up late by some milliseconds loses nothing");
	pace_init(&p, 0, 0);
	check(pace_may(&p, 0) == SIZE_MAX && pace_next(&p, 1) == CLOCK_NEVER, "no speed declared: no pace");
}

int main(void)
{
	prefixes();
	handing_out();
	pacing();
	return tap_done();
}
