/* ipcp.c - IPCP packets, giving an address and asking for one. */
#include "fuzz/cp_fuzz.h"
#include "wire/ipcp.h"

void fuzz_one(const uint8_t *p, size_t n)
{
	struct cp cp;
	uint32_t seed = (uint32_t)n;
	cp_init(&cp, &ipcp_kind, &fuzz_ops, &seed);
	ipcp_want(&cp, &(struct ipcp_wish){ n & 1 ? 0xc0000201 : 0, n & 2 ? 0xc0000202 : 0, n & 4 });
	cp_fuzz(&cp, p, n);
	uint32_t theirs = cp.theirs[IPCP_ROW_ADDRESS];
	if (theirs && (!ipcp_unicast(theirs) || (n & 2 && theirs != 0xc0000202)))
		abort();
	if (ipcp_vj_slots(cp.ours[IPCP_ROW_VJ]) > 16 || (!(n & 4) && (cp.ours[IPCP_ROW_VJ] || cp.theirs[IPCP_ROW_VJ])))
		abort();
}
