/* gateclient_impl.h - a security client, as gatecmd_client.c (the session and its packets) and
 * gateclient_link.c (what sp-ras says) have it; nobody else includes it. */
#ifndef SP_TOOL_GATECLIENT_IMPL_H
#define SP_TOOL_GATECLIENT_IMPL_H

#include "engine/gate_end.h"
#include "engine/linkroute.h"
#include "engine/paced.h"
#include "tool/gatecmd.h"
#include "tool/gatewall.h"
#include "wire/inner.h"
#include "wire/squeeze.h"

struct client {
	struct gatecmd *c;
	struct ssl_ctx_st *ctx;
	struct recin in;
	struct record rec;
	struct gate_end *end;
	struct tunend tun;
	struct inner inner;
	struct paced *paced; /* NULL: the link is fast */
	struct squeeze squeeze;
	struct linkroute route;
	struct gatewall wall;
	struct prefix to[TUNNEL_GATEWAYS];
	unsigned nto;
	struct loop_timer late;
	uint64_t speed; /* of the link, bit/s of ten bits a byte; 0: it is fast */
	unsigned mtu;   /* of the link, or what is less */
	char session[64], interface[IFNAMSIZ];
	const struct gateway *gateway;
	bool ready, routed, over;
	enum sp_exit status;
};

/* gatecmd_client.c */
void client_finish(struct client *k, enum sp_exit status);
void client_fail(struct client *k, enum sp_exit status, const char *what, const char *why);
void client_raise(struct client *k); /* the tunnel of the link in k->rec */
/* gateclient_link.c: struct loop's callback for standard input. */
void client_input(void *arg, int fd, short revents);

#endif
