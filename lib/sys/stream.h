/* stream.h - a non-blocking byte stream over a plain descriptor or TLS 1.3,
 * driven by a loop. Writing is buffered up to a maximum; reading is handed
 * over in one growing buffer from which the owner consumes. */
#ifndef SP_SYS_STREAM_H
#define SP_SYS_STREAM_H

#include "base/buf.h"
#include "sys/loop.h"
#include "sys/tls.h"

struct stream;

struct stream_ops {
	void (*open)(void *arg);                    /* connected, TLS done; may be NULL */
	void (*data)(void *arg, struct buf *in);    /* more is there: consume what is whole */
	void (*drained)(void *arg);                 /* everything written is out; may be NULL */
	void (*closed)(void *arg, const char *why); /* why NULL: orderly end by the peer. The
	                                             * stream is still to be freed, by the owner */
	/* The peer sends no more but may still read; closed(NULL) follows when it is
	 * seen to be gone. NULL: its end of sending is the end, closed(NULL) at once. */
	void (*ended)(void *arg);
};

#define STREAM_TIMED_OUT "timed out"

/* Takes fd over (connected, or connecting with connecting=true). ctx NULL:
 * plain. host: the client's side, what it connects to; the server's side: NULL.
 * Not open by deadline: closed(STREAM_TIMED_OUT). NULL with errno; fd is then
 * closed. in_max, out_max bound the buffers. */
struct stream *stream_new(struct loop *l, int fd, bool connecting, struct ssl_ctx_st *ctx,
                          const char *host, int64_t deadline, const struct stream_ops *ops, void *arg);
/* A client's: the name (wire/who.h) that the peer's certificate must have, in place of what its
 * context says; "": as that says, and so it is without TLS. At once after stream_new. false: NULL, too long, or nobody
 * judges names there. */
bool stream_expect(struct stream *s, const char *name);
/* A server's, at once after stream_new: the handshake is not begun before ms are over; its deadline stays. */
void stream_later(struct stream *s, int64_t ms);
/* From now on somebody else's. What was not consumed is handed over with the next
 * bytes that come. */
void stream_own(struct stream *s, const struct stream_ops *ops, void *arg);
#define STREAM_IN_MAX (256u << 10)
#define STREAM_OUT_MAX (16u << 20)
void stream_limits(struct stream *s, size_t in_max, size_t out_max);

int stream_write(struct stream *s, struct view v); /* 0/-1: ENOBUFS over out_max, EPIPE closed */
/* Sends no more, what is still queued included: tells the peer, of which more may come. */
void stream_end(struct stream *s);
size_t stream_queued(const struct stream *s);
int stream_fd(const struct stream *s);
/* Stop or go on reading: what back-pressure needs. */
void stream_pause(struct stream *s, bool paused);
/* The peer's certificate, which was judged; borrowed (sys/cert.h). NULL: it showed none, or
 * it is no TLS. */
struct x509_st *stream_peer(const struct stream *s);
/* The one that it has shown, also if it was not let in, for a log: perhaps nobody vouches for what it says.
 * Borrowed; NULL as above. */
struct x509_st *stream_shown(const struct stream *s);
/* Has what is revoked changed since the peer was let in, and he is? Then why; NULL: he may
 * stay. Cheap enough to be asked at each question. */
const char *stream_still(struct stream *s);
/* It was closed because one end does not let the other in by its certificate. */
bool stream_denied(const struct stream *s);
/* Closes and frees; what is queued is lost unless drained first. Safe inside
 * the stream's own callbacks. */
void stream_free(struct stream *s);

#endif
