/* buf.h - owned bytes that grow up to a maximum. Passwords and permits pass
 * through: what a buffer has given up it has wiped.
 * Data is at data[0..len); data may be NULL while len is 0. */
#ifndef SP_BASE_BUF_H
#define SP_BASE_BUF_H

#include "base/view.h"

struct buf {
	char *data;
	size_t len, cap, max;
};

/* An empty buffer that never grows beyond max bytes. Allocates nothing. */
void buf_init(struct buf *b, size_t max);
/* Frees; the buffer is as after buf_init. */
void buf_clear(struct buf *b);
/* Empty, for more of the same: the memory stays. */
void buf_wipe(struct buf *b);

/* Room for n more bytes at data + len. 0, or -1 with ENOMEM or ENOBUFS
 * (over the maximum). */
int buf_reserve(struct buf *b, size_t n);

/* Append. 0, or -1 as above and nothing appended. */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_addv(struct buf *b, struct view v);
int buf_adds(struct buf *b, const char *s);
int buf_addc(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drop n bytes (n <= len) at the front. */
void buf_consume(struct buf *b, size_t n);

static inline struct view buf_view(const struct buf *b)
{
	return (struct view){ b->data, b->len };
}

#endif
