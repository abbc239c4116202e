/* ipcp.h - IPCP (RFC 1332) with the one option that is spoken: IP-Address. All
 * else (Van Jacobson compression, name servers) is Configure-Rejected.
 * Addresses here are numbers in host order. */
#ifndef SP_WIRE_IPCP_H
#define SP_WIRE_IPCP_H

#include "wire/cp.h"

#define IPCP_PROTOCOL 0x8021
enum ipcp_row { IPCP_ROW_ADDRESS };

extern const struct cp_kind ipcp_kind;

/* local: ours, 0: ask the peer for one. peer: what the peer is given when it
 * asks, and the only one it may have; 0: whatever unicast address it says, and
 * it must say one. After cp_init. */
void ipcp_want(struct cp *ipcp, uint32_t local, uint32_t peer);

/* An address that a host can have: not in 0/8, 127/8, 224/4, 240/4. */
bool ipcp_unicast(uint32_t a);

#endif
