/* apart.h - what wire/gro.h put together comes apart again, as the kernel does it. */
#ifndef SP_TESTS_APART_H
#define SP_TESTS_APART_H

#include "unit/flow.h"
#include "wire/gro.h"

static inline uint32_t apart_get(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;
	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* Packet number i of a sealed g: its length, 0 when there are no more. */
static inline size_t apart(const struct gro *g, unsigned i, uint8_t b[GRO_MAX])
{
	const uint8_t *p = g->b;
	struct out o = out_of(b, GRO_MAX);
	if (g->segment == 0) {
		memcpy(b, p, i ? 0 : g->n);
		return i ? 0 : g->n;
	}
	size_t header = 20 + (p[32] >> 4) * 4u, from = header + (size_t)i * g->segment;
	if (from >= g->n)
		return 0;
	size_t data = g->n - from < g->segment ? g->n - from : g->segment, n = header + data;
	out_bytes(&o, p, header);
	out_bytes(&o, p + from, data);
	out_patch16(&o, 2, (uint16_t)n);
	out_patch16(&o, 4, (uint16_t)(apart_get(p + 4, 2) + i));
	uint32_t seq = apart_get(p + 24, 4) + i * (uint32_t)g->segment;
	out_patch16(&o, 24, (uint16_t)(seq >> 16));
	out_patch16(&o, 26, (uint16_t)seq);
	if (from + data < g->n)
		b[33] &= (uint8_t)~8; /* PSH */
	out_patch16(&o, 10, 0);
	out_patch16(&o, 10, flow_fold(flow_sum(0, b, 20)));
	out_patch16(&o, 36, 0);
	out_patch16(&o, 36, flow_tcp_sum(b, n));
	return n;
}

#endif
