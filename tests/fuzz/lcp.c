/* lcp.c - LCP packets, both roles. */
#include "fuzz/cp_fuzz.h"
#include "wire/lcp.h"

void fuzz_one(const uint8_t *p, size_t n)
{
	struct cp cp;
	uint32_t seed = (uint32_t)n;
	bool answerer = n & 1;
	cp_init(&cp, &lcp_kind, &fuzz_ops, &seed);
	lcp_want(&cp, &(struct lcp_wish){ .mru = answerer ? 576 : LCP_MRU, .demand = answerer ? LCP_CHAP | LCP_PAP : 0u,
	                                  .allow = answerer ? 0u : n & 2 ? LCP_MSCHAP : LCP_CHAP });
	cp_fuzz(&cp, p, n);
	lcp_reject_protocol(&cp, 0x8057, p, n);
}
