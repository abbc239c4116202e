/* keychain.c - rows of a chain of keys. Refuses keys and signatures of another length,
 * text that is not base64url's one form, and a retire= that is not yes. */
#include "wire/keychain.h"

#include "wire/base64url.h"

#include <openssl/evp.h>

#define BEFORE "sp-permit-key "
#define RETIRE " retire"
#define TEXT_MAX (sizeof BEFORE + sizeof RETIRE + BASE64URL_TEXT(ED25519_KEY))

static bool bytes(struct record *r, const char *key, uint8_t *to, size_t n)
{
	char room[ED25519_SIGNATURE];
	struct buf b = { .data = room, .cap = n, .max = n };
	if (base64url_take(&b, record_get(r, key)) != 0 || b.len != n)
		return false;
	memcpy(to, room, n);
	return true;
}

int keychain_row(struct record *r, struct keychain_row *row, const char **why)
{
	struct view retire = record_get(r, "retire");
	row->retire = retire.p != NULL;
	*why = NULL;
	if (!bytes(r, "key", row->key, ED25519_KEY))
		*why = "key= is no Ed25519 public key";
	else if (!bytes(r, "signature", row->signature, ED25519_SIGNATURE))
		*why = "signature= is no Ed25519 signature";
	else if (row->retire && !view_is(retire, "yes"))
		*why = "retire= must be yes, or not there";
	return *why ? -1 : 1;
}

/* What is signed. */
static size_t text(const struct keychain_row *row, char out[TEXT_MAX])
{
	struct buf b = { .data = out, .cap = TEXT_MAX, .max = TEXT_MAX };
	buf_adds(&b, BEFORE);
	base64url_add(&b, (struct view){ (const char *)row->key, ED25519_KEY });
	buf_adds(&b, row->retire ? RETIRE : "");
	return b.len;
}

int keychain_sign(struct keychain_row *row, struct evp_pkey_st *key)
{
	char t[TEXT_MAX];
	return ed25519_sign((struct view){ t, text(row, t) }, key, row->signature);
}

static int set(struct record *r, const char *key, const uint8_t *p, size_t n)
{
	char room[BASE64URL_TEXT(ED25519_SIGNATURE)];
	struct buf b = { .data = room, .cap = sizeof room, .max = sizeof room };
	if (base64url_add(&b, (struct view){ (const char *)p, n }) != 0)
		return -1;
	return record_setv(r, view_of(key), buf_view(&b));
}

int keychain_write(const struct keychain_row *row, struct record *r)
{
	if (set(r, "key", row->key, sizeof row->key) != 0 || (row->retire && record_set(r, "retire", "yes") != 0))
		return -1;
	return set(r, "signature", row->signature, sizeof row->signature);
}

bool keychain_by(const struct keychain_row *row, struct evp_pkey_st *key)
{
	char t[TEXT_MAX];
	struct view v = { t, text(row, t) };
	return ed25519_verify(v, (struct view){ (const char *)row->signature, ED25519_SIGNATURE }, key);
}

bool keychain_is(const struct keychain_row *row, const struct evp_pkey_st *key)
{
	uint8_t raw[ED25519_KEY];
	return ed25519_public(key, raw) && memcmp(raw, row->key, sizeof raw) == 0;
}

struct evp_pkey_st *keychain_key(const struct keychain_row *row)
{
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, row->key, ED25519_KEY);
}
