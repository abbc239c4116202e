/* radius_tls.h - RADIUS over TLS to one server, over a few connections, which
 * are opened when there is something to ask and kept. */
#ifndef SP_ENGINE_RADIUS_TLS_H
#define SP_ENGINE_RADIUS_TLS_H

#include "sys/loop.h"
#include "sys/sock.h"
#include "wire/radius.h"

struct radius_tls;
struct ssl_ctx_st;

#define RADIUS_TLS_LINKS 4 /* connections to a server at once */

/* The server's certificate must be made out to the address's host: that is for ctx to
 * look at (tls_filter). ctx is the caller's. NULL with errno. */
struct radius_tls *radius_tls_new(struct loop *l, const struct addr *a, struct ssl_ctx_st *ctx);
void radius_tls_free(struct radius_tls *t); /* forgets all */

/* A question; storage of the caller's, who fills in the first three. The packet
 * is sealed anew before it is sent. */
struct radius_call {
	struct radius_packet *packet;
	/* reply NULL: no answer, and why says why. Valid during the call. */
	void (*fn)(void *arg, const struct radius_reply *reply, const char *why);
	void *arg;
	struct radius_call *next;
	bool silent; /* with the reason: the server let itself be connected to, and then said nothing */
	bool again;  /* a connection that had answered was lost over it */
};

/* Asks when a connection is free for it; fn is called once, from the loop, unless
 * it was forgotten. 0, or -1 with errno: there is, and can be, no connection. */
int radius_tls_ask(struct radius_tls *t, struct radius_call *c);
/* Waits for the answer no longer. A question that was answered: nothing. */
void radius_tls_forget(struct radius_tls *t, struct radius_call *c);

#endif
