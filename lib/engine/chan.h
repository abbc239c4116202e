/* chan.h - records both ways over a stream (tls: or unix:): the protocol of
 * sp-login -l and sp-monitor. A question is one record with id=; its answer is
 * any number of records with the same id=, the last of which has done= (the
 * count of those before it; more=CURSOR when there is a further page) or
 * error=, step=, detail=. Malformed input closes the channel. */
#ifndef SP_ENGINE_CHAN_H
#define SP_ENGINE_CHAN_H

#include "base/record.h"
#include "sys/stream.h"

struct chan;

struct chan_ops {
	void (*open)(void *arg);                      /* may be NULL */
	void (*record)(void *arg, struct record *r);  /* valid during the call */
	void (*drained)(void *arg);                   /* may be NULL */
	void (*closed)(void *arg, const char *why);   /* the owner frees */
	/* The first bytes, before they are read as records; may be NULL. true: they, and the stream
	 * (chan_release), are the owner's. */
	bool (*first)(void *arg, struct buf *in);
};

/* A server's side of an accepted descriptor. ctx NULL: plain (unix). */
struct chan *chan_accept(struct loop *l, int fd, struct ssl_ctx_st *ctx, int64_t deadline,
                         const struct chan_ops *ops, void *arg);

/* A client's: tries each address text in turn ("tls:a:1", "tls:b:1", "unix:p")
 * until one is open or the deadline passes; then closed(why). */
struct chan_conf {
	const char *const *address;
	unsigned naddress;
	struct ssl_ctx_st *ctx; /* needed for tls: */
	int64_t deadline;       /* clock_ms, for being open */
};
struct chan *chan_connect(struct loop *l, const struct chan_conf *conf, const struct chan_ops *ops, void *arg);

/* Every record that comes is a question: a peer that asks no more (half-closed) is
 * answered what it asked before closed(NULL), within ms of its end. Without this a
 * peer that sends no more is gone. */
void chan_serve(struct chan *c, int64_t ms);
/* A server reads no more of this peer. What was asked before is still answered, then
 * comes closed(NULL), within the ms of chan_serve; never from within this call. */
void chan_hang_up(struct chan *c);

int chan_send(struct chan *c, struct record *r); /* 0/-1 */
/* closed() came because one end does not let the other in by its certificate. */
bool chan_denied(const struct chan *c);
size_t chan_queued(const struct chan *c);
struct stream *chan_stream(struct chan *c);
/* The stream is the caller's, who says stream_own at once; what is left of the channel is to be freed. */
struct stream *chan_release(struct chan *c);
void chan_pause(struct chan *c, bool paused);
void chan_free(struct chan *c);

#endif
