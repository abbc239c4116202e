/* ed25519.h - signatures of RFC 8032 over bytes that are at hand, and keys by
 * their identifiers. The one algorithm is fixed: nothing that is signed chooses
 * how it is checked. Files of keys: sys/key.h. */
#ifndef SP_WIRE_ED25519_H
#define SP_WIRE_ED25519_H

#include "base/view.h"

#include <stdint.h>

struct evp_pkey_st; /* EVP_PKEY */

#define ED25519_SIGNATURE 64
#define ED25519_KEY 32   /* a public key */
#define ED25519_KEY_ID 4 /* the first bytes of SHA-256 of a public key: selects, proves nothing */

bool ed25519_is(const struct evp_pkey_st *key);
/* 0, or -1 with errno: EINVAL (no Ed25519 key that can sign), ENOMEM. */
int ed25519_sign(struct view text, struct evp_pkey_st *key, uint8_t sig[ED25519_SIGNATURE]);
/* Does the signature of this length hold? False for every other kind of key, too. */
bool ed25519_verify(struct view text, struct view sig, struct evp_pkey_st *key);
/* False: not such a key. */
bool ed25519_public(const struct evp_pkey_st *key, uint8_t raw[ED25519_KEY]);
bool ed25519_id(const struct evp_pkey_st *key, uint8_t id[ED25519_KEY_ID]);

#endif
