/* alloc.h - steps 311 to 314: a user asks for a router that calls a system. */
#ifndef SP_ENGINE_ALLOC_H
#define SP_ENGINE_ALLOC_H

#include "base/exit.h"
#include "engine/choose.h"
#include "engine/issuer.h"
#include "engine/reach.h"

struct alloc {
	struct store *store;
	enum choose_policy policy; /* unless customer or site say otherwise */
	time_t now;
	uint64_t ttl;              /* seconds */
	struct view token_id;      /* of the token by which the user asks */
	const struct issuer *issuer;
	bool again;                /* out: he has been given this lease before */
};

/* What is said of a system that there is not, and of one that is not for this user. */
extern const char alloc_unknown[];

/* Is there such a system for this user? 1/0/-1. It takes as long either way. */
int alloc_reaches(struct store *s, const struct reach *r, const char *system);

/* Of ask (system=, workstation=, router=, request=, ticket=) makes a lease and, in answer,
 * session= router= router_address= router_port= profile= lease= lease_until=
 * ttl= line= dial= phone= secret=, and dial2= phone2= secret2= and so on of the
 * system's further endpoints, in their order, ports= if his grants do not open all, and
 * permit= of the issuer. The same request= by the same token
 * gives the same lease: its answer may have been lost. Otherwise returns why not, with detail= and,
 * for SP_BUSY of the system, user= workstation= session= in answer.
 * SP_SYSTEM: the store failed (store_why). */
enum sp_exit alloc_system(struct alloc *a, const struct reach *r, struct record *ask, struct record *answer);

/* Once more for a lease that lives: ports=, permit= and until= in the answer, by what the
 * grants are now. As above; SP_DENIED: there is none any more. */
enum sp_exit alloc_permit(const struct alloc *a, const struct reach *r, const char *system, const char *lease,
                          struct record *answer);

#endif
