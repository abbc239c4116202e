/* issuer.h - the monitor as the one who issues permits (wire/permit.h): for a lease,
 * with the next number of its system. */
#ifndef SP_ENGINE_ISSUER_H
#define SP_ENGINE_ISSUER_H

#include "base/exit.h"
#include "engine/store.h"

#include <time.h>

struct evp_pkey_st;

struct issuer {
	struct evp_pkey_st *key;  /* NULL: no permits are issued */
	uint64_t connect_seconds; /* to begin the call in */
	uint64_t life_seconds;    /* of a permit that can be renewed; 0: as long as the session may last */
	uint64_t session_seconds; /* that a session may last */
	uint32_t inside, ninside; /* addresses, from that one on, of systems within the gateway's tunnel; 0: there is none */
};

/* For this lease, by how the store says that its system is called and by ports= (none:
 * all) and until= (none: as long as may be) in the answer to its user, makes permit= and until= in that answer;
 * inside= of the lease is in it. In the caller's
 * transaction on the live file. SP_OK, also when none are issued; SP_USAGE, and nothing
 * but detail= in the answer: what it would have to say cannot be in a permit;
 * SP_SYSTEM: the store failed. */
enum sp_exit issuer_permit(const struct issuer *i, struct store *s, const char *lease, time_t now, struct record *answer);

#endif
