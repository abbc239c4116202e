/* chap.c - CHAP packets: what can be read can be written again. */
#include "fuzz/fuzz.h"
#include "wire/chap.h"

#include <stdlib.h>

static bool inside(struct view v, const uint8_t *p, size_t n)
{
	return v.n == 0 || ((const uint8_t *)v.p >= p && (const uint8_t *)v.p + v.n <= p + n);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct chap chap, again;
	const char *why;
	uint8_t b[CHAP_PACKET_MAX], hash[CHAP_HASH];
	struct out o = out_of(b, sizeof b);
	struct secret s = { .n = 3, .b = "abc" };
	if (chap_parse(p, n, &chap, &why) < 0)
		return;
	if (!inside(chap.name, p, n) || !inside(chap.value, p, n) || !inside(chap.message, p, n))
		abort();
	if (chap.value.n && n % 16 == 0 && !chap_hash(chap.id, &s, chap.value, hash))
		abort();
	chap_write(&o, &chap);
	if (o.bad || chap_parse(b, out_len(&o), &again, &why) != 1 || again.code != chap.code ||
	    !view_eq(again.name, chap.name) || !view_eq(again.value, chap.value))
		abort();
}
