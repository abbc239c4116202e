/* ppp_ip.c - IP packets over a link: as they are, or with headers compressed (RFC 1144)
 * where the peer reads that. Both compressions are the last that happens to a packet
 * before it is framed: what they go by is what was sent before. */
#include "engine/ppp_link.h"
#include "wire/syn.h"

#include <errno.h>
#include <string.h>

static bool is_ipv4(const uint8_t *ip, size_t n)
{
	return n >= 20 && ip[0] >> 4 == 4;
}

bool ip_protocol(const struct ppp *p, uint16_t protocol)
{
	bool vj = protocol == VJ_COMPRESSED || protocol == VJ_UNCOMPRESSED;
	return protocol == VJ_IP || (vj && p->ipcp.ours[IPCP_ROW_VJ]);
}

void ip_opened(struct ppp *p)
{
	uint32_t theirs = p->ipcp.theirs[IPCP_ROW_VJ];
	vj_tx_init(&p->vj_tx, ipcp_vj_slots(theirs), ipcp_vj_omits(theirs));
	vj_rx_init(&p->vj_rx, ipcp_vj_slots(p->ipcp.ours[IPCP_ROW_VJ]));
	p->mss = p->conf.no_mss_clamp ? 0 : syn_mss(p->conf.speed);
	p->blank = !p->conf.no_ts_blank && p->conf.speed && p->conf.speed < SYN_SLOW;
}

/* On a slow line a SYN is not what it was: a copy, in b. At most LCP_MRU bytes. */
static const uint8_t *slow(const struct ppp *p, const uint8_t *ip, size_t n, uint8_t *b)
{
	if ((!p->mss && !p->blank) || n > LCP_MRU)
		return ip;
	memmove(b, ip, n);
	return syn_rewrite(b, n, p->mss, p->blank) ? b : ip;
}

void ip_input(struct ppp *p, uint16_t protocol, const uint8_t *info, size_t n)
{
	uint8_t b[LCP_MRU];
	struct out o = out_of(b, sizeof b);
	const char *why;
	bool open = p->phase == PHASE_NETWORK && p->ipcp.state == CP_OPENED;
	if (open && protocol != VJ_IP) {
		n = vj_expand(&p->vj_rx, protocol, info, n, &o, &why) == 1 ? out_len(&o) : 0;
		info = b;
	}
	if (!open || !is_ipv4(info, n)) {
		p->stats.dropped++;
		return;
	}
	p->stats.in_packets++;
	p->stats.in_bytes += n;
	p->ops.packet(p->arg, slow(p, info, n, b), n);
}

int ppp_send(struct ppp *p, const uint8_t *ip, size_t n)
{
	uint32_t mru = p->lcp.theirs[LCP_ROW_MRU];
	uint8_t b[LCP_MRU], own[LCP_MRU];
	struct out o = out_of(b, sizeof b);
	errno = p->phase != PHASE_NETWORK || p->ipcp.state != CP_OPENED ? ENOTCONN :
	        n > mru || n > LCP_MRU ? EMSGSIZE : !is_ipv4(ip, n) ? EINVAL :
	        p->out.len > PPP_OUT_HIGH ? ENOBUFS : 0;
	if (errno) {
		p->stats.dropped++;
		return -1;
	}
	ip = slow(p, ip, n, own);
	p->stats.out_packets++;
	p->stats.out_bytes += n;
	uint16_t protocol = p->vj_tx.slots ? vj_compress(&p->vj_tx, ip, n, &o) : VJ_IP;
	if (protocol == VJ_IP)
		comp_send(p, VJ_IP, ip, n);
	else
		comp_send(p, protocol, b, out_len(&o));
	return 0;
}
