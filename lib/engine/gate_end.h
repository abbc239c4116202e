/* gate_end.h - an end of tunnels' sessions (a service processor's, a security server's) as it
 * speaks with the gateway (engine/gate.h): shows each session's permit until that is
 * answered, again after the tunnel was raised anew, and when there is a later one. */
#ifndef SP_ENGINE_GATE_END_H
#define SP_ENGINE_GATE_END_H

#include "engine/tunnel.h"

struct gate_end;

struct gate_end_ops {
	/* The gateway takes the permit: session= workstation= inside= ports= until=. */
	void (*taken)(void *arg, void *of, struct record *answer);
	/* Both ends are there: packets pass. */
	void (*open)(void *arg, void *of);
	/* It is refused, or it was open and is over: status, a reason. It is forgotten then. */
	void (*over)(void *arg, void *of, bool denied, const char *why);
	void (*packet)(void *arg, struct view ip);
	/* The tunnel: g is there; or it is not, any more or yet, and why. */
	void (*up)(void *arg, const struct gateway *g);
	void (*down)(void *arg, const struct gateway *g, const char *why, bool denied);
};

/* In place of a tunnel, where the gateway is in this process (engine/gate_local.h); it is always up. */
struct gate_way {
	void (*to)(void *arg, struct gate_end *e); /* who hears what comes (gate_end_heard); NULL: nobody any more */
	void (*record)(void *arg, const struct record *r);
	void (*packet)(void *arg, struct view ip);
	void *arg;
};

struct gate_end_conf {
	struct tunnel_conf tunnel; /* ops and arg are ours */
	const struct gate_way *way; /* outlives the end; of tunnel only loop counts then, and mtu= must be known. NULL: a tunnel */
	uint64_t speed;            /* of the way to us, bit/s, that is told to the gateway; 0: nothing; else
	                            * packets may be those of wire/squeeze.h */
	unsigned mtu;              /* that is told to the gateway: of packets to us; 0: what the tunnel has room for */
	const struct gate_end_ops *ops;
	void *arg;
};

struct gate_end *gate_end_new(const struct gate_end_conf *conf); /* no tunnel yet. NULL: out of memory */
void gate_end_free(struct gate_end *e);                          /* no callbacks. NULL: nothing */

/* A session, or a later permit of one; raises the tunnel if raise. of: whom the callbacks are
 * told. 0, or -1 with errno: ENOMEM, EMSGSIZE. */
int gate_end_show(struct gate_end *e, const char *session, struct view permit, bool raise, void *of);
/* It is over, as far as we are concerned: the gateway is told. No callback. */
void gate_end_drop(struct gate_end *e, const char *session);
void gate_end_raise(struct gate_end *e); /* if it is not raised */
void gate_end_lower(struct gate_end *e); /* no tunnel until it is raised again */

bool gate_end_up(const struct gate_end *e);
/* From the way: a packet; or a record's line, never from within what the way was given. */
void gate_end_heard(struct gate_end *e, struct view datagram);
void gate_end_packet(struct gate_end *e, struct view ip);
unsigned gate_end_room(const struct gate_end *e); /* bytes of the largest packet, while it is up */

#endif
