/* mschap.c - MS-CHAPv2: the vectors of RFC 2759 (9.2), names and secrets beyond them,
 * responses that are wrong in one bit, messages. */
#include "unit/tap.h"
#include "wire/mschap.h"

static const char challenge[] = "\x5b\x5d\x7c\x7d\x7b\x3f\x2f\x3e\x3c\x2c\x60\x21\x32\x26\x26\x28";
static const char peer[] = "\x21\x40\x23\x24\x25\x5e\x26\x2a\x28\x29\x5f\x2b\x3a\x33\x7c\x7e";

static void answer(const char *secret, const char *name, uint8_t value[MSCHAP_VALUE], char proof[MSCHAP_PROOF + 1], const char **why)
{
	struct secret s;
	secret_set(&s, view_of(secret));
	struct mschap m = { &s, view_of(name), { challenge, 16 }, { peer, 16 } };
	memset(value, 0, MSCHAP_VALUE);
	proof[0] = '\0';
	mschap_answer(&m, value, proof, why);
}

static void response(const char *secret, const char *name, const char *want, const char *what)
{
	uint8_t value[MSCHAP_VALUE];
	char hex[49], proof[MSCHAP_PROOF + 1];
	const char *why;
	answer(secret, name, value, proof, &why);
	for (int i = 0; i < 24; i++)
		snprintf(hex + 2 * i, 3, "%02X", value[24 + i]);
	check_str(why ? why : hex, want, what);
}

static void vectors(void)
{
	static const char nt[] = "82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF";
	uint8_t value[MSCHAP_VALUE];
	char proof[MSCHAP_PROOF + 1];
	const char *why;
	check(mschap_ready(&why), "OpenSSL's legacy provider is here");
	response("clientPass", "User", nt, "RFC 2759, 9.2: NT-Response");
	response("clientPass", "EMEA\\User", nt, "the domain does not count");
	answer("clientPass", "User", value, proof, &why);
	check_str(proof, "S=407A5589115FD0D6209F510FE9C04566932CDA56", "RFC 2759, 9.2: the authenticator's answer");
	check(memcmp(value, peer, 16) == 0 && value[16] == 0 && value[48] == 0, "the value begins with our challenge, and has no flags");
}

/* What is beyond ASCII is UTF-16: computed by Python's hashlib and OpenSSL's des-ecb. */
static void secrets(void)
{
	char longest[300];
	memset(longest, 'x', sizeof longest);
	longest[257] = '\0';
	response(longest, "User", "the secret is too long, or not UTF-8", "257 characters");
	response("caf\xe9", "User", "the secret is too long, or not UTF-8", "Latin-1");
	response("\xc0\x80", "User", "the secret is too long, or not UTF-8", "a character written longer than it is");
	response("\xed\xa0\x80", "User", "the secret is too long, or not UTF-8", "half a surrogate pair");
	response("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x91", "User", "4348D6CC47BF76D8318B9DD971584EEC98803EC85ECDA31F", "two, three and four bytes of UTF-8");
}

static void checks(void)
{
	struct secret s, other;
	uint8_t value[MSCHAP_VALUE];
	char proof[MSCHAP_PROOF + 1], said[MSCHAP_PROOF + 1];
	const char *why;
	unsigned taken = 0;
	struct view c = { challenge, 16 }, v = { (const char *)value, sizeof value };
	secret_set(&s, view_of("clientPass"));
	secret_set(&other, view_of("clientpass"));
	answer("clientPass", "User", value, proof, &why);
	check(mschap_check(&s, view_of("User"), c, v, said), "the right response");
	check_str(said, proof, "and what is said to it");
	check(!mschap_check(&other, view_of("User"), c, v, said) && !said[0], "another secret");
	check(!mschap_check(&s, view_of("user"), c, v, said), "another name");
	check(!mschap_check(&s, view_of("User"), (struct view){ peer, 16 }, v, said), "another challenge");
	check(!mschap_check(&s, view_of("User"), (struct view){ challenge, 15 }, v, said), "a short challenge");
	check(!mschap_check(&s, view_of("User"), c, (struct view){ v.p, 48 }, said), "a short response");
	for (size_t i = 0; i < 8 * 49; i += 3) {
		value[i / 8] ^= (uint8_t)(1 << i % 8);
		bool counts = i < 8 * 16 || (i >= 8 * 24 && i < 8 * 48);
		taken += counts && mschap_check(&s, view_of("User"), c, v, said);
		value[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	check(taken == 0, "none is taken with one bit changed");
}

static void message(const char *text, const char *proof, unsigned error, const char *words)
{
	struct mschap_message m;
	mschap_message(view_of(text), &m);
	check(view_is(m.proof, proof) && m.error == error && view_is(m.text, words), "\"%s\": %u, %.*s", text, m.error,
	      (int)m.text.n, m.text.n ? m.text.p : "");
}

int main(void)
{
	static const char s[] = "S=407A5589115FD0D6209F510FE9C04566932CDA56";
	vectors();
	secrets();
	checks();
	message(s, s, 0, "");
	message("S=407A5589115FD0D6209F510FE9C04566932CDA56 M=Welcome", s, 0, "Welcome");
	message("S=407A", "", 0, "");
	message("E=691 R=0 C=00112233445566778899AABBCCDDEEFF V=3 M=Access denied", "", 691, "Access denied");
	message("E=648 R=0", "", 648, "the password has expired");
	message("E=12345678901 R=0 M=?", "", 0, "?");
	message("", "", 0, "");
	return tap_done();
}
