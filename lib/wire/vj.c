/* vj.c - Van Jacobson's compression, RFC 1144. A header is kept as the bytes that
 * stay and the fields that move. More careful than the RFC's code in three points: a
 * change of any other flag or reserved bit is sent whole (ECN came later), an urgent
 * flag that went is not lost in a special case, and the IP checksum of a whole header
 * is looked at. Refuses, with a reason: slots that are not there, or empty, headers
 * that do not fit or are no TCP, packets after a loss until one says its slot. */
#include "wire/vj.h"

#include "wire/sum.h"

#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

enum { /* the change mask */
	NEW_U = 1, NEW_W = 2, NEW_A = 4, NEW_S = 8, PUSH = 16, NEW_I = 32, NEW_C = 64,
	ECHOED = NEW_S | NEW_W | NEW_U,          /* special: sequence and ack go on by the last data */
	ONE_WAY = NEW_S | NEW_A | NEW_W | NEW_U, /* special: the sequence does */
	SPECIALS = ONE_WAY
};

/* -- headers */

static uint32_t take(uint8_t *b, unsigned n)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < n; i++) {
		v = v << 8 | b[i];
		b[i] = 0;
	}
	return v;
}

static void give(uint8_t *b, unsigned n, uint32_t v)
{
	while (n-- > 0) {
		b[n] = (uint8_t)v;
		v >>= 8;
	}
}

/* The lengths of both headers, 0 when p[0..n) does not begin with them. */
static bool lengths(struct vj_header *h, const uint8_t *p, size_t n)
{
	h->n = 0;
	if (n < 40 || p[0] >> 4 != 4 || (p[0] & 15) < 5)
		return false;
	unsigned ip_n = (p[0] & 15u) * 4, all = 0;
	if (n >= ip_n + 20)
		all = ip_n + (p[ip_n + 12] >> 4) * 4u;
	if (all < ip_n + 20 || all > n)
		return false;
	h->ip_n = (uint8_t)ip_n;
	h->n = (uint8_t)all;
	return true;
}

static bool header_read(struct vj_header *h, const uint8_t *p, size_t n)
{
	if (!lengths(h, p, n))
		return false;
	uint8_t *ip = h->fixed, *tcp = h->fixed + h->ip_n;
	memcpy(h->fixed, p, h->n);
	h->length = (uint16_t)take(ip + 2, 2);
	h->id = (uint16_t)take(ip + 4, 2);
	h->ip_sum = (uint16_t)take(ip + 10, 2);
	h->seq = take(tcp + 4, 4);
	h->ack = take(tcp + 8, 4);
	h->flags = (uint8_t)take(tcp + 13, 1);
	h->window = (uint16_t)take(tcp + 14, 2);
	h->sum = (uint16_t)take(tcp + 16, 2);
	h->urgent = (uint16_t)take(tcp + 18, 2);
	return true;
}

static void header_write(struct vj_header *h, struct out *to)
{
	uint8_t b[VJ_HEADER_MAX], *tcp = b + h->ip_n;
	memcpy(b, h->fixed, h->n);
	give(b + 2, 2, h->length);
	give(b + 4, 2, h->id);
	h->ip_sum = (uint16_t)~sum_of(b, h->ip_n);
	give(b + 10, 2, h->ip_sum);
	give(tcp + 4, 4, h->seq);
	give(tcp + 8, 4, h->ack);
	give(tcp + 13, 1, h->flags);
	give(tcp + 14, 2, h->window);
	give(tcp + 16, 2, h->sum);
	give(tcp + 18, 2, h->urgent);
	out_bytes(to, b, h->n);
}

static bool same_connection(const struct vj_header *a, const struct vj_header *b)
{
	return a->n && memcmp(a->fixed + 12, b->fixed + 12, 8) == 0 &&
	       memcmp(a->fixed + a->ip_n, b->fixed + b->ip_n, 4) == 0;
}

static uint16_t data_of(const struct vj_header *h)
{
	return (uint16_t)(h->length - h->n);
}

/* -- compressing */

void vj_tx_init(struct vj_tx *tx, unsigned slots, bool may_omit)
{
	memset(tx, 0, sizeof *tx);
	tx->slots = slots > VJ_SLOTS ? VJ_SLOTS : slots;
	tx->last = VJ_SLOTS;
	tx->may_omit = may_omit;
	for (uint8_t i = 0; i < VJ_SLOTS; i++)
		tx->order[i] = i;
}

static void delta_put(struct out *o, uint32_t v)
{
	if (v == 0 || v > 255) {
		out_u8(o, 0);
		out_u16(o, (uint16_t)v);
	} else {
		out_u8(o, (uint8_t)v);
	}
}

/* The bits of what changed, with the values behind; -1: it cannot be said in them. */
static int changes(const struct vj_header *was, const struct vj_header *is, struct out *o)
{
	uint32_t window = (uint16_t)(is->window - was->window), ack = is->ack - was->ack, seq = is->seq - was->seq;
	int what = (is->flags & URG ? NEW_U : 0) | (window ? NEW_W : 0) | (ack ? NEW_A : 0) | (seq ? NEW_S : 0);
	if (ack > 0xffff || seq > 0xffff || (!(is->flags & URG) && is->urgent != was->urgent))
		return -1;
	if (what == ECHOED || what == ONE_WAY)
		return -1; /* truly so: it would be taken for the special */
	if (what == 0 && (is->length == was->length || data_of(was) > 0))
		return -1; /* sent once more: the other side may have missed it */
	if (seq == data_of(was) && !(was->flags & URG)) {
		if (what == NEW_S)
			return ONE_WAY;
		if (what == (NEW_S | NEW_A) && ack == seq)
			return ECHOED;
	}
	if (what & NEW_U)
		delta_put(o, is->urgent);
	if (what & NEW_W)
		delta_put(o, window);
	if (what & NEW_A)
		delta_put(o, ack);
	if (what & NEW_S)
		delta_put(o, seq);
	return what;
}

/* All that is not told by changes() is as it was. */
static bool alike(const struct vj_header *a, const struct vj_header *b)
{
	return a->n == b->n && memcmp(a->fixed, b->fixed, a->n) == 0 && !((a->flags ^ b->flags) & ~(PSH | URG));
}

/* The connection's slot, now first in order: the oldest when there was none. */
static unsigned slot_of(struct vj_tx *tx, const struct vj_header *h)
{
	unsigned at = 0;
	while (at < tx->slots - 1 && !same_connection(&tx->slot[tx->order[at]], h))
		at++;
	uint8_t slot = tx->order[at];
	memmove(tx->order + 1, tx->order, at);
	tx->order[0] = slot;
	return slot;
}

static bool deltas_write(const struct vj_tx *tx, unsigned slot, const struct vj_header *is, struct out *to)
{
	const struct vj_header *was = &tx->slot[slot];
	uint8_t b[16];
	struct out values = out_of(b, sizeof b);
	int what = same_connection(was, is) && alike(was, is) ? changes(was, is, &values) : -1;
	if (what < 0)
		return false;
	if ((uint16_t)(is->id - was->id) != 1) {
		what |= NEW_I;
		delta_put(&values, (uint16_t)(is->id - was->id));
	}
	bool said = slot != tx->last || !tx->may_omit;
	out_u8(to, (uint8_t)(what | (is->flags & PSH ? PUSH : 0) | (said ? NEW_C : 0)));
	if (said)
		out_u8(to, (uint8_t)slot);
	out_u16(to, is->sum);
	out_bytes(to, b, out_len(&values));
	return true;
}

uint16_t vj_compress(struct vj_tx *tx, const uint8_t *ip, size_t n, struct out *to)
{
	struct vj_header h;
	if (n < 40 || ip[9] != 6 || ((ip[6] & 0x3f) | ip[7]) != 0 || !header_read(&h, ip, n) || h.length != n ||
	    (h.flags & (SYN | FIN | RST | ACK)) != ACK)
		return VJ_IP;
	unsigned slot = slot_of(tx, &h);
	bool small = deltas_write(tx, slot, &h, to);
	if (small) {
		out_bytes(to, ip + h.n, n - h.n);
	} else {
		out_bytes(to, ip, 9);
		out_u8(to, (uint8_t)slot); /* where the protocol number was */
		out_bytes(to, ip + 10, n - 10);
	}
	tx->slot[slot] = h;
	tx->last = slot;
	return small ? VJ_COMPRESSED : VJ_UNCOMPRESSED;
}

/* -- expanding */

void vj_rx_init(struct vj_rx *rx, unsigned slots)
{
	memset(rx, 0, sizeof *rx);
	rx->slots = slots > VJ_SLOTS ? VJ_SLOTS : slots;
	rx->toss = true;
}

void vj_rx_lost(struct vj_rx *rx)
{
	rx->toss = true;
}

static const char *remember(struct vj_rx *rx, const uint8_t *p, size_t n, struct out *to)
{
	struct vj_header h;
	if (!lengths(&h, p, n))
		return "no TCP header";
	unsigned slot = p[9];
	uint8_t b[VJ_HEADER_MAX];
	memcpy(b, p, h.n);
	b[9] = 6;
	if (slot >= rx->slots)
		return "no such slot";
	if (sum_of(b, h.ip_n) != 0xffff)
		return "wrong IP checksum";
	header_read(&h, b, h.n);
	if (h.length < h.n || h.length > n)
		return "length does not fit";
	rx->slot[slot] = h;
	rx->last = slot;
	rx->toss = false;
	out_bytes(to, b, h.n);
	out_bytes(to, p + h.n, data_of(&h));
	return NULL;
}

static uint16_t delta_get(struct cur *c)
{
	uint8_t v = cur_u8(c);
	return v ? v : cur_u16(c);
}

/* Moves the fields on as the mask and the values behind it say. */
static void move_on(struct vj_header *h, unsigned what, struct cur *c)
{
	uint16_t data = data_of(h);
	h->sum = cur_u16(c);
	h->flags = (uint8_t)((h->flags & ~PSH) | (what & PUSH ? PSH : 0));
	if ((what & SPECIALS) == ECHOED || (what & SPECIALS) == ONE_WAY) {
		h->seq += data;
		h->ack += (what & SPECIALS) == ECHOED ? data : 0;
	} else {
		h->flags = (uint8_t)((h->flags & ~URG) | (what & NEW_U ? URG : 0));
		if (what & NEW_U)
			h->urgent = delta_get(c);
		h->window = (uint16_t)(h->window + (what & NEW_W ? delta_get(c) : 0));
		h->ack += what & NEW_A ? delta_get(c) : 0;
		h->seq += what & NEW_S ? delta_get(c) : 0;
	}
	h->id = (uint16_t)(h->id + (what & NEW_I ? delta_get(c) : 1));
}

static const char *expand(struct vj_rx *rx, const uint8_t *p, size_t n, struct out *to)
{
	struct cur c = cur_of(p, n);
	unsigned what = cur_u8(&c), slot = what & NEW_C ? cur_u8(&c) : rx->last;
	if (what & 0x80)
		return "unknown bit";
	if (!(what & NEW_C) && rx->toss)
		return "after a loss";
	if (slot >= rx->slots || rx->slot[slot].n == 0)
		return "no such slot";
	struct vj_header h = rx->slot[slot];
	move_on(&h, what, &c);
	size_t left = cur_left(&c);
	if (c.bad || left > 0xffffu - h.n)
		return "cut off";
	h.length = (uint16_t)(h.n + left);
	rx->slot[slot] = h;
	rx->last = slot;
	rx->toss = false;
	header_write(&rx->slot[slot], to);
	out_bytes(to, cur_bytes(&c, left), left);
	return NULL;
}

int vj_expand(struct vj_rx *rx, uint16_t protocol, const uint8_t *p, size_t n, struct out *to, const char **why)
{
	*why = protocol == VJ_UNCOMPRESSED ? remember(rx, p, n, to) : expand(rx, p, n, to);
	if (!*why && to->bad)
		*why = "too long";
	if (*why)
		rx->toss = true;
	return *why ? -1 : 1;
}
