/* ccp.c - the deflate option: window and method in one byte, then how loss is found
 * (0: by sequence numbers, the only way there is). Windows of 8 bits can be expanded
 * but not made, with zlib: a peer that asks for one is told 9. */
#include "wire/ccp.h"

#include "wire/deflate.h"

#define METHOD 8

static uint32_t value_of(unsigned window)
{
	return ((window - 8) << 4 | METHOD) << 8;
}

unsigned ccp_window(uint32_t v)
{
	unsigned window = (v >> 12) + 8;
	return (v >> 8 & 15) == METHOD && (v & 0xff) == 0 && window <= DEFLATE_WINDOW_MAX ? window : 0;
}

static uint32_t parse(struct cur *c) { return cur_u16(c); }
static void write(struct out *o, uint32_t v) { out_u16(o, (uint16_t)v); }

static enum cp_verdict judge(struct cp *ccp, uint32_t *v)
{
	unsigned window = ccp_window(*v);
	(void)ccp;
	if (window >= DEFLATE_WINDOW_MIN)
		return CP_ACK;
	*v = value_of(window ? DEFLATE_WINDOW_MIN : DEFLATE_WINDOW_MAX);
	return CP_NAK;
}

/* A smaller window of the peer's choice; what is no deflate is asked no more. */
static void nakked(struct cp *ccp, uint32_t hint)
{
	ccp->ours[CCP_ROW_DEFLATE] = ccp_window(hint) ? hint : 0;
	if (!ccp_window(hint))
		ccp->ask &= ~(1u << CCP_ROW_DEFLATE);
}

static const struct cp_option option[] = {
	[CCP_ROW_DEFLATE] = { 26, 4, 4, "Deflate", 0, parse, write, judge, nakked },
};

static int other_code(struct cp *ccp, uint8_t code, struct cur body)
{
	(void)body;
	if (code != CCP_RESET_REQUEST && code != CCP_RESET_ACK)
		return CP_RUC;
	if (ccp->state == CP_OPENED)
		ccp->trouble |= code == CCP_RESET_REQUEST ? CCP_RESET_ASKED : CCP_RESET_DONE;
	return -1;
}

const struct cp_kind ccp_kind = {
	CCP_PROTOCOL, "CCP", option, sizeof option / sizeof option[0], NULL, other_code,
};

void ccp_want(struct cp *ccp)
{
	ccp->ours[CCP_ROW_DEFLATE] = value_of(DEFLATE_WINDOW_MAX);
	ccp->ask = 1u << CCP_ROW_DEFLATE;
}

void ccp_reset_request(struct cp *ccp)
{
	cp_send(ccp, CCP_RESET_REQUEST, ++ccp->reject_id, NULL, 0);
}

void ccp_reset_ack(struct cp *ccp)
{
	cp_send(ccp, CCP_RESET_ACK, ccp->peer_id, NULL, 0);
}
