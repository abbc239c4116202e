/* hdlc.c - any bytes on the line: frames stay inside their bounds, are those that a
 * reader a byte and a bit at a time sees, and what was read is written and read
 * again the same. */
#include "fuzz/fuzz.h"
#include "wire/hdlc.h"

#include <stdlib.h>

static void again(const struct hdlc_frame *f)
{
	struct hdlc_tx tx = { .pfc = f->n & 1, .acfc = f->n & 2 };
	struct hdlc_rx rx;
	struct hdlc_frame g;
	struct buf b;
	const char *why;
	if (f->n > HDLC_INFO_MAX)
		return;
	hdlc_map(&tx.map, (uint32_t)f->n * 2654435761u);
	hdlc_rx_init(&rx);
	hdlc_map(&rx.map, tx.map.accm);
	buf_init(&b, 8192);
	if (hdlc_encode(&b, &tx, f->protocol, f->p, f->n) != 0)
		abort();
	struct cur in = cur_of(b.data, b.len);
	if (hdlc_next(&rx, &in, &g, &why) != 1 || g.protocol != f->protocol || g.n != f->n ||
	    (g.n && memcmp(g.p, f->p, g.n) != 0))
		abort();
	buf_clear(&b);
}

/* The same, slowly: a frame's bytes with their FCS, as long as they fit. */
struct slow {
	uint32_t accm;
	uint8_t frame[HDLC_FRAME_MAX];
	size_t n;
	bool escape;
};

static uint16_t slow_fcs(const uint8_t *p, size_t n)
{
	uint16_t fcs = 0xffff;
	for (size_t i = 0; i < 8 * n; i++)
		fcs = (uint16_t)((fcs ^ p[i / 8] >> i % 8) & 1 ? fcs >> 1 ^ 0x8408 : fcs >> 1);
	return fcs;
}

/* The bytes of a good frame that ends with c, else 0. */
static size_t slow_next(struct slow *s, uint8_t c)
{
	size_t n = s->n;
	if (c == 0x7e) {
		bool good = !s->escape && n >= 4 && n <= sizeof s->frame && slow_fcs(s->frame, n) == 0xf0b8;
		s->n = 0;
		s->escape = false;
		return good ? n : 0;
	}
	if (c < 32 && s->accm >> c & 1)
		return 0;
	if (c == 0x7d && !s->escape) {
		s->escape = true;
		return 0;
	}
	if (n < sizeof s->frame)
		s->frame[n] = s->escape ? c ^ 0x20 : c;
	s->n = n + 1; /* over the room: too long */
	s->escape = false;
	return 0;
}

/* The fast reader came as far as the slow one, and saw a frame at the same place. */
static void same(struct slow *s, const uint8_t *p, size_t n, int rc, const struct hdlc_frame *f)
{
	size_t good = 0;
	for (size_t i = 0; i < n; i++) {
		good = slow_next(s, p[i]);
		if (good && i + 1 < n)
			abort(); /* passed over */
	}
	if (rc == 1 && (good < f->n + 3 || memcmp(s->frame + (good - 2 - f->n), f->p, f->n) != 0))
		abort();
	if (rc == 0 && good)
		abort();
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct hdlc_rx rx;
	struct hdlc_frame f;
	struct slow slow = { .accm = n ? p[0] * 0x01010101u : 0 };
	const char *why;
	int rc;
	hdlc_rx_init(&rx);
	hdlc_map(&rx.map, slow.accm);
	for (size_t at = 0, step = n % 37 + 1; at < n; at += step) {
		struct cur in = cur_of(p + at, n - at < step ? n - at : step);
		do {
			size_t left = cur_left(&in);
			const uint8_t *from = in.p;
			rc = hdlc_next(&rx, &in, &f, &why);
			same(&slow, from, left - cur_left(&in), rc, &f);
			if (rc == 1)
				again(&f);
		} while (rc != 0);
	}
}
