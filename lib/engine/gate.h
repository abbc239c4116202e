/* gate.h - the gateway's judgement: which packets of which tunnels go where. A peer is one
 * end of a tunnel, known by its certificate: a service processor, which has one session, or a
 * security server, which has those of many workstations. Each shows a permit (wire/permit.h);
 * when both ends of a session have shown theirs, packets between its workstation and its
 * inside address go from one to the other, as far as wire/inner.h lets them; with the end of
 * either tunnel or of the permit it is over. Nothing is decided by what another party says.
 *
 * A datagram of a tunnel is an IPv4 packet, or a record line, which no packet begins like:
 *   op=permit permit=TEXT id=N [mtu=N] [speed=N]  from a peer; a later permit of the same
 *                                       session renews it. mtu: the largest packet that it can
 *                                       be sent; speed: of the way to it, bit/s
 *   id=N done=1 session= workstation= inside= ports= until=   or   id=N error=denied detail=
 *   op=end session= id=N           its end of the session goes; op=echo id=N: is somebody there?
 *   session= state=open|ended [reason=]                       to both, when it is so
 * From workstations that have a session packets go on to routers, too, by TCP to those
 * ports that the gateway's administrator named: the telnet session is within the tunnel.
 * No descriptor, no clock; times are given. */
#ifndef SP_ENGINE_GATE_H
#define SP_ENGINE_GATE_H

#include "base/record.h"
#include "wire/ports.h"
#include "wire/who.h"

#include <stdint.h>
#include <time.h>

struct evp_pkey_st;
struct inner;

#define GATE_ROUTE_PORT 4341 /* of the route service (sp-route(1)), which every permit opens */

/* What is open within a tunnel: what the permit opens, and the route service, without which
 * nothing answers (step 341). false: too many ranges. to may be permitted. */
bool gate_ports(const struct ports *permitted, struct ports *to);

struct gate_router {
	uint32_t address;
	uint16_t port;
};

struct gate_conf {
	struct evp_pkey_st *const *key; /* of monitors, whose permits count */
	unsigned nkeys;
	unsigned max; /* sessions at once */
	/* A datagram for the peer that has this arg; it is lost, or arrives. */
	void (*send)(void *peer, struct view datagram);
	/* What happened, for the log and for people: step=, event= (open, ended, renewed, refused),
	 * session= and so on. */
	void (*tell)(void *arg, struct record *r);
	void (*speed)(void *peer, uint64_t speed); /* of the way to it; may be NULL */
	void (*plain)(void *arg, struct view packet); /* one to a router */
	void *arg; /* of tell and plain */
	const struct gate_router *router;
	unsigned nrouters;
};

struct gate;
struct gate_peer;
struct gate *gate_new(const struct gate_conf *conf); /* NULL: no memory */
void gate_free(struct gate *g);                      /* after its peers */

/* A tunnel is up. role=processor or role=login; else NULL with EPERM; or ENOMEM. One of the
 * same name may be there still: what it shows a permit for, it takes over. */
struct gate_peer *gate_peer_new(struct gate *g, const struct who *who, void *arg);
/* The workstations' end in this process: what is for it comes to send(arg), in place of the conf's.
 * Its session is TCP that it begins: the other end begins nothing, whatever the permit says. */
struct gate_peer *gate_peer_local(struct gate *g, const char *name, void (*send)(void *arg, struct view datagram), void *arg);
/* It is down: its sessions end. The other ends are told. */
void gate_peer_free(struct gate_peer *p);
/* What came through it. now: clock_ms(); clock: the time. */
void gate_datagram(struct gate_peer *p, struct view datagram, int64_t now, time_t clock);
/* A packet from a router: to its workstation, if there is a session of that. */
void gate_plain(struct gate *g, struct view packet, time_t clock);
/* Ends what the permit no longer covers. When to come again; 0: no session is there. */
time_t gate_expire(struct gate *g, time_t clock);

unsigned gate_sessions(const struct gate *g); /* that are open: both ends are there */
/* Of the session with this identifier: counts by cause; NULL: there is none. */
const struct inner *gate_counts(const struct gate *g, struct view session);

#endif
