/* mschap.h - MS-CHAPv2 (RFC 2759): CHAP in which the answerer proves that it knows the
 * secret, too. The packets are chap.h's, with algorithm 0x81. MD4 and DES come from
 * OpenSSL's legacy provider, loaded for each call into a context of its own: nothing
 * else in the process sees them. Passwords are not changed by it. */
#ifndef SP_WIRE_MSCHAP_H
#define SP_WIRE_MSCHAP_H

#include "base/secret.h"

#include <stdint.h>

#define MSCHAP_CHALLENGE 16 /* bytes, each side's */
#define MSCHAP_VALUE 49     /* of a Response's value */
#define MSCHAP_PROOF 42     /* "S=" and 40 digits, of a Success's message */

struct mschap { /* what both ends know */
	const struct secret *secret;  /* UTF-8, 256 characters at most */
	struct view name;             /* the caller's; a domain before \ does not count */
	struct view challenge, peer;  /* the answerer's and the caller's, MSCHAP_CHALLENGE bytes */
};

/* What the caller must send, and what the answerer must then say. false with the
 * reason: not possible on this machine, or with this secret. */
bool mschap_answer(const struct mschap *m, uint8_t value[MSCHAP_VALUE], char proof[MSCHAP_PROOF + 1], const char **why);
/* Is this Response right? Then proof is what to say. In constant time. */
bool mschap_check(const struct secret *secret, struct view name, struct view challenge, struct view response,
                  char proof[MSCHAP_PROOF + 1]);
bool mschap_ready(const char **why); /* can it be done on this machine? */

struct mschap_message { /* of a Success or Failure; views point into it */
	struct view proof; /* empty: none */
	unsigned error;    /* 0: none */
	struct view text;  /* for people; the error's words when the peer has none */
};
void mschap_message(struct view message, struct mschap_message *m);

#endif
