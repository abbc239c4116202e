/* ppp.c - frames of all protocols to a whole link, either role: whatever comes,
 * the output stays bounded, the link goes down once, nothing wrong comes in. */
#include "fuzz/fuzz.h"
#include "unit/link.h"
#include "wire/hdlc.h"

#include <stdlib.h>

/* Acknowledges each request in what the link has to say: else no mutation would
 * ever come past LCP. */
static void acknowledge(struct side *s, struct hdlc_tx *tx, int64_t now)
{
	struct buf *b = ppp_output(s->ppp), line;
	struct cur in = cur_of(b->data, b->len);
	struct hdlc_rx rx;
	struct hdlc_frame f;
	const char *why;
	int rc;
	hdlc_rx_init(&rx);
	buf_init(&line, 65536);
	while ((rc = hdlc_next(&rx, &in, &f, &why)) != 0) {
		uint8_t packet[HDLC_INFO_MAX];
		if (rc < 0 || f.n < 4 || f.p[0] != 1 || (f.protocol != 0xc021 && f.protocol != 0x8021 && f.protocol != 0x80fd))
			continue;
		memcpy(packet, f.p, f.n);
		packet[0] = 2;
		hdlc_encode(&line, tx, f.protocol, packet, f.n);
	}
	b->len = 0;
	ppp_input(s->ppp, now, line.data, line.len);
	buf_clear(&line);
}

static void frames(struct side *s, const uint8_t *p, size_t n)
{
	static const uint16_t protocol[] = { 0xc021, 0x00fd, 0x8021, 0xc023, 0xc223, 0x0021, 0x80fd, 0x002d };
	struct hdlc_tx tx = { .pfc = false };
	struct cur in = cur_of(p, n);
	int64_t now = 1000;
	struct buf line;
	buf_init(&line, 8192);
	hdlc_map(&tx.map, HDLC_ACCM_ALL);
	while (cur_left(&in) > 3) {
		uint8_t what = cur_u8(&in);
		size_t len = cur_u16(&in) % 2048, left = cur_left(&in);
		len = len < left ? len : left;
		const uint8_t *body = cur_bytes(&in, len);
		line.len = 0;
		if (hdlc_encode(&line, &tx, protocol[what & 7], body, len) == 0)
			ppp_input(s->ppp, now, line.data, line.len);
		if (what & 64)
			acknowledge(s, &tx, now);
		if (what & 8)
			ppp_tick(s->ppp, now += 3000);
		if (what & 16)
			ppp_verdict(s->ppp, now, what & 32, NULL);
	}
	buf_clear(&line);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct side s;
	bool answerer = n & 1;
	side_init(&s, answerer ? PPP_ANSWERER : PPP_CALLER, "secret", (uint32_t)n);
	s.hold_verdict = n & 2;
	s.conf.auth = n & 4 ? PPP_PAP | PPP_CHAP : n & 8 ? PPP_MSCHAP : 0;
	s.conf.deflate = n & 16 ? PPP_DEFLATE_ON : PPP_DEFLATE_OFF;
	s.ppp = ppp_new(&s.conf, &side_ops, &s);
	ppp_open(s.ppp, 1000);
	frames(&s, p, n);
	const char *down = strstr(s.events, "down=");
	if (ppp_output(s.ppp)->len > 65536 || (down && strstr(down + 1, "down=")) || (!down) == ppp_is_down(s.ppp))
		abort();
	if (answerer && (s.packets || s.mtu) && !strstr(s.events, " ok")) /* nobody is in who did not prove it */
		abort();
	ppp_free(s.ppp);
}
