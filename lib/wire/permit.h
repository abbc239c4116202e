/* permit.h - what a monitor signs about one session: who may call which system,
 * from where, over which router, until when (sp-permit(5) has the bytes). Whoever
 * has the public key decides by it alone. Its text fits what PAP gives a password.
 * Times are Unix seconds up to 2106; the clock is the caller's. */
#ifndef SP_WIRE_PERMIT_H
#define SP_WIRE_PERMIT_H

#include "base/buf.h"
#include "wire/ed25519.h"
#include "wire/ports.h"

#include <time.h>

#define PERMIT_PAYLOAD_MAX 127 /* bytes before the signature */
#define PERMIT_TEXT_MAX 255    /* of base64url */
#define PERMIT_NAME 12         /* a longer name is the first so many bytes of its SHA-256 */
#define PERMIT_DIAL 8          /* of the SHA-256 of session, NUL and dial string */
#define PERMIT_DIALS 8
#define PERMIT_SESSION 32      /* digits, an even number of 0-9a-f */

struct permit_name {
	uint8_t n, b[PERMIT_NAME];
	bool hashed;
};

struct permit {
	uint8_t key[ED25519_KEY_ID];     /* of the signer: permit_sign sets it */
	uint32_t sequence;               /* of this system's permits: each is higher than the last */
	time_t issued, connect_by, until;
	uint32_t workstation;            /* an IPv4 address, host order */
	uint32_t inside;                 /* the system's within the gateway's tunnel; 0: there is none */
	char session[PERMIT_SESSION + 1];
	struct permit_name user, router, serial; /* user as on the link: DOMAIN\user */
	struct permit_name ticket;       /* n 0: there is none */
	unsigned dials;
	uint8_t dial[PERMIT_DIALS][PERMIT_DIAL];
	struct ports ports;
};

/* NULL, or why not; session is set before dial strings are added. */
const char *permit_set_session(struct permit *p, struct view session);
const char *permit_set_name(struct permit_name *to, struct view name);
const char *permit_add_dial(struct permit *p, struct view dial);

/* Is it this name; is this one of its dial strings? */
bool permit_is(const struct permit_name *n, struct view name);
bool permit_dials(const struct permit *p, struct view dial);

/* Appends the text. NULL, or a constant reason: what is missing, what does not fit. */
const char *permit_sign(struct permit *p, struct evp_pkey_st *key, struct buf *out);
/* 1 and the permit when the key of its identifier signed it; else -1 with a constant
 * reason and nothing in p. Of the payload only the identifier is looked at before the
 * signature holds. */
int permit_read(struct view text, struct evp_pkey_st *const *keys, unsigned nkeys, struct permit *p, const char **why);
/* Does this begin like a permit? So that a password is not taken for one. */
bool permit_looks(struct view text);

/* NULL: it may be used to begin a call now, which is some time between these two; else why
 * not. */
const char *permit_due(const struct permit *p, time_t earliest, time_t latest);

#endif
