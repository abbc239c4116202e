/* ppp_phase.c - the phases of a link (RFC 1661, 3.2): LCP opens, authentication,
 * IPCP opens; and what ends it. A peer may negotiate anew on a link that is up, all of
 * it, who it is too; but with the same name and the same addresses, and not all day. */
#include "engine/ppp_link.h"

#include <arpa/inet.h>

#define REQUESTS_MAX 64 /* of ours; more and the peer only plays */
#define ANEW_MAX 8      /* negotiations of a link that was up, in this time: */
#define ANEW_WINDOW 60000 /* ms */

void link_down(struct ppp *p, enum ppp_reason reason)
{
	if (p->phase == PHASE_DOWN)
		return;
	p->phase = PHASE_DOWN;
	p->reason = reason;
	link_event(p, &(struct ppp_event){ .kind = PPP_EV_DOWN, .reason = reason });
}

/* -- LCP */

static void lcp_opened(struct ppp *p)
{
	const uint32_t *t = p->lcp.theirs;
	hdlc_map(&p->tx.map, t[LCP_ROW_ACCM]);
	p->tx.pfc = t[LCP_ROW_PFC];
	p->tx.acfc = t[LCP_ROW_ACFC];
	hdlc_map(&p->rx.map, p->lcp.ours[LCP_ROW_ACCM]);
	p->phase = PHASE_AUTH;
	p->echo_missed = 0;
	p->echo_at = p->conf.echo < 0 ? CLOCK_NEVER : p->now + p->conf.echo;
	link_event(p, &(struct ppp_event){ .kind = PPP_EV_LCP_UP });
	if (p->phase != PHASE_AUTH)
		return;
	if (p->lcp.refused >> LCP_ROW_AUTH & 1)
		ppp_close(p, p->now, PPP_AUTH_METHOD);
	else
		auth_begin(p);
}

/* The peer ended the link: was that about authentication? */
static enum ppp_reason peer_reason(const struct ppp *p)
{
	bool clash = p->lcp.trouble & CP_REFUSED && p->auth.state != AUTH_DONE;
	return clash ? PPP_AUTH_METHOD : p->lcp.event == CP_RXJ_MINUS ? PPP_PROTOCOL : PPP_PEER_CLOSED;
}

/* On a link that is up: false, that has been too often. */
static bool may_begin_anew(struct ppp *p)
{
	if (p->now - p->anew_since >= ANEW_WINDOW)
		p->anew = 0;
	if (p->anew++ == 0)
		p->anew_since = p->now;
	return p->anew <= ANEW_MAX;
}

static void begin_anew(struct ppp *p)
{
	auth_reset(p);
	comp_end(p);
	if (p->ipcp.state > CP_STARTING)
		cp_event(&p->ipcp, p->now, CP_DOWN);
	hdlc_map(&p->rx.map, HDLC_ACCM_ALL);
	if (p->phase == PHASE_NETWORK && p->ip_told)
		link_event(p, &(struct ppp_event){ .kind = PPP_EV_ANEW });
	if (p->phase != PHASE_CLOSING && p->phase != PHASE_DOWN)
		p->phase = PHASE_LINK;
}

/* LCP left Opened: the peer terminated, or negotiates anew. */
static void lcp_lost(struct ppp *p)
{
	if (!p->ip_told)
		p->echo_at = CLOCK_NEVER;
	if (p->phase == PHASE_CLOSING)
		return;
	if (p->lcp.state == CP_STOPPING)
		link_down(p, peer_reason(p)); /* our Terminate-Ack is in the output */
	else if (p->ip_told && !may_begin_anew(p))
		ppp_close(p, p->now, PPP_PROTOCOL);
	else
		begin_anew(p);
}

static void lcp_told(struct ppp *p, enum cp_action what)
{
	if (p->phase == PHASE_DOWN)
		return;
	if (what == CP_TLU)
		lcp_opened(p);
	else if (what == CP_TLD)
		lcp_lost(p);
	else if (what == CP_TLF)
		link_down(p, p->phase == PHASE_CLOSING ? p->reason : p->lcp.event == CP_TO_MINUS ? PPP_SILENT : PPP_PROTOCOL);
}

/* -- IPCP */

void link_network(struct ppp *p)
{
	p->phase = PHASE_NETWORK;
	ipcp_want(&p->ipcp, &(struct ipcp_wish){ ntohl(p->conf.local.s_addr), ntohl(p->conf.peer.s_addr), !p->conf.no_vj });
	cp_event(&p->ipcp, p->now, CP_UP);
	if (p->phase == PHASE_NETWORK)
		comp_begin(p);
}

static void addresses_agreed(struct ppp *p)
{
	struct in_addr peer = { htonl(p->ipcp.theirs[IPCP_ROW_ADDRESS]) }, local = p->conf.local;
	uint32_t mru = p->lcp.theirs[LCP_ROW_MRU];
	if (local.s_addr == 0)
		local.s_addr = htonl(p->ipcp.ours[IPCP_ROW_ADDRESS]);
	if (peer.s_addr == 0)
		peer = p->conf.peer;
	bool moved = p->ip_told && (local.s_addr != p->local.s_addr || peer.s_addr != p->peer.s_addr);
	struct ppp_event ev = { .kind = p->ip_told ? PPP_EV_RESUMED : PPP_EV_IP_UP, .local = local, .peer = peer,
		                .mtu = (uint16_t)(mru < LCP_MRU ? mru : LCP_MRU) };
	if (peer.s_addr == 0 || peer.s_addr == local.s_addr || moved) {
		ppp_close(p, p->now, PPP_ADDRESS);
		return;
	}
	p->ip_told = true;
	p->local = local;
	p->peer = peer;
	link_event(p, &ev);
}

static void ipcp_told(struct ppp *p, enum cp_action what)
{
	if (p->phase != PHASE_NETWORK)
		return;
	if (what == CP_TLU) {
		ip_opened(p);
		addresses_agreed(p);
	} else if (what == CP_TLD && p->ipcp.event == CP_RTR)
		ppp_close(p, p->now, PPP_PEER_CLOSED);
	else if (what == CP_TLD && p->ipcp.event != CP_DOWN && p->ip_told && !may_begin_anew(p))
		ppp_close(p, p->now, PPP_PROTOCOL);
	else if (what == CP_TLF)
		ppp_close(p, p->now, PPP_ADDRESS);
}

/* -- what the control protocols need of us */

static void cp_sends(void *arg, const struct cp *cp, const uint8_t *packet, size_t n)
{
	link_send(arg, cp->kind->protocol, packet, n);
}

static void cp_told(void *arg, struct cp *cp, enum cp_action what)
{
	struct ppp *p = arg;
	if (cp == &p->lcp)
		lcp_told(p, what);
	else if (cp == &p->ipcp)
		ipcp_told(p, what);
	else
		comp_told(p, what);
}

static uint32_t cp_random(void *arg)
{
	uint32_t v;
	link_random(arg, &v, sizeof v);
	return v;
}

const struct cp_ops link_cp_ops = { cp_sends, cp_told, cp_random };

/* -- what a packet may have brought to light */

static void protocol_rejected(struct ppp *p, uint16_t protocol)
{
	p->lcp.rejected = 0;
	if (protocol == VJ_COMPRESSED || protocol == VJ_UNCOMPRESSED)
		p->vj_tx.slots = 0;
	else if (protocol == CCP_PROTOCOL || protocol == DEFLATE_PROTOCOL)
		cp_event(&p->ccp, p->now, CP_RXJ_MINUS);
	else if (protocol == IPCP_PROTOCOL || protocol == VJ_IP)
		ppp_close(p, p->now, PPP_ADDRESS);
	else if (protocol == PAP_PROTOCOL || protocol == CHAP_PROTOCOL)
		ppp_close(p, p->now, PPP_AUTH_METHOD);
}

void link_supervise(struct ppp *p)
{
	if (p->phase == PHASE_CLOSING || p->phase == PHASE_DOWN)
		return;
	if (p->lcp.trouble & CP_LOOPED)
		link_down(p, PPP_LOOPED);
	else if (p->lcp.trouble & CP_CLASH && p->conf.role == PPP_ANSWERER)
		ppp_close(p, p->now, PPP_AUTH_METHOD);
	else if (p->lcp.event == CP_RTR && p->lcp.trouble & CP_REFUSED && p->phase == PHASE_LINK)
		ppp_close(p, p->now, PPP_AUTH_METHOD); /* we did not want what it insists on: it gave up */
	else if (p->lcp.event == CP_RTR && p->phase == PHASE_LINK && p->ip_told)
		link_down(p, PPP_PEER_CLOSED); /* it goes in the middle of it; our Terminate-Ack is in the output */
	else if (p->lcp.requests > REQUESTS_MAX || p->ipcp.requests > REQUESTS_MAX)
		ppp_close(p, p->now, PPP_PROTOCOL);
	else if (p->ipcp.trouble)
		ppp_close(p, p->now, PPP_ADDRESS);
	else if (p->lcp.rejected)
		protocol_rejected(p, p->lcp.rejected);
}
