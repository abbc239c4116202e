/* ppp.c - a link: frames to and from its parts, beginning, time and end.
 * Bounded against a hostile peer: output, frames, requests before the link is
 * up or between two Echo-Requests, naks, the time for everything. */
#include "engine/ppp_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#define OUT_MAX 65536
#define EARLY_MAX 10 /* packets before anybody said who he is */

const char *ppp_reason_name(enum ppp_reason r)
{
	static const char *const name[] = {
		"closed", "peer-closed", "line-lost", "silent", "echo-lost",
		"refused", "auth-method", "looped", "address", "protocol",
	};
	return r < sizeof name / sizeof name[0] ? name[r] : "?";
}

void link_random(struct ppp *p, void *to, size_t n)
{
	if (p->ops.random)
		p->ops.random(p->arg, to, n);
	else if (getrandom(to, n, 0) != (ssize_t)n)
		abort(); /* under 256 bytes the kernel always has them */
}

void link_event(struct ppp *p, const struct ppp_event *ev)
{
	if (!p->ip_told || ev->kind >= PPP_EV_AUTH_FAILED)
		p->ops.event(p->arg, ev);
}

void link_send(struct ppp *p, uint16_t protocol, const void *info, size_t n)
{
	const struct hdlc_tx *tx = protocol == LCP_PROTOCOL ? &p->tx_plain : &p->tx;
	size_t before = p->out.len;
	if (hdlc_encode(&p->out, tx, protocol, info, n) != 0)
		p->stats.dropped++;
	p->stats.line_out += p->out.len - before;
}

/* -- frames */

static void unknown_protocol(struct ppp *p, const struct hdlc_frame *f)
{
	p->stats.rejected++;
	if (p->phase != PHASE_CLOSING)
		lcp_reject_protocol(&p->lcp, f->protocol, f->p, f->n);
}

/* Packets, compressed or not. */
static void data_input(struct ppp *p, const struct hdlc_frame *f)
{
	struct hdlc_frame g = *f;
	uint8_t b[DEFLATE_PACKET_MAX];
	bool packed = f->protocol == DEFLATE_PROTOCOL && comp_wanted(&p->conf);
	if (packed && !comp_unpack(p, &g, b))
		return;
	if (!packed)
		comp_pass(p, f);
	if (ip_protocol(p, g.protocol))
		ip_input(p, g.protocol, g.p, g.n);
	else
		unknown_protocol(p, &g);
}

static void network_input(struct ppp *p, struct cp *cp, const struct hdlc_frame *f)
{
	const char *why;
	if (p->phase != PHASE_NETWORK)
		p->stats.dropped++;
	else if (cp == &p->ccp)
		comp_input(p, f->p, f->n);
	else
		cp_input(cp, p->now, f->p, f->n, &why);
}

/* RFC 1661, 3.5: until it is known who the peer is, all else is discarded. One that only goes
 * on, as if nobody had asked, is not waited for. */
static void too_early(struct ppp *p)
{
	p->stats.dropped++;
	if (p->conf.role == PPP_ANSWERER && p->auth.state == AUTH_WAIT && !p->ip_told && ++p->auth.early > EARLY_MAX)
		ppp_close(p, p->now, PPP_AUTH_METHOD);
}

static void frame_input(struct ppp *p, const struct hdlc_frame *f)
{
	const char *why;
	unsigned method = f->protocol == PAP_PROTOCOL ? PPP_PAP : f->protocol == CHAP_PROTOCOL ? PPP_CHAP | PPP_MSCHAP : 0;
	p->echo_missed = 0;
	if (f->protocol == LCP_PROTOCOL)
		cp_input(&p->lcp, p->now, f->p, f->n, &why);
	else if (p->lcp.state != CP_OPENED)
		p->stats.dropped++; /* RFC 1661, 3.4: before LCP is open, all else is discarded */
	else if (p->phase == PHASE_AUTH && (f->protocol < 0x4000 || f->protocol == IPCP_PROTOCOL))
		too_early(p);
	else if (f->protocol < 0x4000)
		data_input(p, f);
	else if (f->protocol == CCP_PROTOCOL && comp_wanted(&p->conf))
		network_input(p, &p->ccp, f);
	else if (f->protocol == IPCP_PROTOCOL)
		network_input(p, &p->ipcp, f);
	else if (method & p->auth.method)
		auth_input(p, f->p, f->n);
	else
		unknown_protocol(p, f);
	link_supervise(p);
}

static void frame_lost(struct ppp *p)
{
	p->stats.bad_frames++;
	vj_rx_lost(&p->vj_rx);
}

void ppp_input(struct ppp *p, int64_t now, const void *line, size_t n)
{
	struct cur in = cur_of(line, n);
	struct hdlc_frame f;
	const char *why;
	int rc;
	p->now = now;
	p->stats.line_in += n;
	while (p->phase != PHASE_DOWN && p->phase != PHASE_NEW && (rc = hdlc_next(&p->rx, &in, &f, &why)) != 0)
		if (rc == 1)
			frame_input(p, &f);
		else
			frame_lost(p);
}

/* -- beginning, time and end */

static void defaults(struct ppp_conf *c)
{
	c->mru = c->mru == 0 || c->mru > LCP_MRU ? LCP_MRU : c->mru < LCP_MRU_MIN ? LCP_MRU_MIN : c->mru;
	if (c->auth == 0)
		c->auth = c->role == PPP_CALLER ? PPP_PAP | PPP_CHAP | PPP_MSCHAP : PPP_CHAP;
	if (c->restart == 0)
		c->restart = 3000;
	if (c->echo == 0)
		c->echo = 10000;
	if (c->echo > 0 && c->speed)
		c->echo += (int64_t)(PPP_AHEAD * 10000 / c->speed); /* ten bits a byte */
	if (c->echo_fails == 0)
		c->echo_fails = 3;
}

static void lcp_start(struct ppp *p, const struct ppp_conf *c)
{
	struct lcp_wish w = { .mru = c->mru, .accm = c->accm };
	if (c->role == PPP_ANSWERER)
		w.demand = c->auth;
	else if (c->secret)
		w.allow = c->auth;
	cp_init(&p->lcp, &lcp_kind, &link_cp_ops, p);
	cp_init(&p->ipcp, &ipcp_kind, &link_cp_ops, p);
	p->lcp.restart = p->ipcp.restart = c->restart;
	comp_end(p);
	lcp_want(&p->lcp, &w);
	link_random(p, &p->auth.id, sizeof p->auth.id);
}

struct ppp *ppp_new(const struct ppp_conf *conf, const struct ppp_ops *ops, void *arg)
{
	struct ppp *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->conf = *conf;
	p->ops = *ops;
	p->arg = arg;
	if (conf->name && !view_str(view_of(conf->name), p->name, sizeof p->name)) {
		free(p);
		errno = EMSGSIZE;
		return NULL;
	}
	if (conf->secret)
		p->secret = *conf->secret;
	defaults(&p->conf);
	buf_init(&p->out, OUT_MAX);
	hdlc_rx_init(&p->rx);
	hdlc_map(&p->tx_plain.map, HDLC_ACCM_ALL);
	p->tx = p->tx_plain;
	p->auth.timer = p->echo_at = CLOCK_NEVER;
	lcp_start(p, &p->conf);
	p->conf.name = NULL;
	p->conf.secret = NULL;
	return p;
}

void ppp_free(struct ppp *p)
{
	if (!p)
		return;
	comp_end(p);
	secret_clear(&p->secret);
	secret_clear(&p->auth.before);
	buf_clear(&p->out);
	explicit_bzero(p, sizeof *p);
	free(p);
}

void ppp_open(struct ppp *p, int64_t now)
{
	if (p->phase != PHASE_NEW)
		return;
	p->now = now;
	p->phase = PHASE_LINK;
	cp_event(&p->ipcp, now, CP_OPEN);
	cp_event(&p->lcp, now, CP_OPEN);
	cp_event(&p->lcp, now, CP_UP);
}

void ppp_close(struct ppp *p, int64_t now, enum ppp_reason reason)
{
	if (p->phase == PHASE_CLOSING || p->phase == PHASE_DOWN)
		return;
	p->now = now;
	p->phase = PHASE_CLOSING;
	p->reason = reason;
	p->auth.timer = p->echo_at = CLOCK_NEVER;
	p->ipcp.timer = p->ccp.timer = CLOCK_NEVER;
	cp_event(&p->lcp, now, CP_CLOSE);
	if (p->lcp.state == CP_INITIAL || p->lcp.state == CP_CLOSED)
		link_down(p, reason);
}

void ppp_line_lost(struct ppp *p, int64_t now)
{
	p->now = now;
	link_down(p, p->phase == PHASE_CLOSING ? p->reason : PPP_LINE_LOST);
}

/* While LCP is negotiated anew no echo may be asked for, but words are waited for all
 * the same. */
static void echo_tick(struct ppp *p)
{
	if (p->echo_at > p->now)
		return;
	p->echo_at = p->now + p->conf.echo;
	if (++p->echo_missed >= p->conf.echo_fails) {
		ppp_close(p, p->now, PPP_ECHO_LOST);
		link_down(p, PPP_ECHO_LOST); /* nobody is there to acknowledge */
		return;
	}
	if (p->lcp.state != CP_OPENED)
		return;
	p->lcp.requests = p->ipcp.requests = 0;
	lcp_echo(&p->lcp);
}

void ppp_tick(struct ppp *p, int64_t now)
{
	p->now = now;
	if (p->phase == PHASE_DOWN || p->phase == PHASE_NEW)
		return;
	cp_tick(&p->lcp, now);
	if (p->phase != PHASE_CLOSING && p->phase != PHASE_DOWN) {
		cp_tick(&p->ipcp, now);
		cp_tick(&p->ccp, now);
		auth_tick(p);
	}
	if (p->phase != PHASE_CLOSING && p->phase != PHASE_DOWN)
		echo_tick(p);
}

int64_t ppp_deadline(const struct ppp *p)
{
	const int64_t at[] = { p->lcp.timer, p->ipcp.timer, p->ccp.timer, p->auth.timer, p->echo_at };
	int64_t first = CLOCK_NEVER;
	for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
		first = at[i] < first ? at[i] : first;
	return p->phase == PHASE_DOWN || p->phase == PHASE_NEW ? CLOCK_NEVER : first;
}

bool ppp_is_down(const struct ppp *p) { return p->phase == PHASE_DOWN; }
struct buf *ppp_output(struct ppp *p) { return &p->out; }

const struct ppp_stats *ppp_stats(struct ppp *p)
{
	p->stats.blank_cells = p->lcp.blank + p->ipcp.blank + p->ccp.blank;
	return &p->stats;
}
