/* ipcp.h - IPCP (RFC 1332) with two options: IP-Address, and Van Jacobson's
 * IP-Compression-Protocol. All else (name servers) is Configure-Rejected.
 * Addresses here are numbers in host order. */
#ifndef SP_WIRE_IPCP_H
#define SP_WIRE_IPCP_H

#include "wire/cp.h"

#define IPCP_PROTOCOL 0x8021
enum ipcp_row { IPCP_ROW_ADDRESS, IPCP_ROW_VJ };

extern const struct cp_kind ipcp_kind;

struct ipcp_wish {
	uint32_t local; /* ours, 0: ask the peer for one */
	uint32_t peer;  /* what the peer is given when it asks, and the only one it may have;
	                 * 0: whatever unicast address it says, and it must say one */
	bool vj;        /* ask for compressed headers, and send them to who asks */
};
void ipcp_want(struct cp *ipcp, const struct ipcp_wish *w); /* after cp_init */

/* The value of IPCP_ROW_VJ: what its side can read. 0: nothing compressed. */
unsigned ipcp_vj_slots(uint32_t v);
bool ipcp_vj_omits(uint32_t v); /* packets that do not say their slot, too */

/* An address that a host can have: not in 0/8, 127/8, 224/4, 240/4. */
bool ipcp_unicast(uint32_t a);

#endif
