/* cp.c - runs the table of cp_table.c: packets and time become events, actions
 * become packets. State and timer are set before anybody is told, and the
 * owner is told last, so that it may raise the next event at once.
 * Drops, with a reason: packets whose length does not fit, answers to a request
 * that was not sent. A cell that cannot happen is counted. */
#include "wire/cp_option.h"

#include "base/num.h"

#include <string.h>

void cp_init(struct cp *cp, const struct cp_kind *kind, const struct cp_ops *ops, void *arg)
{
	memset(cp, 0, sizeof *cp);
	cp->kind = kind;
	cp->ops = ops;
	cp->arg = arg;
	cp->timer = CLOCK_NEVER;
	cp->restart = 3000;
	for (unsigned i = 0; i < kind->options; i++)
		cp->ours[i] = cp->theirs[i] = kind->option[i].unsaid;
}

/* A packet as bytes; what does not fit is cut. Returns its length. */
static size_t packet(uint8_t *to, uint8_t code, uint8_t id, const void *body, size_t n)
{
	struct out o = out_of(to, CP_PACKET_MAX);
	if (n > CP_PACKET_MAX - 4)
		n = CP_PACKET_MAX - 4;
	out_u8(&o, code);
	out_u8(&o, id);
	out_u16(&o, (uint16_t)(n + 4));
	if (n > 0)
		out_bytes(&o, body, n);
	return out_len(&o);
}

void cp_send(struct cp *cp, uint8_t code, uint8_t id, const void *body, size_t n)
{
	uint8_t b[CP_PACKET_MAX];
	cp->ops->send(cp->arg, cp, b, packet(b, code, id, body, n));
}

static void send_reply(struct cp *cp)
{
	if (cp->reply_n > 0)
		cp->ops->send(cp->arg, cp, cp->reply, cp->reply_n);
}

static void send_request(struct cp *cp, bool again)
{
	if (!again)
		cp->id++; /* a repeated request may be answered late: its answer still counts */
	cp->requests++;
	cp_send(cp, CP_CONF_REQ, cp->id, cp->request, cp_request(cp));
}

static bool timed(enum cp_state s)
{
	return s >= CP_CLOSING && s <= CP_ACK_SENT;
}

/* The restart counter and timer. A negotiation that begins anew from Opened
 * has a full counter, though the RFC's cell has no irc. */
static void clockwork(struct cp *cp, unsigned a, enum cp_state from)
{
	bool enters = timed(cp->state) && !timed(from);
	if (a & CP_ZRC)
		cp->left = 0;
	else if (a & CP_IRC || enters)
		cp->left = a & CP_STR ? CP_MAX_TERMINATE : CP_MAX_CONFIGURE;
	if (a & (CP_SCR | CP_STR) && cp->left > 0)
		cp->left--;
	if (!timed(cp->state))
		cp->timer = CLOCK_NEVER;
	else if (enters || a & (CP_SCR | CP_STR))
		cp->timer = cp->now + cp->restart;
}

static void act(struct cp *cp, unsigned a, bool again)
{
	if (a & CP_SCR)
		send_request(cp, again);
	if (a & (CP_SCA | CP_SCN | CP_SCJ | CP_SER))
		send_reply(cp);
	if (a & CP_STR)
		cp_send(cp, CP_TERM_REQ, ++cp->id, NULL, 0);
	if (a & CP_STA)
		cp_send(cp, CP_TERM_ACK, cp->peer_id, NULL, 0);
	if (a & (CP_TLD | CP_TLS | CP_TLU | CP_TLF))
		cp->ops->told(cp->arg, cp, (enum cp_action)(a & (CP_TLD | CP_TLS | CP_TLU | CP_TLF)));
}

void cp_event(struct cp *cp, int64_t now, enum cp_event e)
{
	struct cp_cell cell = cp_table[e][cp->state];
	enum cp_state from = cp->state;
	cp->now = now;
	if (cell.next == CP_BLANK) {
		cp->blank++;
		return;
	}
	cp->event = e;
	cp->state = (enum cp_state)cell.next;
	clockwork(cp, cell.actions, from);
	act(cp, cell.actions, e == CP_TO_PLUS);
}

void cp_tick(struct cp *cp, int64_t now)
{
	if (cp->timer <= now)
		cp_event(cp, now, cp->left > 0 ? CP_TO_PLUS : CP_TO_MINUS);
}

/* -- packets: each reader returns its event, IGNORE, or -1 with a reason */

#define IGNORE CP_EVENTS

static int read_ack(struct cp *cp, struct cur body, const char **why)
{
	size_t n = cur_left(&body);
	const uint8_t *p = cur_bytes(&body, n);
	if (n == cp->request_n && memcmp(p, cp->request, n) == 0)
		return CP_RCA;
	*why = "Configure-Ack of options that were not asked";
	return -1;
}

static int read_answer(struct cp *cp, uint8_t code, struct cur body, const char **why)
{
	if (cp->peer_id != cp->id) {
		*why = "answer to another Configure-Request";
		return -1;
	}
	if (code == CP_CONF_ACK)
		return read_ack(cp, body, why);
	if (cp->state < CP_REQ_SENT)
		return CP_RCN;
	int rc = code == CP_CONF_NAK ? cp_nakked(cp, body, why) : cp_rejected(cp, body, why);
	return rc < 0 ? -1 : CP_RCN;
}

static int read_code_reject(struct cur body, const char **why)
{
	uint8_t code = cur_u8(&body);
	if (body.bad) {
		*why = "empty Code-Reject";
		return -1;
	}
	return code >= CP_CONF_REQ && code <= CP_CODE_REJ ? CP_RXJ_MINUS : CP_RXJ_PLUS;
}

static int read_request(struct cp *cp, struct cur body, const char **why)
{
	int rc = cp_judge(cp, cp->peer_id, body, why);
	return rc < 0 ? -1 : rc ? CP_RCR_PLUS : CP_RCR_MINUS;
}

static int read_other(struct cp *cp, uint8_t code, struct cur body)
{
	int e = cp->kind->code ? cp->kind->code(cp, code, body) : CP_RUC;
	return e < 0 ? IGNORE : e;
}

static int read_packet(struct cp *cp, uint8_t code, struct cur body, const char **why)
{
	switch (code) {
	case CP_CONF_REQ: return read_request(cp, body, why);
	case CP_CONF_ACK:
	case CP_CONF_NAK:
	case CP_CONF_REJ: return read_answer(cp, code, body, why);
	case CP_TERM_REQ: return CP_RTR;
	case CP_TERM_ACK: return CP_RTA;
	case CP_CODE_REJ: return read_code_reject(body, why);
	default: return read_other(cp, code, body);
	}
}

int cp_input(struct cp *cp, int64_t now, const uint8_t *p, size_t n, const char **why)
{
	struct cur c = cur_of(p, n);
	uint8_t code = cur_u8(&c);
	cp->peer_id = cur_u8(&c);
	size_t len = cur_u16(&c);
	struct cur body = cur_sub(&c, len < 4 ? SIZE_MAX : len - 4);
	int e = -1;
	cp->now = now;
	cp->reply_n = 0;
	*why = "packet length does not fit";
	if (!c.bad)
		e = read_packet(cp, code, body, why);
	if (e < 0) {
		cp->malformed++;
		return -1;
	}
	if (e == CP_RUC)
		cp->reply_n = packet(cp->reply, CP_CODE_REJ, ++cp->reject_id, p, len);
	if (e != IGNORE)
		cp_event(cp, now, (enum cp_event)e);
	return 1;
}
