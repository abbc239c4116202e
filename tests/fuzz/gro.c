/* gro.c - any bytes as packets. The byte before each says its length, whether it is made
 * a segment that goes on from the one before, and whether a byte of its own headers
 * stays then. What went in comes out, in order and as it was. */
#include "fuzz/fuzz.h"
#include "unit/apart.h"

#include <stdlib.h>

#define PACKETS 64

enum { SEGMENT = 128, OWN = 1 };

static uint8_t packet[PACKETS][1500];
static size_t length[PACKETS];
static unsigned in, out;

static void leaves(struct gro *g)
{
	uint8_t b[GRO_MAX];
	size_t n;
	gro_seal(g);
	for (unsigned i = 0; (n = apart(g, i, b)) > 0; i++, out++)
		if (out >= in || n != length[out] || memcmp(b, packet[out], n) != 0)
			abort();
	g->n = 0;
}

/* Headers after those of the packet before. */
static void go_on(uint8_t *p, size_t n, bool keep)
{
	struct flow f = { .port = 1024, .window = 500 };
	struct flow_segment s = { .flags = 16, .data = n - 40 };
	uint8_t at = p[0] % 40, own = p[at];
	if (in > 0 && length[in - 1] >= 40) {
		const uint8_t *was = packet[in - 1];
		f.id = (uint16_t)(apart_get(was + 4, 2) + 1);
		s.seq = apart_get(was + 24, 4) + (uint32_t)length[in - 1] - 40;
	}
	flow_write(&f, &s, p);
	if (keep)
		p[at] = own;
	struct out o = out_of(p, n);
	o.p = o.end;
	out_patch16(&o, 10, 0);
	out_patch16(&o, 10, flow_fold(flow_sum(0, p, 20)));
	out_patch16(&o, 36, 0);
	out_patch16(&o, 36, flow_fold(flow_sum(flow_sum(6 + (uint32_t)(n - 20), p + 12, 8), p + 20, n - 20)));
}

void fuzz_one(const uint8_t *p, size_t n)
{
	static struct gro g;
	struct cur c = cur_of(p, n);
	g.n = 0;
	for (in = out = 0; in < PACKETS && cur_left(&c) > 1; in++) {
		uint8_t how = cur_u8(&c);
		size_t want = how & SEGMENT ? 41 + (how & 0x60) / 4u : 1u + how, left = cur_left(&c);
		length[in] = want < left ? want : left;
		memcpy(packet[in], cur_bytes(&c, length[in]), length[in]);
		if (how & SEGMENT && length[in] >= 40)
			go_on(packet[in], length[in], how & OWN);
		if (gro_add(&g, packet[in], length[in]))
			continue;
		leaves(&g);
		if (!gro_add(&g, packet[in], length[in]))
			abort();
	}
	leaves(&g);
	if (out != in)
		abort();
}
