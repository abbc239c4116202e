/* ed25519.c - signing and checking by OpenSSL (RFC 8032, 5.1). Refuses keys of
 * other kinds, signatures of another length, and, as OpenSSL does, an S that is
 * not below the order of the group. */
#include "wire/ed25519.h"

#include <openssl/evp.h>

#include <errno.h>

bool ed25519_is(const struct evp_pkey_st *key)
{
	return EVP_PKEY_is_a(key, "ED25519") == 1;
}

int ed25519_sign(struct view text, struct evp_pkey_st *key, uint8_t sig[ED25519_SIGNATURE])
{
	size_t n = ED25519_SIGNATURE;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	errno = md ? EINVAL : ENOMEM;
	bool ok = md && ed25519_is(key) && EVP_DigestSignInit(md, NULL, NULL, NULL, key) == 1 &&
	          EVP_DigestSign(md, sig, &n, (const unsigned char *)text.p, text.n) == 1 && n == ED25519_SIGNATURE;
	EVP_MD_CTX_free(md);
	return ok ? 0 : -1;
}

bool ed25519_verify(struct view text, struct view sig, struct evp_pkey_st *key)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && sig.n == ED25519_SIGNATURE && ed25519_is(key) &&
	          EVP_DigestVerifyInit(md, NULL, NULL, NULL, key) == 1 &&
	          EVP_DigestVerify(md, (const unsigned char *)sig.p, sig.n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

bool ed25519_public(const struct evp_pkey_st *key, uint8_t raw[ED25519_KEY])
{
	size_t n = ED25519_KEY;
	return ed25519_is(key) && EVP_PKEY_get_raw_public_key(key, raw, &n) == 1 && n == ED25519_KEY;
}

bool ed25519_id(const struct evp_pkey_st *key, uint8_t id[ED25519_KEY_ID])
{
	uint8_t raw[ED25519_KEY], hash[EVP_MAX_MD_SIZE];
	if (!ed25519_public(key, raw) || EVP_Digest(raw, sizeof raw, hash, NULL, EVP_sha256(), NULL) != 1)
		return false;
	memcpy(id, hash, ED25519_KEY_ID);
	return true;
}
