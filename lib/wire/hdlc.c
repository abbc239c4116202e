/* hdlc.c - asynchronous HDLC-like framing, RFC 1662. Runs of bytes that need no
 * escape are found sixteen at a time and copied whole, the FCS takes as many a step. Refuses, with a reason: a wrong FCS, a frame over
 * HDLC_FRAME_MAX (its rest is skipped to the next flag, nothing is kept), a
 * frame too short for a protocol, an even protocol number. An aborted frame
 * (7d 7e) is told like a damaged one: what counts on the frame before must know. */
#include "wire/hdlc.h"

#include <endian.h>
#include <errno.h>

#define FLAG 0x7e
#define ESCAPE 0x7d
#define FCS_INIT 0xffff
#define FCS_GOOD 0xf0b8

/* The table of RFC 1662, C.2, and the fifteen that follow from it: row k is what a
 * byte does to the FCS when k others follow it. A CRC is linear, so each is
 * written down by what the byte's eight bits do. */
#define BIT(i, b, v) ((i) >> (b) & 1 ? (v) : 0)
#define ONE(i, a, b, c, d, e, f, g, h) \
	(uint16_t)(BIT(i, 0, a) ^ BIT(i, 1, b) ^ BIT(i, 2, c) ^ BIT(i, 3, d) ^ \
	           BIT(i, 4, e) ^ BIT(i, 5, f) ^ BIT(i, 6, g) ^ BIT(i, 7, h))
#define FOUR(i, ...) ONE(i, __VA_ARGS__), ONE(i + 1, __VA_ARGS__), ONE(i + 2, __VA_ARGS__), ONE(i + 3, __VA_ARGS__)
#define X16(i, ...) FOUR(i, __VA_ARGS__), FOUR(i + 4, __VA_ARGS__), FOUR(i + 8, __VA_ARGS__), FOUR(i + 12, __VA_ARGS__)
#define X64(i, ...) X16(i, __VA_ARGS__), X16(i + 16, __VA_ARGS__), X16(i + 32, __VA_ARGS__), X16(i + 48, __VA_ARGS__)
#define ALL(...) { X64(0, __VA_ARGS__), X64(64, __VA_ARGS__), X64(128, __VA_ARGS__), X64(192, __VA_ARGS__) }

static const uint16_t fcs_table[16][256] = {
	ALL(0x1189, 0x2312, 0x4624, 0x8c48, 0x1081, 0x2102, 0x4204, 0x8408),
	ALL(0x19d8, 0x33b0, 0x6760, 0xcec0, 0x9591, 0x2333, 0x4666, 0x8ccc),
	ALL(0x5adc, 0xb5b8, 0x6361, 0xc6c2, 0x8595, 0x033b, 0x0676, 0x0cec),
	ALL(0x1cbb, 0x3976, 0x72ec, 0xe5d8, 0xc3a1, 0x8f53, 0x16b7, 0x2d6e),
	ALL(0x0b44, 0x1688, 0x2d10, 0x5a20, 0xb440, 0x6091, 0xc122, 0x8a55),
	ALL(0x042b, 0x0856, 0x10ac, 0x2158, 0x42b0, 0x8560, 0x02d1, 0x05a2),
	ALL(0x9fd5, 0x37bb, 0x6f76, 0xdeec, 0xb5c9, 0x6383, 0xc706, 0x861d),
	ALL(0x81bf, 0x0b6f, 0x16de, 0x2dbc, 0x5b78, 0xb6f0, 0x65f1, 0xcbe2),
	ALL(0x4dfd, 0x9bfa, 0x3fe5, 0x7fca, 0xff94, 0xf739, 0xe663, 0xc4d7),
	ALL(0x2c27, 0x584e, 0xb09c, 0x6929, 0xd252, 0xacb5, 0x517b, 0xa2f6),
	ALL(0x5591, 0xab22, 0x5e55, 0xbcaa, 0x7145, 0xe28a, 0xcd05, 0x921b),
	ALL(0x8555, 0x02bb, 0x0576, 0x0aec, 0x15d8, 0x2bb0, 0x5760, 0xaec0),
	ALL(0x05ad, 0x0b5a, 0x16b4, 0x2d68, 0x5ad0, 0xb5a0, 0x6351, 0xc6a2),
	ALL(0x7eea, 0xfdd4, 0xf3b9, 0xef63, 0xd6d7, 0xa5bf, 0x436f, 0x86de),
	ALL(0x482a, 0x9054, 0x28b9, 0x5172, 0xa2e4, 0x4dd9, 0x9bb2, 0x3f75),
	ALL(0x8e10, 0x1431, 0x2862, 0x50c4, 0xa188, 0x4b01, 0x9602, 0x2415),
};

#define AT(k) fcs_table[15 - (k)][b[i + (k)]]

uint16_t hdlc_fcs(uint16_t fcs, const void *p, size_t n)
{
	const uint8_t *b = p;
	size_t i = 0;
	for (; n - i >= 16; i += 16)
		fcs = fcs_table[15][(b[i] ^ fcs) & 0xff] ^ fcs_table[14][b[i + 1] ^ fcs >> 8] ^ AT(2) ^ AT(3) ^
		      AT(4) ^ AT(5) ^ AT(6) ^ AT(7) ^ AT(8) ^ AT(9) ^ AT(10) ^ AT(11) ^ AT(12) ^ AT(13) ^ AT(14) ^ AT(15);
	for (; i < n; i++)
		fcs = (uint16_t)(fcs >> 8 ^ fcs_table[0][(fcs ^ b[i]) & 0xff]);
	return fcs;
}

void hdlc_map(struct hdlc_map *m, uint32_t accm)
{
	memset(m->stop, 0, sizeof m->stop);
	for (unsigned c = 0; c < 32; c++)
		m->stop[c] = accm >> c & 1 ? 4 : 0;
	m->stop[FLAG] = 1;
	m->stop[ESCAPE] = 2;
	m->accm = accm;
}

#define LANES 16
typedef uint8_t lanes __attribute__((vector_size(LANES)));

/* The first of these LANES bytes that may stop a run; LANES: none. Of the controls
 * all may, if the map has any. */
static size_t may_stop(const struct hdlc_map *m, const uint8_t *p)
{
	lanes v;
	uint64_t half[2];
	memcpy(&v, p, sizeof v);
	lanes hit = (lanes)((uint8_t)FLAG - v <= (uint8_t)(FLAG - ESCAPE)) | (lanes)(v < (uint8_t)(m->accm ? 32 : 0));
	memcpy(half, &hit, sizeof half);
	for (unsigned i = 0; i < 2; i++)
		if (half[i])
			return 8 * i + (size_t)__builtin_ctzll(le64toh(half[i])) / 8;
	return LANES;
}

/* The number of bytes of p[0..n) before the first that stops a run. */
static size_t run_of(const struct hdlc_map *m, const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (i < n) {
		size_t to = n - i < LANES ? n : i + LANES;
		if (n - i >= LANES)
			i += may_stop(m, p + i);
		for (; i < to; i++)
			if (m->stop[p[i]])
				return i;
	}
	return i;
}

#define AT_ONCE 64

/* Those that p[0..n) begins with and that must be escaped; how many it took. */
static size_t put_escaped(struct out *o, const struct hdlc_map *m, const uint8_t *p, size_t n)
{
	uint8_t b[2 * AT_ONCE];
	size_t i = 0;
	for (; i < n && i < AT_ONCE && m->stop[p[i]]; i++) {
		b[2 * i] = ESCAPE;
		b[2 * i + 1] = p[i] ^ 0x20;
	}
	out_bytes(o, b, 2 * i);
	return i;
}

static void put(struct out *o, const struct hdlc_map *m, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t run = run_of(m, p + i, n - i);
		out_bytes(o, p + i, run);
		i += run;
		i += put_escaped(o, m, p + i, n - i);
	}
}

static size_t head_write(struct out *o, const struct hdlc_tx *tx, uint16_t protocol)
{
	if (!tx->acfc) {
		out_u8(o, 0xff);
		out_u8(o, 0x03);
	}
	if (tx->pfc && protocol < 0x100)
		out_u8(o, (uint8_t)protocol);
	else
		out_u16(o, protocol);
	return out_len(o);
}

int hdlc_encode(struct buf *out, const struct hdlc_tx *tx, uint16_t protocol, const void *p, size_t n)
{
	uint8_t head[4], tail[2];
	struct out h = out_of(head, sizeof head);
	size_t hn = head_write(&h, tx, protocol);
	if (n > HDLC_INFO_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	bool flagged = out->len > 0 && out->data[out->len - 1] == FLAG; /* one between two frames is enough */
	if (buf_reserve(out, 2 * (hn + n + sizeof tail) + 2) != 0)
		return -1;
	uint16_t fcs = (uint16_t)~hdlc_fcs(hdlc_fcs(FCS_INIT, head, hn), p, n);
	tail[0] = (uint8_t)(fcs & 0xff);
	tail[1] = (uint8_t)(fcs >> 8);
	struct out o = out_of(out->data + out->len, out->cap - out->len);
	if (!flagged)
		out_u8(&o, FLAG);
	put(&o, &tx->map, head, hn);
	put(&o, &tx->map, p, n);
	put(&o, &tx->map, tail, sizeof tail);
	out_u8(&o, FLAG);
	out->len += out_len(&o);
	return 0;
}

void hdlc_rx_init(struct hdlc_rx *rx)
{
	hdlc_map(&rx->map, HDLC_ACCM_ALL);
	rx->n = 0;
	rx->escape = rx->overlong = false;
}

static void keep(struct hdlc_rx *rx, const uint8_t *p, size_t n)
{
	if (n > sizeof rx->frame - rx->n) {
		rx->overlong = true;
		return;
	}
	memcpy(rx->frame + rx->n, p, n);
	rx->n += n;
}

/* Checks and opens rx->frame[0..n) at its closing flag. */
static int frame_open(const struct hdlc_rx *rx, size_t n, struct hdlc_frame *f, const char **why)
{
	*why = n < 4 ? "frame too short" : hdlc_fcs(FCS_INIT, rx->frame, n) != FCS_GOOD ? "wrong FCS" : NULL;
	if (*why)
		return -1;
	struct cur c = cur_of(rx->frame, n - 2);
	if (rx->frame[0] == 0xff && rx->frame[1] == 0x03)
		cur_u16(&c);
	f->protocol = cur_u8(&c);
	if (!(f->protocol & 1))
		f->protocol = (uint16_t)(f->protocol << 8 | cur_u8(&c));
	f->n = cur_left(&c);
	f->p = cur_bytes(&c, f->n);
	if (!c.bad && f->protocol & 1)
		return 1;
	*why = "no protocol number";
	return -1;
}

static int frame_end(struct hdlc_rx *rx, struct hdlc_frame *f, const char **why)
{
	bool aborted = rx->escape, overlong = rx->overlong;
	size_t n = rx->n;
	rx->escape = rx->overlong = false;
	rx->n = 0;
	if (n == 0 && !overlong && !aborted)
		return 0; /* nothing between two flags */
	if (!overlong && !aborted)
		return frame_open(rx, n, f, why);
	*why = aborted ? "aborted" : "frame too long";
	return -1;
}

/* Whole escape sequences that `in` begins with, none of them of flag, escape or a
 * control: what is left of such is hdlc_next's. */
static void take_escaped(struct hdlc_rx *rx, struct cur *in)
{
	uint8_t b[AT_ONCE];
	size_t n = 0, left = cur_left(in);
	const uint8_t *p = in->p;
	for (; n < AT_ONCE && 2 * n + 1 < left && p[2 * n] == ESCAPE && !rx->map.stop[p[2 * n + 1]]; n++)
		b[n] = p[2 * n + 1] ^ 0x20;
	cur_bytes(in, 2 * n);
	keep(rx, b, n);
}

static void take_run(struct hdlc_rx *rx, struct cur *in)
{
	size_t run = run_of(&rx->map, in->p, cur_left(in));
	keep(rx, cur_bytes(in, run), run);
	take_escaped(rx, in);
}

int hdlc_next(struct hdlc_rx *rx, struct cur *in, struct hdlc_frame *f, const char **why)
{
	while (cur_left(in) > 0) {
		if (!rx->escape) {
			take_run(rx, in);
			if (cur_left(in) == 0)
				break;
		}
		if (!rx->escape && !rx->map.stop[*in->p])
			continue; /* a run after escapes */
		uint8_t c = cur_u8(in);
		if (c == FLAG) {
			int rc = frame_end(rx, f, why);
			if (rc != 0)
				return rc;
		} else if (rx->map.stop[c] & 4) {
			continue; /* put in by something on the way */
		} else if (rx->escape) {
			c ^= 0x20;
			rx->escape = false;
			keep(rx, &c, 1);
		} else {
			rx->escape = true; /* the run ended at ESCAPE */
		}
	}
	return 0;
}
