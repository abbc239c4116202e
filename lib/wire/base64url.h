/* base64url.h - RFC 4648 section 5, without padding: bytes as text that needs no
 * quoting anywhere. Only the one text that an encoder writes is taken. */
#ifndef SP_WIRE_BASE64URL_H
#define SP_WIRE_BASE64URL_H

#include "base/buf.h"

#define BASE64URL_TEXT(n) (((n) * 4 + 2) / 3) /* bytes of the text of n bytes */

/* Appends the text of v. 0/-1 with errno. */
int base64url_add(struct buf *out, struct view v);
/* Appends the bytes of the text v. 0, or -1: it is no such text, or out is full. */
int base64url_take(struct buf *out, struct view v);

#endif
