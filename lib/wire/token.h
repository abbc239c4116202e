/* token.h - what proves to the others who a user is: a record, signed.
 *   TOKEN = base64url(record line without LF) "." base64url(signature)
 * The signature is Ed25519 (RFC 8032) over the text before the dot; base64url
 * is RFC 4648 section 5 without padding, and only its canonical form. The
 * payload has token_id=, user= and until= (RFC 3339), and what its signer adds
 * (domain=, group=, groups=). Files of keys: sys/key.h. */
#ifndef SP_WIRE_TOKEN_H
#define SP_WIRE_TOKEN_H

#include "base/record.h"

#include <time.h>

#define TOKEN_MAX 8192 /* bytes of a token's text */

struct evp_pkey_st; /* EVP_PKEY */

/* Appends the token to out. 0, or -1 with errno: EINVAL (a field that it must
 * have is missing, or the key cannot sign), EMSGSIZE, ENOMEM. */
int token_sign(struct record *payload, struct evp_pkey_st *key, struct buf *out);

/* 1 and the payload (its own copy) when one of the keys signed the token and
 * now is not after until=; else -1 with a constant reason and no payload.
 * Nothing of the payload is looked at before a signature holds. With now 0 its
 * end is not looked at: until= is there, and the caller's to compare. */
int token_check(struct view token, struct evp_pkey_st *const *keys, unsigned nkeys,
                time_t now, struct record *payload, const char **why);

#endif
