/* hdlc.c - any bytes on the line: frames stay inside their bounds, and what was
 * read is written and read again the same. */
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

void fuzz_one(const uint8_t *p, size_t n)
{
	struct hdlc_rx rx;
	struct hdlc_frame f;
	const char *why;
	int rc;
	hdlc_rx_init(&rx);
	hdlc_map(&rx.map, n ? p[0] * 0x01010101u : 0);
	for (size_t at = 0, step = n % 37 + 1; at < n; at += step) {
		struct cur in = cur_of(p + at, n - at < step ? n - at : step);
		while ((rc = hdlc_next(&rx, &in, &f, &why)) != 0)
			if (rc == 1)
				again(&f);
	}
}
