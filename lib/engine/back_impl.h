/* back_impl.h - inside back.c (service processors) and back_call.c (callers). */
#ifndef SP_ENGINE_BACK_IMPL_H
#define SP_ENGINE_BACK_IMPL_H

#include "engine/back.h"
#include "engine/hello.h"
#include "engine/join.h"
#include "engine/refusal.h"
#include "engine/shake.h"
#include "engine/source.h"
#include "wire/who.h"

#define SAY_MS 2000      /* for the last word to somebody */
#define RING_MS 10000    /* for a service processor to say that it is there */
#define LINGER_MS 5000   /* for what is on its way when one end of a call has gone */

enum back_phase {
	BACK_STRANGER, /* TLS is not done, or op=back not said */
	BACK_WAITING,
	BACK_RINGING,  /* picked up, not yet answered */
	BACK_CALL,
	BACK_LEAVING   /* the last word is being said */
};

struct back_caller;

struct back_peer {
	struct back_peer *next;
	struct back *b;
	enum back_phase phase;
	bool open; /* TLS is done */
	struct stream *s; /* until the call */
	struct join *join;
	struct back_caller *caller; /* RINGING */
	char serial[WHO_NAME_MAX + 1], peer[64], source[SOURCE_TEXT];
	int64_t since; /* of the phase */
	struct loop_timer timer;
};

struct back_caller {
	struct back_caller *next;
	struct back *b;
	struct stream *s;
	struct back_peer *peer; /* that it waits for */
	bool asked, leaving;
	struct loop_timer timer;
};

struct back {
	struct back_conf conf;
	int fd, local;
	struct ssl_ctx_st *ctx;
	struct back_peer *peers;
	struct back_caller *callers;
	unsigned npeers, ncallers;
	bool full;
	struct guesses shakes; /* handshakes */
	struct refusals refused; /* that are told */
};

/* back.c */
void back_tell(struct back_peer *p, const char *state, const char *reason, const char *detail);
void back_peer_free(struct back_peer *p);
/* The one of this serial that waits; else NULL, and *busy: it is in a call. */
struct back_peer *back_find(struct back *b, struct view serial, bool *busy);
/* back_call.c */
void back_ring(struct back_peer *p, struct back_caller *c);
/* It has answered; what it has said already is the call's. */
void back_answered(struct back_peer *p, struct buf *in);
/* The service processor that it waits for is gone. */
void back_no_answer(struct back_caller *c, const char *error, const char *reason, const char *detail);
void back_caller_free(struct back_caller *c);

#endif
