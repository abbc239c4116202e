/* gate_serve.h - the gateway in a loop: ends of tunnels come by DTLS and are judged by
 * gate.h. Who says nothing for GATE_QUIET_MS, or whose certificate is revoked, is let go. */
#ifndef SP_ENGINE_GATE_SERVE_H
#define SP_ENGINE_GATE_SERVE_H

#include "engine/gate.h"
#include "engine/tunend.h"

struct ssl_ctx_st;

#define GATE_QUIET_MS 20000

struct gate_serve_conf {
	struct loop *loop;
	struct ssl_ctx_st *ctx;    /* a server's, with datagrams; outlives it */
	unsigned mtu;              /* of the ways to it, bytes of IP */
	unsigned peers, strangers; /* tunnels at once; of them, of one address, whose handshake is not done */
	struct gate_conf gate;     /* key, router, max, tell and arg; send and plain are ours */
	struct tunend *plain;      /* where packets to routers go; NULL: there are none */
	/* Somebody was not let in, or was let go: step= event= from= detail=, and what refusal.h has. */
	void (*refused)(void *arg, struct record *r);
};

struct gate_serve;
/* Takes over fd, a bound UDP socket. NULL with errno; fd is then closed. */
struct gate_serve *gate_serve_new(const struct gate_serve_conf *conf, int fd);
/* For ends in this process, which are freed between these two. */
struct gate *gate_serve_gate(const struct gate_serve *s);
/* From now on nothing is told of sessions: another gateway may take them over. */
void gate_serve_leave(struct gate_serve *s);
/* The same, and the ends take their leave. */
void gate_serve_free(struct gate_serve *s);
/* A packet that came from where plain leads. */
void gate_serve_plain(struct gate_serve *s, uint8_t *ip, size_t n);

#endif
