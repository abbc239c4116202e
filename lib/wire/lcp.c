/* lcp.c - LCP's options as rows, and the codes beyond those that every control
 * protocol has. A looped-back line is known by our own magic number coming
 * back (RFC 1661, 6.4); cp->trouble says so; CP_CLASH: the peer knows no method that we demand;
 * CP_REFUSED: we refused one that it demanded.
 * cp->allow: methods that the peer may demand; cp->suggest: methods that we do. */
#include "wire/lcp.h"

#include <string.h>

#define LOOPS_MAX 4 /* so many requests with our own magic number: it is a loop */

static uint32_t parse_16(struct cur *c) { return cur_u16(c); }
static uint32_t parse_32(struct cur *c) { return cur_u32(c); }
static uint32_t parse_flag(struct cur *c) { (void)c; return 1; }
static void write_16(struct out *o, uint32_t v) { out_u16(o, (uint16_t)v); }
static void write_32(struct out *o, uint32_t v) { out_u32(o, v); }
static void write_flag(struct out *o, uint32_t v) { (void)o; (void)v; }

static const struct { uint32_t value; unsigned method; } auth[] = { /* the best first */
	{ LCP_AUTH_MSCHAP, LCP_MSCHAP }, { LCP_AUTH_CHAP, LCP_CHAP }, { LCP_AUTH_PAP, LCP_PAP },
};

unsigned lcp_auth_method(uint32_t v)
{
	for (size_t i = 0; i < sizeof auth / sizeof *auth; i++)
		if (auth[i].value == v)
			return auth[i].method;
	return 0;
}

uint32_t lcp_auth_value(unsigned methods)
{
	for (size_t i = 0; i < sizeof auth / sizeof *auth; i++)
		if (auth[i].method & methods)
			return auth[i].value;
	return 0;
}

/* PAP has two bytes, CHAP three; anything else is a value that nobody has. */
static uint32_t parse_auth(struct cur *c)
{
	size_t n = cur_left(c);
	uint32_t v = (uint32_t)cur_u16(c) << 8;
	return n == 2 ? v : n == 3 ? v | cur_u8(c) : 0xffffffffu;
}

static void write_auth(struct out *o, uint32_t v)
{
	out_u16(o, (uint16_t)(v >> 8));
	if (v & 0xff)
		out_u8(o, (uint8_t)(v & 0xff));
}

static enum cp_verdict judge_any(struct cp *lcp, uint32_t *v)
{
	(void)lcp;
	(void)v;
	return CP_ACK;
}

static enum cp_verdict judge_mru(struct cp *lcp, uint32_t *v)
{
	(void)lcp;
	if (*v >= LCP_MRU_MIN)
		return CP_ACK;
	*v = LCP_MRU_MIN;
	return CP_NAK;
}

static enum cp_verdict judge_auth(struct cp *lcp, uint32_t *v)
{
	if (lcp_auth_method(*v) & lcp->allow)
		return CP_ACK;
	lcp->trouble |= CP_REFUSED;
	*v = lcp_auth_value(lcp->allow);
	return lcp->allow ? CP_NAK : CP_REJ;
}

static enum cp_verdict judge_magic(struct cp *lcp, uint32_t *v)
{
	bool own = *v == lcp->ours[LCP_ROW_MAGIC] && lcp->ask >> LCP_ROW_MAGIC & 1;
	lcp->loops = own ? lcp->loops + 1 : 0;
	if (lcp->loops >= LOOPS_MAX)
		lcp->trouble |= CP_LOOPED;
	if (!own && *v != 0)
		return CP_ACK;
	*v = lcp->ops->random(lcp->arg) | 1;
	return CP_NAK;
}

static void nakked_mru(struct cp *lcp, uint32_t hint)
{
	if (hint >= LCP_MRU_MIN && hint <= LCP_MRU)
		lcp->ours[LCP_ROW_MRU] = hint;
	else
		lcp->ask &= ~(1u << LCP_ROW_MRU);
}

static void nakked_accm(struct cp *lcp, uint32_t hint)
{
	lcp->ours[LCP_ROW_ACCM] |= hint;
}

static void nakked_auth(struct cp *lcp, uint32_t hint)
{
	if (lcp_auth_method(hint) & lcp->suggest)
		lcp->ours[LCP_ROW_AUTH] = hint;
	else
		lcp->trouble |= CP_CLASH;
}

static void nakked_magic(struct cp *lcp, uint32_t hint)
{
	(void)hint;
	lcp->ours[LCP_ROW_MAGIC] = lcp->ops->random(lcp->arg) | 1;
}

static void nakked_flag(struct cp *lcp, uint32_t hint)
{
	(void)lcp; /* a flag has no other value: whoever Naks it means Reject */
	(void)hint;
}

static const struct cp_option option[] = {
	[LCP_ROW_MRU] = { 1, 4, 4, "MRU", LCP_MRU, parse_16, write_16, judge_mru, nakked_mru },
	[LCP_ROW_ACCM] = { 2, 6, 6, "ACCM", 0xffffffffu, parse_32, write_32, judge_any, nakked_accm },
	[LCP_ROW_AUTH] = { 3, 4, 255, "Authentication-Protocol", 0, parse_auth, write_auth, judge_auth, nakked_auth },
	[LCP_ROW_MAGIC] = { 5, 6, 6, "Magic-Number", 0, parse_32, write_32, judge_magic, nakked_magic },
	[LCP_ROW_PFC] = { 7, 2, 2, "PFC", 0, parse_flag, write_flag, judge_any, nakked_flag },
	[LCP_ROW_ACFC] = { 8, 2, 2, "ACFC", 0, parse_flag, write_flag, judge_any, nakked_flag },
};

/* -- codes */

/* Our magic number in what the peer sends: it is ourselves. */
static bool looped(struct cp *lcp, uint32_t magic)
{
	bool own = lcp->state == CP_OPENED && magic != 0 && magic == lcp->ours[LCP_ROW_MAGIC];
	if (own)
		lcp->trouble |= CP_LOOPED;
	return own;
}

static int echo_request(struct cp *lcp, struct cur body)
{
	struct out o = out_of(lcp->reply, sizeof lcp->reply);
	bool own = looped(lcp, cur_u32(&body));
	size_t n = cur_left(&body);
	if (body.bad || own || n > CP_PACKET_MAX - 8)
		return -1;
	out_u8(&o, CP_ECHO_REP);
	out_u8(&o, lcp->peer_id);
	out_u16(&o, (uint16_t)(n + 8));
	out_u32(&o, lcp->ours[LCP_ROW_MAGIC]);
	out_bytes(&o, cur_bytes(&body, n), n);
	lcp->reply_n = out_len(&o);
	return CP_RXR;
}

static int protocol_reject(struct cp *lcp, struct cur body)
{
	uint16_t protocol = cur_u16(&body);
	if (body.bad || lcp->state != CP_OPENED)
		return -1;
	lcp->rejected = protocol;
	return protocol == LCP_PROTOCOL ? CP_RXJ_MINUS : CP_RXJ_PLUS;
}

static int other_code(struct cp *lcp, uint8_t code, struct cur body)
{
	switch (code) {
	case CP_PROTO_REJ: return protocol_reject(lcp, body);
	case CP_ECHO_REQ: return echo_request(lcp, body);
	case CP_ECHO_REP: return looped(lcp, cur_u32(&body)) ? -1 : CP_RXR;
	case CP_DISCARD: return CP_RXR;
	default: return CP_RUC;
	}
}

const struct cp_kind lcp_kind = {
	LCP_PROTOCOL, "LCP", option, sizeof option / sizeof option[0], NULL, other_code,
};

void lcp_want(struct cp *lcp, const struct lcp_wish *w)
{
	lcp->ours[LCP_ROW_MRU] = w->mru;
	lcp->ours[LCP_ROW_ACCM] = w->accm;
	lcp->ours[LCP_ROW_AUTH] = lcp_auth_value(w->demand);
	lcp->ours[LCP_ROW_MAGIC] = lcp->ops->random(lcp->arg) | 1;
	lcp->ask = 1u << LCP_ROW_ACCM | 1u << LCP_ROW_MAGIC | 1u << LCP_ROW_PFC | 1u << LCP_ROW_ACFC;
	if (w->mru != LCP_MRU)
		lcp->ask |= 1u << LCP_ROW_MRU;
	if (w->demand)
		lcp->ask |= 1u << LCP_ROW_AUTH;
	lcp->suggest = w->demand;
	lcp->allow = w->allow;
}

void lcp_echo(struct cp *lcp)
{
	uint8_t magic[4];
	struct out o = out_of(magic, sizeof magic);
	out_u32(&o, lcp->ours[LCP_ROW_MAGIC]);
	cp_send(lcp, CP_ECHO_REQ, ++lcp->reject_id, magic, sizeof magic);
}

void lcp_reject_protocol(struct cp *lcp, uint16_t protocol, const void *info, size_t n)
{
	uint8_t b[CP_PACKET_MAX];
	size_t room = lcp->theirs[LCP_ROW_MRU] < sizeof b ? lcp->theirs[LCP_ROW_MRU] : sizeof b;
	struct out o = out_of(b, sizeof b);
	if (lcp->state != CP_OPENED)
		return;
	out_u16(&o, protocol);
	out_bytes(&o, info, n > room - 6 ? room - 6 : n);
	cp_send(lcp, CP_PROTO_REJ, ++lcp->reject_id, b, out_len(&o));
}
