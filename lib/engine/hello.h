/* hello.h - a stream that begins with records, one line at a time, and becomes the
 * bytes of a call: what sp-back(8) and those at its two sides say to each other.
 * Whoever sends a line waits for the other's; so nothing may stand behind one, but
 * the call's own bytes behind the answer to op=call. */
#ifndef SP_ENGINE_HELLO_H
#define SP_ENGINE_HELLO_H

#include "base/record.h"
#include "sys/stream.h"

#define HELLO_MAX 1024 /* bytes of a line */

/* The line in `in`, which is consumed; r is independent of it. 1 got it, 0 need
 * more, -1 with a constant reason: malformed, too long, or something behind it. */
int hello_take(struct buf *in, struct record *r, const char **why);
/* The same, but what stands behind the line stays in `in`. */
int hello_first(struct buf *in, struct record *r, const char **why);
/* Sends key, value, ..., NULL (a NULL value leaves its field out). 0/-1 errno. */
int hello_say(struct stream *s, const char *key, ...) __attribute__((sentinel));

#endif
