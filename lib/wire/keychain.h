/* keychain.h - how a service processor that was shipped years ago comes to believe in
 * today's key: rows, in each of which a later key is signed by an earlier one.
 *   key=BASE64URL(public key) TAB [retire=yes TAB] signature=BASE64URL(signature)
 * The signature is the earlier key's, Ed25519 over "sp-permit-key " and key=, and
 * " retire" when the earlier one shall count no more. That is no permit, nor any
 * token's text. */
#ifndef SP_WIRE_KEYCHAIN_H
#define SP_WIRE_KEYCHAIN_H

#include "base/record.h"
#include "wire/ed25519.h"

struct keychain_row {
	uint8_t key[ED25519_KEY], signature[ED25519_SIGNATURE];
	bool retire;
};

/* 1, or -1 with a constant reason: no such row. */
int keychain_row(struct record *r, struct keychain_row *row, const char **why);
/* Signs the row of key and retire with an earlier, private key. 0, or -1 with errno. */
int keychain_sign(struct keychain_row *row, struct evp_pkey_st *key);
/* Sets key=, retire= and signature= of r. 0, or -1 with errno. */
int keychain_write(const struct keychain_row *row, struct record *r);
/* Did this key sign it? */
bool keychain_by(const struct keychain_row *row, struct evp_pkey_st *key);
/* Is this its key? */
bool keychain_is(const struct keychain_row *row, const struct evp_pkey_st *key);
/* Its key, the caller's to free; NULL: no memory. */
struct evp_pkey_st *keychain_key(const struct keychain_row *row);

#endif
