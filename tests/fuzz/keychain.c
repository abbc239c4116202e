/* keychain.c - fuzz target: any record as a row of a chain; what is taken for one can be
 * made a key, was signed by none that has not, and is written as it was read. */
#include "fuzz/fuzz.h"
#include "wire/keychain.h"

#include <openssl/evp.h>

#include <stdlib.h>

void fuzz_one(const uint8_t *p, size_t n)
{
	static const uint8_t seed[32] = { 7 };
	static EVP_PKEY *key;
	struct keychain_row row, same;
	struct record r = { 0 }, written = { 0 };
	const char *why;
	if (!key)
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	if (record_parse(&r, (struct view){ (const char *)p, n }, &why) == 1 && keychain_row(&r, &row, &why) == 1) {
		EVP_PKEY *of = keychain_key(&row);
		if (!of || !keychain_is(&row, of) || keychain_by(&row, key))
			abort();
		EVP_PKEY_free(of);
		if (keychain_write(&row, &written) != 0 || keychain_row(&written, &same, &why) != 1 ||
		    same.retire != row.retire || memcmp(same.key, row.key, sizeof row.key) != 0 ||
		    memcmp(same.signature, row.signature, sizeof row.signature) != 0)
			abort();
	}
	record_clear(&r);
	record_clear(&written);
}
