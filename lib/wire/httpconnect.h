/* httpconnect.h - HTTP's CONNECT (RFC 9110 section 9.3.6; RFC 9112 for the bytes), both ends: the request
 * that asks a proxy for a connection to HOST:PORT, and its answer. Strict: lines end with CR LF,
 * a request has one Host and no content. */
#ifndef SP_WIRE_HTTPCONNECT_H
#define SP_WIRE_HTTPCONNECT_H

#include "base/buf.h"

#include <stdint.h>

#define HTTPCONNECT_MAX 8192  /* bytes of a header, its last line included (RFC 9112, 3: 8000 at least) */
#define HTTPCONNECT_HOST 64
#define HTTPCONNECT_SESSION 32
#define HTTPCONNECT_PHRASE 128

struct httpconnect {
	char host[HTTPCONNECT_HOST + 1]; /* a name or an address; IPv6 in its brackets */
	uint16_t port;                   /* 1 to 65535 */
	char session[HTTPCONNECT_SESSION + 1]; /* of the field SP-Session, which is ours: whose; "": none is said */
	size_t n;                        /* bytes of the header: what is behind them is the tunnel's */
};

struct httpconnect_no { /* what is answered to a request that is none */
	unsigned status; /* 400 malformed, 414 and 431 too long, 501 another method, 505 another HTTP */
	const char *why; /* constant */
};

/* Does it begin like a request? The first byte of a method is a capital letter. */
bool httpconnect_begins(uint8_t first);
/* 1 and the request, 0 need more, -1 and *no. */
int httpconnect_read(struct view in, struct httpconnect *to, struct httpconnect_no *no);
/* Appends the request. 0/-1 as buf_add. */
int httpconnect_write(struct buf *out, const struct httpconnect *q);

/* Appends the answer: of 200 the header alone; of all others why as phrase and as text, and
 * that the connection is over. 0/-1 as buf_add. */
int httpconnect_answer(struct buf *out, unsigned status, const char *why);

struct httpconnect_said {
	unsigned status; /* 200 to 299: it leads there */
	char phrase[HTTPCONNECT_PHRASE]; /* what the status line says besides; cut, without control characters */
	size_t n;        /* bytes of the header */
};
/* 1 and an answer, 0 need more, -1 with a constant reason: it is none. */
int httpconnect_heard(struct view in, struct httpconnect_said *to, const char **why);

#endif
