/* tunnel.h - one end's tunnel to a gateway: DTLS (sys/dtls.h) to the first of several that
 * answers, is a gateway by its certificate and, where that is pinned, has the key it must
 * have. It is asked now and then whether it is there; when it is not, the next one is tried,
 * with growing delay once all were. What goes through it is the owner's (engine/gate.h). */
#ifndef SP_ENGINE_TUNNEL_H
#define SP_ENGINE_TUNNEL_H

#include "base/record.h"
#include "sys/cert.h"
#include "sys/loop.h"
#include "sys/sock.h"

struct ssl_ctx_st;

#define TUNNEL_GATEWAYS 8

struct gateway { /* where one is, and how it is known */
	struct addr at;             /* dtls: */
	const char *name;           /* of its certificate; points into at. "": any */
	uint8_t key[CERT_KEY_HASH]; /* of its public key, where pinned */
	bool pinned;
};
/* dtls:HOST:PORT[?key=HEX&name=NAME]; HEX: what `sp-ca list' shows as key=. false with a constant reason. */
bool gateway_parse(struct gateway *g, const char *text, const char **why);

struct tunnel_ops {
	void (*up)(void *arg, const struct gateway *g);
	void (*record)(void *arg, struct record *r); /* valid during the call */
	void (*packet)(void *arg, struct view ip); /* or one of wire/squeeze.h */
	/* It was up, or one of the gateways could not be had; the next try follows by itself.
	 * denied: by a certificate. The owner may free the tunnel. */
	void (*down)(void *arg, const struct gateway *g, const char *why, bool denied);
};

struct tunnel_conf {
	struct loop *loop;
	struct ssl_ctx_st *ctx;        /* a client's, with datagrams, of role gateway */
	const struct gateway *gateway; /* in order; outlive the tunnel, as ctx does */
	unsigned n;
	unsigned mtu;                  /* of the way there, bytes of IP; at least 296 */
	const char *device;            /* the only one that its datagrams go over; NULL: any */
	int64_t patience;              /* ms for a handshake, and for an answer */
	const struct tunnel_ops *ops;
	void *arg;
};

struct tunnel;
struct tunnel *tunnel_new(const struct tunnel_conf *conf); /* begins. NULL: out of memory */
/* Takes its leave of the gateway; no callback. NULL: nothing. */
void tunnel_free(struct tunnel *t);

bool tunnel_up(const struct tunnel *t);
/* One packet, or nothing: it is lost when the tunnel is not up, or it has no room. */
void tunnel_packet(struct tunnel *t, struct view ip);
/* 0, or -1: it is not up, or the record is too long for a datagram. */
int tunnel_record(struct tunnel *t, struct record *r);
/* Bytes of the largest packet, while it is up. */
unsigned tunnel_room(const struct tunnel *t);
/* The inside of a tunnel over a way of that mtu, as far as can be said before it is up. */
unsigned tunnel_inside_mtu(unsigned mtu);

#endif
