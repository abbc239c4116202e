/* ccp.c - CCP packets: what is agreed has a window, what is told is of both kinds only. */
#include "fuzz/cp_fuzz.h"
#include "wire/ccp.h"

void fuzz_one(const uint8_t *p, size_t n)
{
	struct cp cp;
	uint32_t seed = (uint32_t)n;
	cp_init(&cp, &ccp_kind, &fuzz_ops, &seed);
	ccp_want(&cp);
	cp_fuzz(&cp, p, n);
	uint32_t ours = cp.ours[CCP_ROW_DEFLATE], theirs = cp.theirs[CCP_ROW_DEFLATE];
	if ((ours && !ccp_window(ours)) || (theirs && ccp_window(theirs) < 9) || cp.trouble & ~24u)
		abort();
}
