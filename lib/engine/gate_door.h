/* gate_door.h - the security server's end: workstations show their permits by TLS, and from
 * then on what their kernel sends to service processors and routers goes through one
 * tunnel to the gateway, which is raised by the first such packet and kept as long as
 * anybody has a permit here. A permit counts for who has the user's certificate, and from
 * the workstation that it names, while that connection lasts. Over it (engine/chan.h):
 *   op=permit permit=TEXT id=N       a session; rows say state=shown, state=open, and it ends with
 *                                    done=, or error=denied. A later permit of it: done=1 at once
 *   op=end session= id=N             it is over */
#ifndef SP_ENGINE_GATE_DOOR_H
#define SP_ENGINE_GATE_DOOR_H

#include "engine/gate_end.h"
#include "engine/tunend.h"

struct evp_pkey_st;

struct gate_door_conf {
	struct loop *loop;
	struct ssl_ctx_st *ctx; /* a server's, of role user; outlives it */
	struct evp_pkey_st *const *key; /* of monitors, whose permits count */
	unsigned nkeys;
	unsigned clients, strangers; /* connections; of them, of one address, without a permit */
	struct gate_end_conf end;    /* tunnel, mtu; ops and arg are ours */
	/* What happened, for the log: step=, event=, session=, user=, from=, detail=. */
	void (*tell)(void *arg, struct record *r);
	void *arg;
};

struct gate_door;
/* Takes over fd, a listening socket. tun: loop is set, the rest ours; it is open until
 * gate_door_free. NULL with errno; fd is then closed. */
struct gate_door *gate_door_new(const struct gate_door_conf *conf, int fd, struct tunend *tun);
void gate_door_free(struct gate_door *d);

#endif
