/* passhash.h - a password as it may lie in a file: scrypt (RFC 7914) with a salt,
 * as the text "scrypt:N:R:P:SALT:HASH", the last two in hexadecimal. */
#ifndef SP_WIRE_PASSHASH_H
#define SP_WIRE_PASSHASH_H

#include "base/buf.h"
#include "base/secret.h"

#include <stdint.h>

#define PASSHASH_SALT 16 /* random bytes that a new hash needs */

/* Appends the text. 0/-1 errno. Takes some 50 ms and 16 MiB. */
int passhash_make(const struct secret *password, const uint8_t salt[PASSHASH_SALT], struct buf *out);
/* Is the text a hash, with a cost that is checked in less than a second? */
bool passhash_ok(struct view text);
/* Does the text hold for the password? false for a text that is no hash. */
bool passhash_holds(struct view text, const struct secret *password);

#endif
