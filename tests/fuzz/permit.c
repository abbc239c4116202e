/* permit.c - fuzz target: any text as a permit; and any bytes as the payload of one
 * that is signed, for no other gets behind the signature. What holds is, signed
 * again, the same text. */
#include "fuzz/fuzz.h"
#include "wire/base64url.h"
#include "wire/permit.h"

#include <openssl/evp.h>

#include <stdlib.h>

static EVP_PKEY *key;

static void same_again(struct permit *p, struct view text)
{
	struct buf again;
	buf_init(&again, PERMIT_TEXT_MAX);
	if (permit_sign(p, key, &again) || !view_eq(text, buf_view(&again)) || !permit_looks(text))
		abort();
	permit_is(&p->user, text);
	permit_dials(p, text);
	permit_due(p, p->issued, p->issued);
	buf_clear(&again);
}

static void any_text(struct view text)
{
	struct permit p;
	const char *why;
	if (permit_read(text, &key, 1, &p, &why) == 1)
		same_again(&p, text);
	else if (!why)
		abort();
}

void fuzz_one(const uint8_t *p, size_t n)
{
	uint8_t payload[PERMIT_PAYLOAD_MAX + ED25519_SIGNATURE], seed[32] = { 7 };
	struct buf text;
	if (!key)
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	any_text((struct view){ (const char *)p, n });
	if (n < 1 + ED25519_KEY_ID || n > PERMIT_PAYLOAD_MAX)
		return;
	memcpy(payload, p, n);
	ed25519_id(key, payload + 1);
	if (ed25519_sign((struct view){ (const char *)payload, n }, key, payload + n) != 0)
		abort();
	buf_init(&text, PERMIT_TEXT_MAX);
	if (base64url_add(&text, (struct view){ (const char *)payload, n + ED25519_SIGNATURE }) != 0)
		abort();
	any_text(buf_view(&text));
	buf_clear(&text);
}
