/* ras.h - what a remote access server decides about a caller: who says he is
 * which user at which router, and may they come in? */
#ifndef SP_ENGINE_RAS_H
#define SP_ENGINE_RAS_H

#include "base/exit.h"
#include "base/record.h"
#include "base/secret.h"
#include "engine/ppp.h"
#include "wire/mschap.h"

#define RAS_NAME_MAX 256

enum ras_step { /* of the handshake, sp(7) */
	RAS_ASK = 329, RAS_AUTHENTICATED = 331, RAS_AUTHORISED = 332, RAS_VERDICT = 333, RAS_ADDRESS = 335, RAS_WALL = 336
};

/* What the end of a link means for the one who answers the call. */
struct ras_end {
	enum sp_exit status;
	int step;
	const char *why; /* NULL: it ended as it should */
};
struct ras_end ras_end(enum ppp_reason reason, bool was_up);

struct ras_rules { /* fnmatch(3) patterns; none of a kind: no such rule */
	const char *const *router, *const *user, *const *deny_user;
	unsigned routers, users, deny_users;
};

struct ras_caller {
	char user[RAS_NAME_MAX];   /* "alice", "EMEA\alice", "alice@example.com" */
	char router[RAS_NAME_MAX]; /* "" when the name has no % */
};

/* "user%router", split at the last %. false: empty user, too long, or bytes
 * that no name has (control characters). */
bool ras_caller(struct view name, struct ras_caller *c);

/* NULL: may come in. Else why not, for our own side's log (the peer is told
 * nothing). */
const char *ras_refusal(const struct ras_rules *rules, const struct ras_caller *c);

/* Is the secret the one that was given, by any method? In constant time. proof: what
 * the verdict's message must then be; empty: anything. */
bool ras_secret(const struct secret *secret, const struct ppp_check *c, char proof[MSCHAP_PROOF + 1]);

/* The question to a filter such as sp-auth(1): user=, domain=, router=,
 * service=ras, and password= or chap_id=, chap_challenge=, chap_response=.
 * 0/-1 with errno. */
int ras_question(struct record *r, const struct ras_caller *caller, const struct ppp_check *c);

#endif
