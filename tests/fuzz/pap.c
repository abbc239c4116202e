/* pap.c - PAP packets: what can be read can be written again. */
#include "fuzz/fuzz.h"
#include "wire/pap.h"

#include <stdlib.h>

static bool inside(struct view v, const uint8_t *p, size_t n)
{
	return v.n == 0 || ((const uint8_t *)v.p >= p && (const uint8_t *)v.p + v.n <= p + n);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct pap pap, again;
	const char *why;
	uint8_t b[PAP_PACKET_MAX];
	struct out o = out_of(b, sizeof b);
	if (pap_parse(p, n, &pap, &why) < 0)
		return;
	if (!inside(pap.name, p, n) || !inside(pap.password, p, n) || !inside(pap.message, p, n))
		abort();
	pap_write(&o, &pap);
	if (o.bad || pap_parse(b, out_len(&o), &again, &why) != 1 || again.code != pap.code ||
	    !view_eq(again.name, pap.name) || !view_eq(again.password, pap.password))
		abort();
}
