/* stream_impl.h - inside stream.c (what is done when, and who is told) and the carriers
 * (how bytes get to the peer): carrier.c, the descriptor itself; carrier_tls.c, TLS by
 * OpenSSL over it; carrier_filter.c, TLS by a program beside us. */
#ifndef SP_SYS_STREAM_IMPL_H
#define SP_SYS_STREAM_IMPL_H

#include "sys/stream.h"

enum phase { CONNECTING, HANDSHAKE, OPEN, CLOSED };

struct carrier {
	/* host as of stream_new. false: out of memory. */
	bool (*begin)(struct stream *s, struct ssl_ctx_st *ctx, const char *host);
	/* 1 done, 0 try again later, negative: failed. */
	int (*handshake)(struct stream *s);
	/* n > 0 bytes, 0 nothing now, -1 failed, -2 orderly end. */
	ssize_t (*get)(struct stream *s, void *p, size_t n);
	ssize_t (*put)(struct stream *s, const void *p, size_t n);
	/* Why it failed, or NULL: nothing is known; sets denied. */
	const char *(*reason)(struct stream *s);
	void (*end)(struct stream *s);   /* tells the peer that nothing more comes; does not wait */
	void (*clear)(struct stream *s); /* frees own, which may be NULL */
	struct x509_st *(*peer)(const struct stream *s);
	struct x509_st *(*shown)(const struct stream *s);
	const char *(*still)(struct stream *s); /* of one that is open: stream_still */
	bool (*expect)(struct stream *s); /* s->name is set */
	void (*free)(struct ssl_ctx_st *ctx);
};

extern const struct carrier carrier_plain;
ssize_t carrier_read(struct stream *s, void *p, size_t n);
ssize_t carrier_write(struct stream *s, const void *p, size_t n);
/* Of streams that have a context. Set by who makes the first one, so that a program
 * without TLS has no TLS library. All contexts of a program are of one kind. */
extern const struct carrier *carrier_secure;

struct stream {
	struct loop *loop;
	int fd;
	const struct carrier *carrier;
	void *own; /* the carrier's */
	char name[TLS_NAME]; /* stream_expect */
	enum phase phase;
	const struct stream_ops *ops;
	void *arg;
	struct buf in, out;
	size_t sent; /* of out, from its beginning */
	struct loop_timer deadline, later; /* later: stream_later */
	bool want_write; /* TLS wants to write before it can go on */
	bool paused, busy, freed;
	bool more;  /* a turn is wanted, whatever poll says */
	bool ended; /* the peer sends no more */
	bool denied; /* a certificate was not accepted, here or there */
	bool hung;  /* it is gone; what it sent may still be there to be read */
};

/* After an alert: closes fd when the peer has read it, at the latest in a second. Bytes that
 * nobody read would else make TCP forget it. */
void carrier_linger(struct loop *l, int fd);

#endif
