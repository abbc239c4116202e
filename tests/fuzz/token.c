/* Any text as a token: checked as it is, and, where it is a record that may be
 * signed, signed: what was signed must then hold. */
#include "fuzz/fuzz.h"
#include "wire/token.h"

#include <openssl/evp.h>

#include <stdint.h>
#include <stdlib.h>

void fuzz_one(const uint8_t *p, size_t n)
{
	static const uint8_t seed[32] = { 7 };
	static EVP_PKEY *key;
	struct view in = { (const char *)p, n };
	struct record r;
	struct buf token;
	const char *why;
	if (!key)
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	record_init(&r);
	buf_init(&token, TOKEN_MAX);
	if (token_check(in, &key, 1, 0, &r, &why) == 1 && !record_has(&r, "user"))
		abort();
	if (record_parse(&r, in, &why) == 1 && token_sign(&r, key, &token) == 0 &&
	    token_check(buf_view(&token), &key, 1, INT64_MIN, &r, &why) != 1)
		abort();
	buf_clear(&token);
	record_clear(&r);
}
