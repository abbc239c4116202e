/* ppp_ccp.c - compression of a link's packets by deflate: negotiated by CCP, begun
 * anew after a loss, given up where losses are too many for it to pay. Whatever
 * happens to it, the link goes on without. */
#include "engine/ppp_link.h"

#define REQUESTS_MAX 64
#define ASK_AGAIN 1000 /* ms for a Reset-Ack */
#define RESETS_FREE 8  /* after these, one in so many packets is too many: */
#define RESETS_RATE 16

static void forget(struct ppp *p)
{
	deflate_tx_free(p->deflate_tx);
	deflate_rx_free(p->deflate_rx);
	p->deflate_tx = NULL;
	p->deflate_rx = NULL;
}

bool comp_wanted(const struct ppp_conf *c)
{
	return c->deflate == PPP_DEFLATE_ON ||
	       (c->deflate == PPP_DEFLATE_AUTO && c->speed > 0 && c->speed < PPP_DEFLATE_BELOW);
}

void comp_begin(struct ppp *p)
{
	comp_end(p);
	if (!comp_wanted(&p->conf))
		return;
	ccp_want(&p->ccp);
	cp_event(&p->ccp, p->now, CP_OPEN);
	cp_event(&p->ccp, p->now, CP_UP);
}

void comp_end(struct ppp *p)
{
	forget(p);
	cp_init(&p->ccp, &ccp_kind, &link_cp_ops, p);
	p->ccp.restart = p->conf.restart;
	p->unpacked = p->resets = 0;
	p->reset_at = 0;
}

/* Without it: both sides send packets as they are. */
static void give_up(struct ppp *p)
{
	if (p->ccp.state >= CP_REQ_SENT)
		cp_event(&p->ccp, p->now, CP_CLOSE);
}

void comp_told(struct ppp *p, enum cp_action what)
{
	forget(p);
	if (what != CP_TLU)
		return;
	unsigned theirs = ccp_window(p->ccp.theirs[CCP_ROW_DEFLATE]), ours = ccp_window(p->ccp.ours[CCP_ROW_DEFLATE]);
	if (theirs)
		p->deflate_tx = deflate_tx_new(theirs);
	if (ours)
		p->deflate_rx = deflate_rx_new(ours);
	if ((theirs && !p->deflate_tx) || (ours && !p->deflate_rx))
		give_up(p);
}

void comp_input(struct ppp *p, const uint8_t *info, size_t n)
{
	const char *why;
	cp_input(&p->ccp, p->now, info, n, &why);
	if (p->ccp.trouble & CCP_RESET_ASKED && p->deflate_tx) {
		deflate_tx_reset(p->deflate_tx);
		ccp_reset_ack(&p->ccp);
	}
	if (p->ccp.trouble & CCP_RESET_DONE && p->deflate_rx) {
		deflate_rx_reset(p->deflate_rx);
		p->reset_at = 0;
	}
	p->ccp.trouble = 0;
	if (p->ccp.requests > REQUESTS_MAX)
		give_up(p);
}

/* The thread is lost: asks, not for every packet, that both begin anew. */
static void lost(struct ppp *p)
{
	p->stats.dropped++;
	vj_rx_lost(&p->vj_rx);
	if (p->now < p->reset_at)
		return;
	p->reset_at = p->now + ASK_AGAIN;
	if (++p->resets > RESETS_FREE && p->unpacked < p->resets * RESETS_RATE)
		give_up(p);
	else
		ccp_reset_request(&p->ccp);
}

bool comp_unpack(struct ppp *p, struct hdlc_frame *f, uint8_t b[DEFLATE_PACKET_MAX])
{
	struct out o = out_of(b, DEFLATE_PACKET_MAX);
	const char *why;
	if (!p->deflate_rx) {
		p->stats.dropped++;
		return false;
	}
	if (deflate_unpack(p->deflate_rx, f->p, f->n, &f->protocol, &o, &why) != 1) {
		lost(p);
		return false;
	}
	p->unpacked++;
	f->p = b;
	f->n = out_len(&o);
	return true;
}

void comp_pass(struct ppp *p, const struct hdlc_frame *f)
{
	if (p->deflate_rx && deflate_takes(f->protocol))
		deflate_pass(p->deflate_rx, f->protocol, f->p, f->n);
}

void comp_send(struct ppp *p, uint16_t protocol, const uint8_t *info, size_t n)
{
	uint8_t b[DEFLATE_PACKET_MAX];
	struct out o = out_of(b, sizeof b);
	int rc = p->deflate_tx ? deflate_pack(p->deflate_tx, protocol, info, n, &o) : 0;
	if (rc == 1)
		link_send(p, DEFLATE_PROTOCOL, b, out_len(&o));
	else
		link_send(p, protocol, info, n);
	if (rc < 0)
		give_up(p);
}
