/* ipcp.c - IP-Address, RFC 1332, 3.3. A peer that asks for 0.0.0.0 is Nakked
 * with the address for it, or told by a Reject that there is none.
 * cp->suggest: the address for the peer; cp->allow: 1 when our own may change.
 * CP_CLASH: the peer wants us to have an address that we cannot have. */
#include "wire/ipcp.h"

bool ipcp_unicast(uint32_t a)
{
	return a >> 24 != 0 && a >> 24 != 127 && a >> 28 != 14 && a >> 28 != 15;
}

static uint32_t parse(struct cur *c) { return cur_u32(c); }
static void write(struct out *o, uint32_t v) { out_u32(o, v); }

static enum cp_verdict judge(struct cp *ipcp, uint32_t *v)
{
	uint32_t wanted = *v;
	if (ipcp->suggest == 0)
		return ipcp_unicast(wanted) && wanted != ipcp->ours[IPCP_ROW_ADDRESS] ? CP_ACK : CP_REJ;
	*v = ipcp->suggest;
	return wanted == ipcp->suggest ? CP_ACK : CP_NAK;
}

static void nakked(struct cp *ipcp, uint32_t hint)
{
	if (ipcp->allow && ipcp_unicast(hint))
		ipcp->ours[IPCP_ROW_ADDRESS] = hint;
	else
		ipcp->trouble |= CP_CLASH;
}

static uint32_t demand(struct cp *ipcp, uint32_t suggest[CP_OPTIONS_MAX])
{
	suggest[IPCP_ROW_ADDRESS] = ipcp->suggest;
	return 1u << IPCP_ROW_ADDRESS;
}

static const struct cp_option option[] = {
	[IPCP_ROW_ADDRESS] = { 3, 6, 6, "IP-Address", 0, parse, write, judge, nakked },
};

const struct cp_kind ipcp_kind = { IPCP_PROTOCOL, "IPCP", option, 1, demand, NULL };

void ipcp_want(struct cp *ipcp, uint32_t local, uint32_t peer)
{
	ipcp->ours[IPCP_ROW_ADDRESS] = local;
	ipcp->ask = 1u << IPCP_ROW_ADDRESS;
	ipcp->allow = local == 0;
	ipcp->suggest = peer;
}
