/* ipcp.c - IP-Address, RFC 1332, 3.3, and IP-Compression-Protocol, section 4. A peer
 * that asks for 0.0.0.0 is Nakked with the address for it, or told by a Reject that
 * there is none. Compression is what each side can read; who refuses ours gets packets
 * as they are.
 * cp->suggest: the address for the peer; cp->allow: bits, as below.
 * CP_CLASH: the peer wants us to have an address that we cannot have. */
#include "wire/ipcp.h"

#include "wire/vj.h"

enum { ALLOW_MOVE = 1, ALLOW_VJ = 2 }; /* our address may change; headers may be compressed */

#define VJ_PROTOCOL 0x002dul
#define VJ_VALUE (VJ_PROTOCOL << 16 | (VJ_SLOTS - 1) << 8 | 1)

unsigned ipcp_vj_slots(uint32_t v)
{
	return v >> 16 == VJ_PROTOCOL ? (v >> 8 & 0xff) + 1 : 0;
}

bool ipcp_vj_omits(uint32_t v)
{
	return v & 1;
}

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
	if (ipcp->allow & ALLOW_MOVE && ipcp_unicast(hint))
		ipcp->ours[IPCP_ROW_ADDRESS] = hint;
	else
		ipcp->trouble |= CP_CLASH;
}

static uint32_t demand(struct cp *ipcp, uint32_t suggest[CP_OPTIONS_MAX])
{
	suggest[IPCP_ROW_ADDRESS] = ipcp->suggest;
	return 1u << IPCP_ROW_ADDRESS;
}

static enum cp_verdict judge_vj(struct cp *ipcp, uint32_t *v)
{
	if (!(ipcp->allow & ALLOW_VJ))
		return CP_REJ;
	if (ipcp_vj_slots(*v) && (*v & 0xff) <= 1)
		return CP_ACK;
	*v = VJ_VALUE;
	return CP_NAK;
}

/* Fewer slots, or all of them said; what is not ours to give is asked no more. */
static void nakked_vj(struct cp *ipcp, uint32_t hint)
{
	bool good = ipcp_vj_slots(hint) && ipcp_vj_slots(hint) <= VJ_SLOTS && (hint & 0xff) <= 1;
	ipcp->ours[IPCP_ROW_VJ] = good ? hint : 0;
	if (!good)
		ipcp->ask &= ~(1u << IPCP_ROW_VJ);
}

static const struct cp_option option[] = {
	[IPCP_ROW_ADDRESS] = { 3, 6, 6, "IP-Address", 0, parse, write, judge, nakked },
	[IPCP_ROW_VJ] = { 2, 6, 6, "IP-Compression-Protocol", 0, parse, write, judge_vj, nakked_vj },
};

const struct cp_kind ipcp_kind = {
	IPCP_PROTOCOL, "IPCP", option, sizeof option / sizeof option[0], demand, NULL,
};

void ipcp_want(struct cp *ipcp, const struct ipcp_wish *w)
{
	ipcp->ours[IPCP_ROW_ADDRESS] = w->local;
	ipcp->ours[IPCP_ROW_VJ] = w->vj ? VJ_VALUE : 0;
	ipcp->ask = 1u << IPCP_ROW_ADDRESS | (w->vj ? 1u << IPCP_ROW_VJ : 0);
	ipcp->allow = (w->local == 0 ? ALLOW_MOVE : 0u) | (w->vj ? ALLOW_VJ : 0u);
	ipcp->suggest = w->peer;
}
