/* ppp_auth.c - who is calling: PAP (RFC 1334) and CHAP (RFC 1994) with MD5 or
 * as MS-CHAPv2 (ppp_mschap.c), both roles. Each Challenge has an Identifier and a value of its own, also when it
 * is repeated; a Response to an earlier one is dropped. A request that comes
 * again after the verdict gets the same verdict, unless the owner wants to look at
 * each password of PAP. A verdict that comes after
 * LCP began anew belongs to nobody and is dropped. */
#include "engine/ppp_link.h"

#define TRIES_MAX 10

_Static_assert((int)PPP_PAP == LCP_PAP && (int)PPP_CHAP == LCP_CHAP && (int)PPP_MSCHAP == LCP_MSCHAP, "the same bits");

static const struct view no_text;
static bool is_chap(const struct auth *a) { return a->method != PPP_PAP; }
static size_t challenge_size(const struct auth *a) { return a->method == PPP_MSCHAP ? MSCHAP_CHALLENGE : CHAP_VALUE; }
static size_t response_size(const struct auth *a) { return a->method == PPP_MSCHAP ? MSCHAP_VALUE : CHAP_HASH; }

static void auth_packet(struct ppp *p, uint16_t protocol, struct out *o)
{
	if (o->bad)
		ppp_close(p, p->now, PPP_AUTH_METHOD); /* name or secret too long for this method */
	else
		link_send(p, protocol, o->base, out_len(o));
}

static void send_pap(struct ppp *p, enum pap_code code, struct view message)
{
	uint8_t b[PAP_PACKET_MAX];
	struct out o = out_of(b, sizeof b);
	struct pap pap = { .code = code, .id = p->auth.id, .message = message };
	if (code == PAP_REQUEST) {
		pap.name = view_of(p->name);
		pap.password = secret_view(&p->secret);
	}
	pap_write(&o, &pap);
	auth_packet(p, PAP_PROTOCOL, &o);
	explicit_bzero(b, sizeof b);
}

static void send_chap(struct ppp *p, enum chap_code code, struct view message)
{
	uint8_t b[CHAP_PACKET_MAX];
	struct out o = out_of(b, sizeof b);
	struct chap chap = { .code = code, .id = p->auth.id, .name = view_of(p->name), .message = message };
	chap.value.p = (const char *)p->auth.value;
	chap.value.n = code == CHAP_CHALLENGE ? challenge_size(&p->auth) : response_size(&p->auth);
	chap_write(&o, &chap);
	auth_packet(p, CHAP_PROTOCOL, &o);
}

static void send_challenge(struct ppp *p)
{
	p->auth.id++;
	link_random(p, p->auth.value, challenge_size(&p->auth));
	send_chap(p, CHAP_CHALLENGE, no_text);
}

static void tell(struct ppp *p, enum ppp_event_kind kind, struct view text)
{
	link_event(p, &(struct ppp_event){ .kind = kind, .method = p->auth.method, .text = text });
}

/* As it was said the first time, too. */
static void send_verdict(struct ppp *p)
{
	struct view message = { (const char *)p->auth.said, p->auth.said_n };
	if (p->auth.method == PPP_PAP)
		send_pap(p, p->auth.ok ? PAP_ACK : PAP_NAK, message);
	else
		send_chap(p, p->auth.ok ? CHAP_SUCCESS : CHAP_FAILURE, message);
}

/* What the peer is told, in the method's form; cut to what a packet holds. */
static void say_verdict(struct ppp *p, struct view text)
{
	struct out o = out_of(p->auth.said, sizeof p->auth.said);
	if (p->auth.method == PPP_MSCHAP && !p->auth.ok)
		ms_refusal(p, text, &o);
	else if (text.n > 0)
		out_bytes(&o, text.p, text.n < sizeof p->auth.said ? text.n : sizeof p->auth.said);
	p->auth.said_n = out_len(&o);
	send_verdict(p);
}

/* What comes for it from now on is too late. A secret that was refused is no use for who
 * begins anew; where nobody answered it may have been taken. */
static void renewed(struct ppp *p, bool ok, bool refused)
{
	if (refused)
		p->secret = p->auth.before;
	p->auth.state = AUTH_DONE;
	p->auth.timer = CLOCK_NEVER;
	p->auth.owed = false;
	p->auth.id++;
	link_event(p, &(struct ppp_event){ .kind = PPP_EV_RENEWED, .method = PPP_PAP, .ok = ok });
}

/* The verdict is known, here or from the peer. */
static void finish(struct ppp *p, bool ok, struct view message)
{
	p->auth.state = AUTH_DONE;
	p->auth.ok = ok;
	p->auth.timer = CLOCK_NEVER;
	if (p->conf.role == PPP_ANSWERER)
		say_verdict(p, message);
	if (p->conf.role == PPP_ANSWERER && p->auth.method == PPP_MSCHAP)
		message = no_text; /* a proof is nothing for people */
	tell(p, ok ? PPP_EV_AUTH_OK : PPP_EV_AUTH_FAILED, message);
	if (p->auth.owed)
		renewed(p, ok && p->auth.method == PPP_PAP, false);
	if (!ok)
		ppp_close(p, p->now, PPP_REFUSED);
	else if (p->phase == PHASE_AUTH)
		link_network(p);
}

void auth_reset(struct ppp *p)
{
	p->auth.owed |= p->auth.state == AUTH_RENEW;
	p->auth.state = AUTH_NONE;
	p->auth.timer = CLOCK_NEVER;
	p->auth.stale = p->auth.asked;
	p->auth.responded = false;
	p->auth.tries = 0;
	p->auth.early = 0;
	p->auth.method = 0;
}

/* Sends what our side sends first; waits. */
static void attempt(struct ppp *p)
{
	struct auth *a = &p->auth;
	bool first = a->tries++ == 0, answerer = p->conf.role == PPP_ANSWERER;
	a->timer = p->now + p->conf.restart;
	if (a->tries > TRIES_MAX && a->state == AUTH_RENEW) {
		renewed(p, false, false); /* the link is up, and may well be without */
	} else if (a->tries > TRIES_MAX) {
		ppp_close(p, p->now, PPP_SILENT);
	} else if (answerer && is_chap(a)) {
		send_challenge(p);
	} else if (!answerer && a->method == PPP_PAP) {
		a->id++;
		if (first)
			tell(p, PPP_EV_AUTHENTICATING, no_text);
		send_pap(p, PAP_REQUEST, no_text);
	} else if (a->responded) {
		send_chap(p, CHAP_RESPONSE, no_text);
	}
}

void auth_begin(struct ppp *p)
{
	unsigned m = lcp_auth_method(p->conf.role == PPP_ANSWERER ? p->lcp.ours[LCP_ROW_AUTH] :
	                             p->lcp.theirs[LCP_ROW_AUTH]);
	auth_reset(p);
	if (m == 0) {
		link_network(p);
		return;
	}
	p->auth.method = m; /* the same bits */
	p->auth.state = AUTH_WAIT;
	attempt(p);
}

void auth_tick(struct ppp *p)
{
	if (p->auth.timer <= p->now)
		attempt(p);
}

/* -- the answerer */

/* Who comes back on a link that was up is who it came up with. */
static bool is_same(struct ppp *p, struct view name)
{
	if (p->ip_told)
		return view_eq(name, view_of(p->auth.who));
	view_str(name, p->auth.who, sizeof p->auth.who); /* one with a NUL in it is nobody's */
	return true;
}

static void ask(struct ppp *p, const struct ppp_check *c)
{
	if (p->auth.asked)
		return; /* the verdict on an earlier question is still to come */
	if (!is_same(p, c->name)) {
		finish(p, false, view_of("another name"));
		return;
	}
	p->auth.state = AUTH_ASKED;
	p->auth.asked = true;
	p->auth.stale = false;
	p->auth.timer = CLOCK_NEVER;
	tell(p, PPP_EV_NAME, c->name);
	if (p->auth.state == AUTH_ASKED && p->phase == PHASE_AUTH)
		p->ops.check(p->arg, c);
}

bool ppp_verdict_due(const struct ppp *p)
{
	return p->auth.asked && !p->auth.stale && p->auth.state == AUTH_ASKED && p->phase == PHASE_AUTH;
}

void ppp_verdict(struct ppp *p, int64_t now, bool ok, const char *message)
{
	bool due = ppp_verdict_due(p);
	struct view text = message ? view_of(message) : no_text;
	p->now = now;
	p->auth.asked = false;
	if (due && p->auth.method == PPP_MSCHAP && !ms_proves(text))
		ok = false;
	if (due)
		finish(p, ok, text);
}

static void ask_again(struct ppp *p, const struct ppp_check *c)
{
	if (p->ops.again && p->auth.ok && p->phase == PHASE_NETWORK && p->ip_told)
		send_pap(p, is_same(p, c->name) && p->ops.again(p->arg, c) ? PAP_ACK : PAP_NAK, no_text);
	else
		send_verdict(p);
}

static void pap_request(struct ppp *p, const struct pap *pap)
{
	struct ppp_check c = { .method = PPP_PAP, .name = pap->name, .password = pap->password };
	p->auth.id = pap->id; /* the answer goes to the latest */
	if (p->auth.state == AUTH_DONE)
		ask_again(p, &c);
	else if (p->auth.state == AUTH_WAIT)
		ask(p, &c);
}

static void chap_response(struct ppp *p, const struct chap *chap)
{
	if (chap->id != p->auth.id || chap->value.n != response_size(&p->auth))
		return;
	if (p->auth.state == AUTH_DONE) {
		send_verdict(p);
	} else if (p->auth.state == AUTH_WAIT) {
		struct ppp_check c = { .method = p->auth.method, .name = chap->name, .chap_id = chap->id };
		c.challenge = (struct view){ (const char *)p->auth.value, challenge_size(&p->auth) };
		c.response = chap->value;
		ask(p, &c);
	}
}

/* -- the caller */

static const char *md5_respond(struct ppp *p, const struct chap *chap)
{
	return chap_hash(chap->id, &p->secret, chap->value, p->auth.value) ? NULL : "OpenSSL has no MD5";
}

static void chap_challenge(struct ppp *p, const struct chap *chap)
{
	const char *why = p->auth.method == PPP_MSCHAP ? ms_respond(p, chap) : md5_respond(p, chap);
	if (why) {
		tell(p, PPP_EV_AUTH_FAILED, view_of(why));
		ppp_close(p, p->now, PPP_AUTH_METHOD);
		return;
	}
	p->auth.id = chap->id;
	if (p->auth.state == AUTH_WAIT) {
		p->auth.timer = p->now + p->conf.restart;
		if (!p->auth.responded)
			tell(p, PPP_EV_AUTHENTICATING, no_text);
	}
	p->auth.responded = true;
	send_chap(p, CHAP_RESPONSE, no_text);
}

void ppp_renew(struct ppp *p, int64_t now, const struct secret *secret)
{
	p->now = now;
	p->auth.before = p->secret;
	p->secret = *secret;
	if (p->conf.role != PPP_CALLER || !p->ip_told)
		return;
	p->auth.owed = p->auth.state < AUTH_DONE; /* it is offered by who says anew who he is */
	if (p->auth.owed || p->auth.method != PPP_PAP || !p->auth.ok)
		return;
	p->auth.state = AUTH_RENEW;
	p->auth.tries = 0;
	attempt(p);
}

/* A verdict of the peer's counts once; a Failure at any time. */
static void peer_verdict(struct ppp *p, uint8_t id, bool ok, struct view message)
{
	if (id == p->auth.id && p->auth.state == AUTH_RENEW) {
		renewed(p, ok, !ok);
		return;
	}
	if (id != p->auth.id || (p->auth.state != AUTH_WAIT && ok))
		return;
	if (p->auth.method == PPP_MSCHAP)
		message = ms_heard(p, &ok, message);
	finish(p, ok, message);
}

static void pap_input(struct ppp *p, const uint8_t *info, size_t n)
{
	struct pap pap;
	const char *why;
	bool answerer = p->conf.role == PPP_ANSWERER;
	if (pap_parse(info, n, &pap, &why) < 0)
		p->stats.dropped++;
	else if (answerer && pap.code == PAP_REQUEST)
		pap_request(p, &pap);
	else if (!answerer && pap.code != PAP_REQUEST)
		peer_verdict(p, pap.id, pap.code == PAP_ACK, pap.message);
}

static void chap_input(struct ppp *p, const uint8_t *info, size_t n)
{
	struct chap chap;
	const char *why;
	bool answerer = p->conf.role == PPP_ANSWERER;
	if (chap_parse(info, n, &chap, &why) < 0)
		p->stats.dropped++;
	else if (answerer && chap.code == CHAP_RESPONSE)
		chap_response(p, &chap);
	else if (!answerer && chap.code == CHAP_CHALLENGE)
		chap_challenge(p, &chap);
	else if (!answerer && chap.code >= CHAP_SUCCESS && p->auth.responded)
		peer_verdict(p, chap.id, chap.code == CHAP_SUCCESS, chap.message);
}

void auth_input(struct ppp *p, const uint8_t *info, size_t n)
{
	if (p->auth.method == PPP_PAP)
		pap_input(p, info, n);
	else
		chap_input(p, info, n);
}
