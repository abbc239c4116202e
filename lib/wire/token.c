/* token.c - Ed25519-signed records. Refuses: more than one dot, what is not
 * base64url's one form, a payload that is not a record, a missing user= or
 * until=, a token after its time. */
#include "wire/token.h"

#include "base/num.h"
#include "wire/base64url.h"
#include "wire/ed25519.h"

#include <openssl/types.h>

#include <errno.h>
#include <stdlib.h>

static bool complete(struct record *r, time_t *until)
{
	return record_get(r, "token_id").n && record_get(r, "user").n &&
	       time_parse(record_get(r, "until"), until);
}

static int add_signature(struct view text, EVP_PKEY *key, struct buf *out)
{
	uint8_t sig[ED25519_SIGNATURE];
	return ed25519_sign(text, key, sig) == 0 ? base64url_add(out, (struct view){ (const char *)sig, sizeof sig }) : -1;
}

int token_sign(struct record *payload, EVP_PKEY *key, struct buf *out)
{
	struct buf line, text;
	time_t until;
	int rc = -1;
	buf_init(&line, TOKEN_MAX);
	buf_init(&text, TOKEN_MAX);
	if (!complete(payload, &until) || !ed25519_is(key)) {
		errno = EINVAL;
		goto out;
	}
	if (record_write(payload, &line) != 0 ||
	    base64url_add(&text, (struct view){ line.data, line.len - 1 }) != 0)
		goto out;
	size_t signed_part = text.len;
	if (buf_addc(&text, '.') != 0 ||
	    add_signature((struct view){ text.data, signed_part }, key, &text) != 0)
		goto out;
	rc = buf_addv(out, buf_view(&text));
out:;
	int e = errno == ENOBUFS ? EMSGSIZE : errno;
	buf_clear(&line);
	buf_clear(&text);
	errno = e;
	return rc;
}

static bool verified(struct view text, struct view sig, EVP_PKEY *const *keys, unsigned nkeys)
{
	bool ok = false;
	for (unsigned i = 0; i < nkeys && !ok; i++)
		ok = ed25519_verify(text, sig, keys[i]);
	return ok;
}

/* A reason, or NULL when the payload holds. */
static const char *take(struct view line, time_t now, struct record *payload)
{
	const char *why = NULL;
	time_t until;
	if (record_parse(payload, line, &why) != 1)
		return why;
	if (record_own(payload) != 0)
		return "out of memory";
	if (!complete(payload, &until))
		return "the token does not say who and until when";
	return now > until ? "the token has expired" : NULL;
}

int token_check(struct view token, EVP_PKEY *const *keys, unsigned nkeys,
                time_t now, struct record *payload, const char **why)
{
	struct buf line, sig;
	struct view rest = token, text, sig_text;
	record_clear(payload);
	*why = "not a token";
	if (token.n == 0 || token.n > TOKEN_MAX)
		return -1;
	buf_init(&line, TOKEN_MAX);
	buf_init(&sig, TOKEN_MAX);
	if (!view_split(&rest, '.', &text) || !view_split(&rest, '.', &sig_text) || rest.p ||
	    base64url_take(&sig, sig_text) != 0 || sig.len != ED25519_SIGNATURE)
		goto out;
	*why = "the token's signature does not hold";
	if (!verified(text, buf_view(&sig), keys, nkeys))
		goto out;
	*why = "the token's payload is malformed";
	if (base64url_take(&line, text) == 0)
		*why = take(buf_view(&line), now, payload);
out:
	buf_clear(&line);
	buf_clear(&sig);
	if (*why)
		record_clear(payload);
	return *why ? -1 : 1;
}
