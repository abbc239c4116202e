/* stream_impl.h - inside stream.c (what is done when, and who is told) and
 * carrier.c (how bytes get to the peer: the descriptor itself, or TLS over it). */
#ifndef SP_SYS_STREAM_IMPL_H
#define SP_SYS_STREAM_IMPL_H

#include "sys/stream.h"

#include <openssl/ssl.h>

enum phase { CONNECTING, HANDSHAKE, OPEN, CLOSED };

struct stream {
	struct loop *loop;
	int fd;
	SSL *ssl;
	unsigned long judged; /* tls_again */
	const char *unready; /* why nobody can be let in now */
	enum phase phase;
	const struct stream_ops *ops;
	void *arg;
	struct buf in, out;
	size_t sent; /* of out, from its beginning */
	struct loop_timer deadline;
	bool want_write; /* TLS wants to write before it can go on */
	bool paused, busy, freed;
	bool more;  /* a turn is wanted, whatever poll says */
	bool ended; /* the peer sends no more */
	bool denied; /* a certificate was not accepted, here or there */
	bool hung;  /* it is gone; what it sent may still be there to be read */
};

/* Begins TLS; host as of stream_new. false: out of memory. */
bool carrier_tls(struct stream *s, SSL_CTX *ctx, const char *host);
/* 1 done, 0 try again later, negative: failed. */
int carrier_handshake(struct stream *s);
/* n > 0 bytes, 0 nothing now, -1 failed, -2 orderly end. */
ssize_t carrier_get(struct stream *s, void *p, size_t n);
ssize_t carrier_put(struct stream *s, const void *p, size_t n);
/* Why TLS failed; sets denied. */
const char *carrier_reason(struct stream *s);
/* After an alert: closes fd when the peer has read it, at the latest in a second. Bytes that
 * nobody read would else make TCP forget it. */
void carrier_linger(struct loop *l, int fd);

#endif
