/* radius_client.h - RADIUS requests to the first of several servers that
 * answers. Over UDP each try has a socket of its own, and the kernel says at once
 * when nobody listens there; a datagram from anywhere else, or one that radius_check
 * refuses, is dropped and told, and the wait goes on. A server that is silent
 * for its share of the time is passed over for a while where others are left. Over
 * TLS the requests to a server share a connection (radius_tls.h). */
#ifndef SP_ENGINE_RADIUS_CLIENT_H
#define SP_ENGINE_RADIUS_CLIENT_H

#include "base/exit.h"
#include "sys/loop.h"
#include "wire/radius.h"

#define RADIUS_SERVERS 8

struct radius_client;
struct ssl_ctx_st;
struct radius_ask;

struct radius_client_conf {
	const char *const *server; /* as radius_server.h says: all tls:, or none */
	unsigned nserver;          /* 1 to RADIUS_SERVERS */
	bool old_ports;            /* 1645 and 1646 where none is named, else 1812 and 1813 */
	const struct secret *secret; /* must outlive the client; tls: not used */
	int64_t dead_ms;             /* for which a silent server is passed over */
	struct ssl_ctx_st *ctx;      /* not NULL: tls:, and must outlive the client */
	/* A datagram that was dropped: HOST:PORT that it came from, valid during the call, and a constant
	 * reason. May be NULL. */
	void (*dropped)(void *arg, const char *from, const char *why);
	void *arg;
};

/* Resolves the names of UDP servers, blocking; one that does not resolve is left out as long
 * as another does. NULL with a constant reason; `bad` is the server it is about. */
struct radius_client *radius_client_new(struct loop *l, const struct radius_client_conf *conf,
                                        const char **why, const char **bad);
void radius_client_free(struct radius_client *c); /* also forgets what was asked */

/* status: SP_OK with a reply, SP_TIMEOUT (silence, or only forgeries), SP_PEER
 * (no server listens, or none with the right certificate), SP_SYSTEM. detail: constant, "" for SP_OK. Valid during
 * the call. */
struct radius_end {
	enum sp_exit status;
	struct radius_reply reply;
	const char *detail;
};
typedef void radius_end_fn(void *arg, const struct radius_end *end);

/* Asks; the packet, sealed, is copied. Calls back once, from the loop only.
 * NULL with errno. */
struct radius_ask *radius_ask(struct radius_client *c, const struct radius_packet *p, int64_t deadline,
                              radius_end_fn *fn, void *arg);
void radius_forget(struct radius_ask *a);

#endif
