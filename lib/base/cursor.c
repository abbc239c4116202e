/* cursor.c - the only place where packet pointers move. */
#include "base/cursor.h"

#include <string.h>

struct cur cur_of(const void *p, size_t n)
{
	static const uint8_t nothing[1];
	const uint8_t *b = n ? p : nothing;
	return (struct cur){ b, b + n, false };
}

size_t cur_left(const struct cur *c)
{
	return c->bad ? 0 : (size_t)(c->end - c->p);
}

const uint8_t *cur_bytes(struct cur *c, size_t n)
{
	if (c->bad || (size_t)(c->end - c->p) < n) {
		c->bad = true;
		return NULL;
	}
	const uint8_t *at = c->p;
	c->p += n;
	return at;
}

uint8_t cur_u8(struct cur *c)
{
	const uint8_t *b = cur_bytes(c, 1);
	return b ? b[0] : 0;
}

uint16_t cur_u16(struct cur *c)
{
	const uint8_t *b = cur_bytes(c, 2);
	return b ? (uint16_t)(b[0] << 8 | b[1]) : 0;
}

uint32_t cur_u32(struct cur *c)
{
	const uint8_t *b = cur_bytes(c, 4);
	return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

struct cur cur_sub(struct cur *c, size_t n)
{
	const uint8_t *b = cur_bytes(c, n);
	struct cur sub = cur_of(b, b ? n : 0);
	sub.bad = b == NULL;
	return sub;
}

struct out out_of(void *p, size_t n)
{
	return (struct out){ p, p, (uint8_t *)p + n, false };
}

size_t out_len(const struct out *o)
{
	return (size_t)(o->p - o->base);
}

void out_bytes(struct out *o, const void *p, size_t n)
{
	if (o->bad || (size_t)(o->end - o->p) < n) {
		o->bad = true;
		return;
	}
	if (n)
		memcpy(o->p, p, n);
	o->p += n;
}

void out_u8(struct out *o, uint8_t v)
{
	out_bytes(o, &v, 1);
}

void out_u16(struct out *o, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };
	out_bytes(o, b, sizeof b);
}

void out_u32(struct out *o, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	out_bytes(o, b, sizeof b);
}

void out_patch16(struct out *o, size_t at, uint16_t v)
{
	if (o->bad || at + 2 > out_len(o)) {
		o->bad = true;
		return;
	}
	o->base[at] = (uint8_t)(v >> 8);
	o->base[at + 1] = (uint8_t)v;
}
