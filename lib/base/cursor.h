/* cursor.h - bounded reading and writing of network bytes, big-endian.
 * A reader that runs over its end, or a writer over its room, sets `bad` and
 * from then on yields zeros (writes nothing): check once, at the end. A nested
 * TLV gets a cursor of its own by cur_sub. No other pointer arithmetic on
 * packets is allowed in this project. */
#ifndef SP_BASE_CURSOR_H
#define SP_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cur { /* reader */
	const uint8_t *p, *end;
	bool bad;
};

struct out { /* writer */
	uint8_t *base, *p, *end;
	bool bad;
};

struct cur cur_of(const void *p, size_t n);
size_t cur_left(const struct cur *c);
uint8_t cur_u8(struct cur *c);
uint16_t cur_u16(struct cur *c);
uint32_t cur_u32(struct cur *c);
/* n bytes, borrowed; NULL (and bad) when fewer are left. n == 0 yields non-NULL. */
const uint8_t *cur_bytes(struct cur *c, size_t n);
/* A closed cursor over the next n bytes, which c leaves behind; a bad, empty
 * one (and c bad) when fewer are left. */
struct cur cur_sub(struct cur *c, size_t n);

struct out out_of(void *p, size_t n);
size_t out_len(const struct out *o);
void out_u8(struct out *o, uint8_t v);
void out_u16(struct out *o, uint16_t v);
void out_u32(struct out *o, uint32_t v);
void out_bytes(struct out *o, const void *p, size_t n);
/* Overwrites two bytes at offset `at` (a length known only at the end). */
void out_patch16(struct out *o, size_t at, uint16_t v);

#endif
