/* Tokens: signed, checked, refused. RFC 8032's first key is the signer. */
#include "unit/tap.h"
#include "wire/token.h"

#include <openssl/evp.h>

#include <errno.h>
#include <stdint.h>

#define NOW 1790000000

static const uint8_t seed[32] = {
	0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
	0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60
};

static EVP_PKEY *signer, *keys[2];

static void sign_line(const char *line, struct buf *out)
{
	struct record r;
	const char *why;
	record_init(&r);
	buf_init(out, TOKEN_MAX);
	if (record_parse(&r, view_of(line), &why) != 1 || token_sign(&r, signer, out) != 0)
		check(false, "signed: %s", line);
	record_clear(&r);
}

static void refused(struct view token, unsigned nkeys, time_t now, const char *want, const char *what)
{
	struct record r;
	const char *why = NULL;
	record_init(&r);
	int rc = token_check(token, keys, nkeys, now, &r, &why);
	check(rc == -1 && r.n == 0, "%s is refused and yields nothing", what);
	check_str(why, want, what);
	record_clear(&r);
}

static void round_trip(void)
{
	struct buf t;
	struct record r;
	const char *why;
	record_init(&r);
	sign_line("token_id=1\tuser=a\\tb\tgroups=support,field\tuntil=2026-09-21T14:13:20Z", &t);
	check(token_check(buf_view(&t), keys, 2, NOW, &r, &why) == 1, "a signed token holds at its last second");
	check_str(record_str(&r, "user"), "a\tb", "its user");
	check_str(record_str(&r, "groups"), "support,field", "its groups");
	refused(buf_view(&t), 2, NOW + 1, "the token has expired", "a second later it");
	refused(buf_view(&t), 1, NOW, "the token's signature does not hold", "with another key it");
	refused(buf_view(&t), 0, NOW, "the token's signature does not hold", "with no key it");
	record_clear(&r);
	buf_clear(&t);
}

static void every_byte_counts(void)
{
	struct buf t;
	struct record r;
	const char *why;
	unsigned held = 0;
	record_init(&r);
	sign_line("token_id=1\tuser=alice\tuntil=2026-09-21T14:13:20Z", &t);
	for (size_t i = 0; i < t.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			t.data[i] = (char)(t.data[i] ^ 1 << bit);
			held += token_check(buf_view(&t), keys, 2, NOW, &r, &why) == 1;
			t.data[i] = (char)(t.data[i] ^ 1 << bit);
		}
	for (size_t n = 0; n < t.len; n++)
		held += token_check((struct view){ t.data, n }, keys, 2, NOW, &r, &why) == 1;
	check(held == 0, "no token with a bit changed or a byte cut holds (%u did)", held);
	buf_addc(&t, '.');
	refused(buf_view(&t), 2, NOW, "not a token", "a second dot");
	record_clear(&r);
	buf_clear(&t);
}

static void incomplete(void)
{
	struct record r;
	struct buf out;
	buf_init(&out, TOKEN_MAX);
	record_init(&r);
	record_set(&r, "user", "alice");
	record_set(&r, "until", "2026-09-21T14:13:20Z");
	check(token_sign(&r, signer, &out) == -1 && errno == EINVAL, "no token_id: nothing is signed");
	record_set(&r, "token_id", "1");
	check(token_sign(&r, keys[1], &out) == -1 && errno == EINVAL && !out.len, "a public key does not sign");
	record_set(&r, "until", "tomorrow");
	check(token_sign(&r, signer, &out) == -1 && errno == EINVAL, "until=tomorrow is not signed");
	record_set(&r, "until", "2026-09-21T14:13:20Z");
	char long_value[TOKEN_MAX];
	memset(long_value, 'x', sizeof long_value - 1);
	long_value[sizeof long_value - 1] = '\0';
	record_set(&r, "groups", long_value);
	check(token_sign(&r, signer, &out) == -1 && errno == EMSGSIZE, "a payload too long is not signed");
	refused(view_of(""), 2, NOW, "not a token", "an empty text");
	refused((struct view){ long_value, sizeof long_value - 1 }, 2, NOW, "not a token", "a text of x");
	record_clear(&r);
	buf_clear(&out);
}

int main(void)
{
	uint8_t raw[32], other[32] = { 1 };
	size_t n = sizeof raw;
	signer = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	EVP_PKEY_get_raw_public_key(signer, raw, &n);
	EVP_PKEY *stranger = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, other, sizeof other);
	keys[0] = stranger;
	keys[1] = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, n);
	round_trip();
	every_byte_counts();
	incomplete();
	EVP_PKEY_free(signer);
	EVP_PKEY_free(stranger);
	EVP_PKEY_free(keys[1]);
	return tap_done();
}
