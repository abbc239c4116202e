/* gate_door.h - the security server's end: workstations show their permits by TLS, and from
 * then on what their kernel sends to service processors and routers goes through one
 * tunnel to the gateway, which is raised by the first such packet and kept as long as
 * anybody has a permit here. A permit counts for who has the user's certificate, and from
 * the workstation that it names, while that connection lasts. Over it (engine/chan.h):
 *   op=permit permit=TEXT id=N       a session; rows say state=shown, state=open, and it ends with
 *                                    done=, or error=denied. A later permit of it: done=1 at once
 *   op=end session= id=N             it is over
 *
 * Or it is the gateway's own door, for workstations whose kernel is not asked: they have no
 * address within but one that they are given here, for as long as the connection lasts
 *   op=address id=N                  done=1 workstation=
 * and a permit names that. Packets between it and the system come out of and go into a TUN
 * device that is alone with us in a network namespace of its own, and there are those of the
 * connections that HTTP's CONNECT (wire/httpconnect.h) is led to from here: to the ports that a
 * session's permit opens, for who has the certificate of its user, while it lasts; or to a router. */
#ifndef SP_ENGINE_GATE_DOOR_H
#define SP_ENGINE_GATE_DOOR_H

#include "engine/gate.h"
#include "engine/gate_end.h"
#include "engine/prefix.h"
#include "engine/tunend.h"

struct evp_pkey_st;

struct netns;

struct gate_door_inside {
	struct prefix pool;      /* of workstations' addresses */
	const struct netns *net; /* where the device is, and the pool its own */
	const struct gate_router *router; /* where CONNECT may lead, besides */
	unsigned nrouters;
};

#define GATE_DOOR_EACH 64 /* connections of one session */

struct gate_door_conf {
	struct loop *loop;
	struct ssl_ctx_st *ctx; /* a server's, of role user; outlives it */
	struct evp_pkey_st *const *key; /* of monitors, whose permits count */
	unsigned nkeys;
	unsigned clients, strangers; /* connections; of them, of one address, without a permit */
	struct gate_end_conf end;    /* tunnel or way, mtu; ops and arg are ours */
	const struct gate_door_inside *inside; /* outlives it. NULL: workstations have addresses of their own */
	/* What happened, for the log: step=, event=, session=, user=, from=, workstation=, to=, detail=. */
	void (*tell)(void *arg, struct record *r);
	void *arg;
};

struct gate_door;
/* Takes over fd, a listening socket. tun: loop is set, the rest ours; it is open until
 * gate_door_free. NULL with errno; fd is then closed. */
struct gate_door *gate_door_new(const struct gate_door_conf *conf, int fd, struct tunend *tun);
void gate_door_free(struct gate_door *d);

#endif
