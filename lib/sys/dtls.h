/* dtls.h - associations of DTLS 1.2 (RFC 6347) over UDP, driven by a loop. What one side
 * sends as one record the other gets as one, or not at all: who wants an answer asks
 * again. Handshakes repeat what was lost by themselves. Nothing is kept of a peer, and
 * less is sent to it than it sent, before it has shown by a cookie that it is where it
 * says (section 4.2.1). */
#ifndef SP_SYS_DTLS_H
#define SP_SYS_DTLS_H

#include "base/view.h"
#include "sys/loop.h"
#include "sys/tls.h"

/* What fits a datagram on every path: IPv6 takes 1280 bytes everywhere (RFC 8200, 5), of
 * which IP and UDP have 48, the record and its AEAD 37. */
#define DTLS_MAX 1190

struct dtls;
struct dtls_ops {
	void (*open)(void *arg);                        /* both have judged each other */
	void (*datagram)(void *arg, struct view v);     /* valid during the call */
	/* Once, perhaps without open: why NULL, the peer takes its leave. Then the owner frees. */
	void (*closed)(void *arg, const char *why);
};

/* A client's side. Takes over fd, a connected UDP socket. ctx: of tls_client with datagrams.
 * Not open by deadline: closed("timed out"). NULL with errno; fd is then closed. */
struct dtls *dtls_connect(struct loop *l, int fd, struct ssl_ctx_st *ctx, int64_t deadline,
                          const struct dtls_ops *ops, void *arg);
bool dtls_expect(struct dtls *d, const char *name); /* as stream_expect */
/* The path takes datagrams of so many bytes of UDP's, 256 to 65507, not just those that every
 * path takes. What dtls_send takes follows from it, once it is open. */
void dtls_path_mtu(struct dtls *d, unsigned mtu);
size_t dtls_room(const struct dtls *d); /* DTLS_MAX, or what the path has room for */
/* From now on what is sent in one turn of the loop goes out together at its end: fewer calls of
 * the kernel for who sends much. */
void dtls_gather(struct dtls *d);
/* 0, or -1: EMSGSIZE over dtls_room, EPIPE not open. */
int dtls_send(struct dtls *d, struct view v);
/* The peer's certificate, which was judged; borrowed. NULL: it showed none. */
struct x509_st *dtls_peer(const struct dtls *d);
struct x509_st *dtls_shown(const struct dtls *d); /* as stream_shown */
const char *dtls_still(struct dtls *d); /* as stream_still */
/* The address alone, as inet_ntop prints it. */
void dtls_peer_host(const struct dtls *d, char *out, size_t size);
/* It was closed because one end does not let the other in by its certificate. */
bool dtls_denied(const struct dtls *d);
/* Takes its leave of the peer. Safe inside its own callbacks. NULL is fine. */
void dtls_free(struct dtls *d);

/* The server's side: one socket for all. */
struct dtls_conf {
	struct loop *loop;
	struct ssl_ctx_st *ctx; /* of tls_server with datagrams; outlives the listener */
	unsigned mtu;           /* as dtls_path_mtu, of each; 0: what every path takes */
	int64_t handshake_ms;   /* then a peer that has not done it is given up */
	/* The cookie came back: the owner of the association, whom the ops are told, or NULL:
	 * it is not taken now. */
	void *(*accept)(void *arg, struct dtls *d);
	const struct dtls_ops *ops;
	void *arg;              /* of accept */
};
/* Within accept: the handshake goes on when ms are over; its deadline stays. */
void dtls_later(struct dtls *d, int64_t ms);
struct dtls_listener;
/* Takes over fd, a bound UDP socket. NULL with errno; fd is then closed. */
struct dtls_listener *dtls_listen(const struct dtls_conf *conf, int fd);
/* After its associations. */
void dtls_listener_free(struct dtls_listener *l);

#define DTLS_RANDOM 32
/* Does a datagram begin with a ClientHello (section 4.2.2, message 1 of a handshake, its
 * beginning)? Its random is what tells two apart. */
bool dtls_hello(struct view datagram, uint8_t random[DTLS_RANDOM]);
/* Is it whole records, none of which is too short to be sealed when its epoch says so? */
bool dtls_sound(struct view datagram);

#endif
