/* pap.c - PAP packets, RFC 1334, 2.2. Refuses lengths that do not fit and other
 * codes; an Ack or Nak without the message's length byte is taken (seen in the
 * wild). */
#include "wire/pap.h"

static struct view counted(struct cur *c)
{
	size_t n = cur_u8(c);
	const void *p = cur_bytes(c, n);
	return (struct view){ p, p ? n : 0 };
}

int pap_parse(const void *p, size_t n, struct pap *pap, const char **why)
{
	struct cur c = cur_of(p, n);
	*pap = (struct pap){ 0 };
	uint8_t code = cur_u8(&c);
	pap->id = cur_u8(&c);
	size_t len = cur_u16(&c);
	struct cur body = cur_sub(&c, len < 4 ? SIZE_MAX : len - 4);
	*why = c.bad ? "packet length does not fit" : code < PAP_REQUEST || code > PAP_NAK ? "unknown code" : NULL;
	if (*why)
		return -1;
	pap->code = (enum pap_code)code;
	if (code == PAP_REQUEST) {
		pap->name = counted(&body);
		pap->password = counted(&body);
	} else if (cur_left(&body) > 0) {
		pap->message = counted(&body);
	}
	*why = body.bad ? "name, password or message does not fit" : NULL;
	return body.bad ? -1 : 1;
}

static void put_counted(struct out *o, struct view v)
{
	if (v.n > 255)
		o->bad = true;
	out_u8(o, (uint8_t)v.n);
	if (v.n > 0)
		out_bytes(o, v.p, v.n);
}

void pap_write(struct out *o, const struct pap *pap)
{
	size_t at = out_len(o);
	out_u8(o, (uint8_t)pap->code);
	out_u8(o, pap->id);
	out_u16(o, 0);
	if (pap->code == PAP_REQUEST) {
		put_counted(o, pap->name);
		put_counted(o, pap->password);
	} else {
		put_counted(o, (struct view){ pap->message.p, pap->message.n > 255 ? 255 : pap->message.n });
	}
	out_patch16(o, at + 2, (uint16_t)(out_len(o) - at));
}
