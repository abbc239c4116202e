/* token.c - Ed25519-signed records. Refuses: more than one dot, padding, bits
 * left over in base64url, a payload that is not a record, a missing user= or
 * until=, a token after its time. The one algorithm is fixed: nothing in a
 * token chooses how it is checked. */
#include "wire/token.h"

#include "base/num.h"

#include <openssl/evp.h>

#include <errno.h>
#include <stdlib.h>

#define SIGNATURE 64

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int base64url_add(struct buf *out, struct view v)
{
	uint32_t word = 0;
	unsigned bits = 0;
	if (buf_reserve(out, v.n / 3 * 4 + 4) != 0)
		return -1;
	for (size_t i = 0; i < v.n; i++) {
		word = word << 8 | (unsigned char)v.p[i];
		for (bits += 8; bits >= 6; bits -= 6)
			out->data[out->len++] = alphabet[word >> (bits - 6) & 63];
	}
	if (bits)
		out->data[out->len++] = alphabet[word << (6 - bits) & 63];
	return 0;
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static int base64url_take(struct buf *out, struct view v)
{
	uint32_t word = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < v.n; i++) {
		int d = digit(v.p[i]);
		if (d < 0)
			return -1;
		word = word << 6 | (uint32_t)d;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (buf_addc(out, (char)(word >> bits & 0xff)) != 0)
			return -1;
	}
	/* A lone digit, or bits that no encoder writes: another text for the same bytes. */
	return bits == 6 || (word & ((1u << bits) - 1)) ? -1 : 0;
}

static bool complete(struct record *r, time_t *until)
{
	return record_get(r, "token_id").n && record_get(r, "user").n &&
	       time_parse(record_get(r, "until"), until);
}

static int sign(struct view text, EVP_PKEY *key, struct buf *out)
{
	unsigned char sig[SIGNATURE];
	size_t n = sizeof sig;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int rc = -1;
	errno = md ? EINVAL : ENOMEM;
	if (md && EVP_DigestSignInit(md, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(md, sig, &n, (const unsigned char *)text.p, text.n) == 1 && n == sizeof sig)
		rc = base64url_add(out, (struct view){ (const char *)sig, n });
	EVP_MD_CTX_free(md);
	return rc;
}

int token_sign(struct record *payload, EVP_PKEY *key, struct buf *out)
{
	struct buf line, text;
	time_t until;
	int rc = -1;
	buf_init(&line, TOKEN_MAX);
	buf_init(&text, TOKEN_MAX);
	if (!complete(payload, &until) || !EVP_PKEY_is_a(key, "ED25519")) {
		errno = EINVAL;
		goto out;
	}
	if (record_write(payload, &line) != 0 ||
	    base64url_add(&text, (struct view){ line.data, line.len - 1 }) != 0)
		goto out;
	size_t signed_part = text.len;
	if (buf_addc(&text, '.') != 0 ||
	    sign((struct view){ text.data, signed_part }, key, &text) != 0)
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
	for (unsigned i = 0; i < nkeys && !ok; i++) {
		EVP_MD_CTX *md = EVP_MD_CTX_new();
		ok = md && EVP_PKEY_is_a(keys[i], "ED25519") &&
		     EVP_DigestVerifyInit(md, NULL, NULL, NULL, keys[i]) == 1 &&
		     EVP_DigestVerify(md, (const unsigned char *)sig.p, sig.n,
		                      (const unsigned char *)text.p, text.n) == 1;
		EVP_MD_CTX_free(md);
	}
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
	    base64url_take(&sig, sig_text) != 0 || sig.len != SIGNATURE)
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
