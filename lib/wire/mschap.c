/* mschap.c - RFC 2759, section 8: ChallengeHash, NtPasswordHash, ChallengeResponse and
 * GenerateAuthenticatorResponse under one roof. Refuses challenges and responses of
 * another length, secrets that are no UTF-8 or too long; a Response's reserved bytes
 * and flags are not looked at, as everywhere. */
#include "wire/mschap.h"

#include "base/cursor.h"
#include "base/num.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdio.h>
#include <string.h>

#define SECRET_CHARS 256
#define NT_RESPONSE 24
#define NT_AT 24 /* in a Response's value, behind challenge and reserved bytes */

/* -- MD4 and DES */

struct legacy {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *provider;
	EVP_CIPHER *des;
};

static void legacy_close(struct legacy *l)
{
	EVP_CIPHER_free(l->des);
	if (l->provider)
		OSSL_PROVIDER_unload(l->provider);
	OSSL_LIB_CTX_free(l->ctx);
}

static bool legacy_open(struct legacy *l, const char **why)
{
	*l = (struct legacy){ .ctx = OSSL_LIB_CTX_new() };
	if (l->ctx)
		l->provider = OSSL_PROVIDER_load(l->ctx, "legacy");
	if (l->provider)
		l->des = EVP_CIPHER_fetch(l->ctx, "DES-ECB", NULL);
	*why = l->des ? NULL : "OpenSSL has no legacy provider here, MS-CHAPv2 needs it";
	return l->des != NULL;
}

bool mschap_ready(const char **why)
{
	struct legacy l;
	bool ok = legacy_open(&l, why);
	legacy_close(&l);
	return ok;
}

static bool md4(const struct legacy *l, const void *p, size_t n, uint8_t hash[16])
{
	return EVP_Q_digest(l->ctx, "MD4", NULL, p, n, hash, NULL);
}

/* 56 bits of key; those of parity are not looked at. */
static bool des(const struct legacy *l, const uint8_t key[7], const uint8_t clear[8], uint8_t out[8])
{
	uint8_t k[8];
	int n = 0;
	for (int i = 0; i < 8; i++)
		k[i] = (uint8_t)((i ? key[i - 1] << (8 - i) : 0) | (i < 7 ? key[i] >> i : 0));
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool ok = c && EVP_EncryptInit_ex2(c, l->des, k, NULL, NULL) && EVP_CIPHER_CTX_set_padding(c, 0) &&
	          EVP_EncryptUpdate(c, out, &n, clear, 8) && n == 8;
	EVP_CIPHER_CTX_free(c);
	explicit_bzero(k, sizeof k);
	return ok;
}

/* -- the parts of RFC 2759 */

/* One character of UTF-8; 0xffffffff: it is none. */
static uint32_t character(struct cur *c)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint32_t v = cur_u8(c);
	unsigned more = v < 0x80 ? 0 : v >> 5 == 6 ? 1 : v >> 4 == 14 ? 2 : v >> 3 == 30 ? 3 : 4;
	if (more == 4)
		return 0xffffffffu;
	if (more)
		v &= 0x3fu >> more;
	for (unsigned i = 0; i < more; i++) {
		uint8_t b = cur_u8(c);
		if (b >> 6 != 2)
			return 0xffffffffu;
		v = v << 6 | (b & 0x3f);
	}
	return v < least[more] || v > 0x10ffff || v >> 11 == 0x1b ? 0xffffffffu : v;
}

static void put_le(struct out *o, uint32_t v)
{
	out_u8(o, (uint8_t)v);
	out_u8(o, (uint8_t)(v >> 8));
}

/* As UTF-16, the low byte first. */
static bool wide(const struct secret *s, struct out *o)
{
	struct cur c = cur_of(secret_view(s).p, secret_view(s).n);
	while (cur_left(&c) > 0) {
		uint32_t v = character(&c);
		if (v == 0xffffffffu)
			return false;
		if (v >= 0x10000)
			put_le(o, 0xd800 | (v - 0x10000) >> 10);
		put_le(o, v >= 0x10000 ? 0xdc00 | (v & 0x3ff) : v);
	}
	return !o->bad;
}

static bool nt_hash(const struct legacy *l, const struct secret *s, uint8_t hash[16], const char **why)
{
	uint8_t b[2 * SECRET_CHARS];
	struct out o = out_of(b, sizeof b);
	*why = !wide(s, &o) ? "the secret is too long, or not UTF-8" : !md4(l, b, out_len(&o), hash) ? "OpenSSL has no MD4" : NULL;
	explicit_bzero(b, sizeof b);
	return !*why;
}

static bool sha1(const struct out *o, uint8_t hash[20])
{
	return !o->bad && EVP_Q_digest(NULL, "SHA1", NULL, o->base, out_len(o), hash, NULL);
}

/* The first 8 bytes count. */
static bool challenge_hash(const struct mschap *m, uint8_t hash[20])
{
	uint8_t b[2 * MSCHAP_CHALLENGE + 256];
	struct out o = out_of(b, sizeof b);
	const char *slash = m->name.n ? memrchr(m->name.p, '\\', m->name.n) : NULL;
	size_t domain = slash ? (size_t)(slash - m->name.p) + 1 : 0;
	out_bytes(&o, m->peer.p, m->peer.n);
	out_bytes(&o, m->challenge.p, m->challenge.n);
	if (m->name.n > domain)
		out_bytes(&o, m->name.p + domain, m->name.n - domain);
	return sha1(&o, hash);
}

static bool nt_response(const struct legacy *l, const uint8_t nt[16], const uint8_t hash[8], uint8_t response[NT_RESPONSE])
{
	uint8_t key[21] = { 0 };
	memcpy(key, nt, 16);
	bool ok = des(l, key, hash, response) && des(l, key + 7, hash, response + 8) && des(l, key + 14, hash, response + 16);
	explicit_bzero(key, sizeof key);
	return ok;
}

static bool prove(const struct legacy *l, const uint8_t nt[16], const uint8_t hash[8], const uint8_t response[NT_RESPONSE],
                  char proof[MSCHAP_PROOF + 1])
{
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] = "Pad to make it do more than one iteration";
	uint8_t b[128], twice[16], digest[20];
	struct out o = out_of(b, sizeof b);
	bool ok = md4(l, nt, 16, twice);
	out_bytes(&o, twice, sizeof twice);
	out_bytes(&o, response, NT_RESPONSE);
	out_bytes(&o, magic1, sizeof magic1 - 1);
	ok = ok && sha1(&o, digest);
	o = out_of(b, sizeof b);
	out_bytes(&o, digest, sizeof digest);
	out_bytes(&o, hash, 8);
	out_bytes(&o, magic2, sizeof magic2 - 1);
	ok = ok && sha1(&o, digest);
	memcpy(proof, "S=", 3);
	for (size_t i = 0; ok && i < sizeof digest; i++)
		snprintf(proof + 2 + 2 * i, 3, "%02X", digest[i]);
	explicit_bzero(twice, sizeof twice);
	explicit_bzero(b, sizeof b);
	return ok;
}

/* -- both ends */

bool mschap_answer(const struct mschap *m, uint8_t value[MSCHAP_VALUE], char proof[MSCHAP_PROOF + 1], const char **why)
{
	struct legacy l;
	uint8_t nt[16], hash[20];
	*why = m->challenge.n != MSCHAP_CHALLENGE || m->peer.n != MSCHAP_CHALLENGE ? "a challenge has 16 bytes" : NULL;
	if (*why)
		return false;
	if (legacy_open(&l, why) && nt_hash(&l, m->secret, nt, why)) {
		memset(value, 0, MSCHAP_VALUE);
		memcpy(value, m->peer.p, MSCHAP_CHALLENGE);
		if (!challenge_hash(m, hash) || !nt_response(&l, nt, hash, value + NT_AT) ||
		    !prove(&l, nt, hash, value + NT_AT, proof))
			*why = "OpenSSL has no SHA-1, MD4 or DES, or the name is too long";
	}
	legacy_close(&l);
	explicit_bzero(nt, sizeof nt);
	return !*why;
}

bool mschap_check(const struct secret *secret, struct view name, struct view challenge, struct view response,
                  char proof[MSCHAP_PROOF + 1])
{
	uint8_t value[MSCHAP_VALUE];
	const char *why;
	struct mschap m = { secret, name, challenge, { response.p, MSCHAP_CHALLENGE } };
	bool ok = response.n == MSCHAP_VALUE && mschap_answer(&m, value, proof, &why) &&
	          CRYPTO_memcmp(value + NT_AT, response.p + NT_AT, NT_RESPONSE) == 0;
	if (!ok)
		proof[0] = '\0';
	explicit_bzero(value, sizeof value);
	return ok;
}

/* -- messages */

static const char *error_text(unsigned e)
{
	static const struct { unsigned e; const char *text; } t[] = {
		{ 646, "not at this time of day" }, { 647, "the account is disabled" }, { 648, "the password has expired" },
		{ 649, "no permission to dial in" }, { 691, "wrong name or secret" }, { 709, "the password cannot be changed" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (t[i].e == e)
			return t[i].text;
	return "refused";
}

void mschap_message(struct view v, struct mschap_message *m)
{
	const char *text = v.n ? memmem(v.p, v.n, " M=", 3) : NULL;
	uint64_t e = 0;
	memset(m, 0, sizeof *m);
	if (v.n >= MSCHAP_PROOF && memcmp(v.p, "S=", 2) == 0)
		m->proof = (struct view){ v.p, MSCHAP_PROOF };
	if (v.n > 2 && memcmp(v.p, "E=", 2) == 0) {
		const char *end = memchr(v.p, ' ', v.n);
		num_u64((struct view){ v.p + 2, end ? (size_t)(end - v.p) - 2 : v.n - 2 }, 1, 9999, &e);
	}
	m->error = (unsigned)e;
	if (text)
		m->text = (struct view){ text + 3, v.n - (size_t)(text - v.p) - 3 };
	if (m->text.n == 0 && m->error)
		m->text = view_of(error_text(m->error));
}
