/* chap.c - CHAP packets and the MD5 response, RFC 1994. Refuses lengths that do
 * not fit, empty values, codes that are none, responses of a length that no hash has. */
#include "wire/chap.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

static const char *value_read(struct chap *chap, struct cur *body)
{
	chap->value.n = cur_u8(body);
	chap->value.p = (const char *)cur_bytes(body, chap->value.n);
	if (body->bad || chap->value.n == 0)
		return "value does not fit";
	if (chap->code == CHAP_RESPONSE && chap->value.n != CHAP_HASH && chap->value.n != CHAP_RESPONSE_MAX)
		return "response is no hash";
	chap->name.n = cur_left(body);
	chap->name.p = (const char *)cur_bytes(body, chap->name.n);
	return chap->name.n > 255 ? "name too long" : NULL;
}

int chap_parse(const void *p, size_t n, struct chap *chap, const char **why)
{
	struct cur c = cur_of(p, n);
	*chap = (struct chap){ 0 };
	uint8_t code = cur_u8(&c);
	chap->id = cur_u8(&c);
	size_t len = cur_u16(&c);
	struct cur body = cur_sub(&c, len < 4 ? SIZE_MAX : len - 4);
	*why = c.bad ? "packet length does not fit" :
	       code < CHAP_CHALLENGE || code > CHAP_FAILURE ? "unknown code" : NULL;
	if (*why)
		return -1;
	chap->code = (enum chap_code)code;
	if (code <= CHAP_RESPONSE) {
		*why = value_read(chap, &body);
	} else {
		chap->message.n = cur_left(&body);
		chap->message.p = (const char *)cur_bytes(&body, chap->message.n);
	}
	return *why ? -1 : 1;
}

void chap_write(struct out *o, const struct chap *chap)
{
	size_t at = out_len(o);
	out_u8(o, (uint8_t)chap->code);
	out_u8(o, chap->id);
	out_u16(o, 0);
	if (chap->code <= CHAP_RESPONSE) {
		if (chap->value.n > 255 || chap->name.n > 255)
			o->bad = true;
		out_u8(o, (uint8_t)chap->value.n);
		out_bytes(o, chap->value.p, chap->value.n);
		if (chap->name.n > 0)
			out_bytes(o, chap->name.p, chap->name.n);
	} else if (chap->message.n > 0) {
		out_bytes(o, chap->message.p, chap->message.n > 255 ? 255 : chap->message.n);
	}
	out_patch16(o, at + 2, (uint16_t)(out_len(o) - at));
}

bool chap_hash(uint8_t id, const struct secret *secret, struct view challenge, uint8_t hash[CHAP_HASH])
{
	uint8_t b[1 + SECRET_MAX + 255];
	struct out o = out_of(b, sizeof b);
	struct view s = secret_view(secret);
	out_u8(&o, id);
	out_bytes(&o, s.p, s.n);
	out_bytes(&o, challenge.p, challenge.n);
	bool ok = !o.bad && EVP_Q_digest(NULL, "MD5", NULL, b, out_len(&o), hash, NULL);
	explicit_bzero(b, sizeof b);
	return ok;
}

bool chap_check(uint8_t id, const struct secret *secret, struct view challenge, struct view response)
{
	uint8_t hash[CHAP_HASH];
	bool ok = response.n == sizeof hash && chap_hash(id, secret, challenge, hash) &&
	          CRYPTO_memcmp(hash, response.p, sizeof hash) == 0;
	explicit_bzero(hash, sizeof hash);
	return ok;
}
