/* flow.h - TCP segments as connections send them, for tests of compression: right
 * checksums, all that happens to a connection by lot, the same for the same seed. */
#ifndef SP_TESTS_FLOW_H
#define SP_TESTS_FLOW_H

#include "base/cursor.h"

#include <string.h>

struct flow {
	uint32_t seed, seq, ack, resend; /* resend: seq before the last segment with data */
	uint16_t id, window, port;
	unsigned ip_options, timestamps;
};

static inline uint32_t flow_draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static inline uint32_t flow_sum(uint32_t s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return s;
}

static inline uint16_t flow_fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* 0: the TCP checksum of this packet is right. */
static inline uint16_t flow_tcp_sum(const uint8_t *ip, size_t n)
{
	size_t at = (ip[0] & 15u) * 4;
	return flow_fold(flow_sum(flow_sum(6 + (uint32_t)(n - at), ip + 12, 8), ip + at, n - at));
}

static inline void flow_init(struct flow *f, uint32_t seed)
{
	*f = (struct flow){ .seed = seed, .port = (uint16_t)(1024 + seed), .window = 500 };
	f->seq = 0xffffffffu - flow_draw(&f->seed, 3000); /* they come round */
	f->ack = flow_draw(&f->seed, 0xffffff) * 256;
	f->id = (uint16_t)(0xffff - flow_draw(&f->seed, 50));
	f->ip_options = flow_draw(&f->seed, 8) == 0 ? 8 : 0;
	f->timestamps = flow_draw(&f->seed, 4) == 0;
}

struct flow_segment {
	uint32_t seq;
	uint8_t flags;
	uint16_t urgent;
	size_t data;
	unsigned options; /* bytes */
};

static inline size_t flow_write(const struct flow *f, const struct flow_segment *s, uint8_t b[1500])
{
	struct out o = out_of(b, 1500);
	static const uint8_t nops[40] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		                          1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	unsigned at = 20 + f->ip_options;
	size_t n = at + 20 + s->options + s->data;
	out_u16(&o, (uint16_t)((0x40u + at / 4) << 8));
	out_u16(&o, (uint16_t)n);
	out_u16(&o, f->id);
	out_u16(&o, 0x4000);
	out_u16(&o, 64 << 8 | 6);
	out_u16(&o, 0);
	out_u32(&o, 0x0ac80001);
	out_u32(&o, 0x0a320005);
	out_bytes(&o, nops, f->ip_options);
	out_u16(&o, f->port);
	out_u16(&o, 22);
	out_u32(&o, s->seq);
	out_u32(&o, f->ack);
	out_u16(&o, (uint16_t)((20 + s->options) / 4 << 12 | s->flags));
	out_u16(&o, f->window);
	out_u16(&o, 0);
	out_u16(&o, s->urgent);
	for (unsigned i = 0; i < s->options; i++)
		out_u8(&o, (uint8_t)(s->options - i == 1 ? f->seq & 0xff : 1)); /* timestamps move */
	for (size_t i = 0; i < s->data; i++)
		out_u8(&o, (uint8_t)(s->seq + i));
	out_patch16(&o, 10, flow_fold(flow_sum(0, b, at)));
	out_patch16(&o, at + 16, flow_tcp_sum(b, n));
	return n;
}

/* The next segment, at times one that no rule covers. */
static inline size_t flow_next(struct flow *f, uint8_t b[1500])
{
	uint32_t *d = &f->seed, lot = flow_draw(d, 40);
	struct flow_segment s = { .seq = f->seq, .flags = 16, .options = f->timestamps ? 12 : 0 };
	s.data = flow_draw(d, 3) == 0 ? 0 : flow_draw(d, 2) ? 1 + flow_draw(d, 36) : 1 + flow_draw(d, 1400);
	f->id = (uint16_t)(f->id + (flow_draw(d, 9) ? 1 : flow_draw(d, 700)));
	s.flags |= flow_draw(d, 2) ? 8 : 0;
	f->ack += flow_draw(d, 3) ? 0 : flow_draw(d, 3000);
	f->window = (uint16_t)(f->window + (flow_draw(d, 5) ? 0 : flow_draw(d, 70000)));
	switch (lot) {
	case 0: s.seq = f->resend; break; /* sent again */
	case 1: s.flags |= 2; break;      /* SYN */
	case 2: s.flags |= 1; break;
	case 3: s.flags = 4; break;
	case 4: s.flags |= 0x40; break;   /* ECE */
	case 5: s.options = 20; break;    /* SACK */
	case 6: f->ack -= 5; break;
	case 7: s.seq += 100000; break;
	case 8:
	case 9: s.flags |= 32; s.urgent = (uint16_t)flow_draw(d, 400); break;
	case 10: s.urgent = 7; break;     /* without the flag */
	case 11: f->ack += (uint32_t)s.data; break;
	default: break;
	}
	size_t n = flow_write(f, &s, b);
	f->resend = s.seq;
	f->seq = s.seq + (uint32_t)s.data;
	return n;
}

#endif
