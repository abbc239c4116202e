/* mschap.c - messages, and every 64th time a Response with the secret and name that
 * the input holds: nothing but what mschap_answer makes is taken. */
#include "fuzz/fuzz.h"
#include "wire/mschap.h"

#include <stdlib.h>

static bool inside(struct view v, const uint8_t *p, size_t n)
{
	return v.n == 0 || ((const uint8_t *)v.p >= p && (const uint8_t *)v.p + v.n <= p + n);
}

static void response(const uint8_t *p, size_t n)
{
	static const char c[] = "0123456789abcdef";
	struct secret s;
	uint8_t value[MSCHAP_VALUE];
	char proof[MSCHAP_PROOF + 1], said[MSCHAP_PROOF + 1];
	const char *why;
	size_t half = n / 2;
	struct view name = { (const char *)p, half }, challenge = { c, 16 };
	if (!secret_set(&s, (struct view){ (const char *)p + half, n - half }))
		return;
	struct mschap m = { &s, name, challenge, { c, 16 } };
	if (mschap_check(&s, name, challenge, name, said))
		abort();
	if (!mschap_answer(&m, value, proof, &why))
		return;
	struct view v = { (const char *)value, sizeof value };
	if (strlen(proof) != MSCHAP_PROOF || !mschap_check(&s, name, challenge, v, said) || strcmp(proof, said) != 0)
		abort();
	value[30] ^= 1;
	if (mschap_check(&s, name, challenge, v, said))
		abort();
}

void fuzz_one(const uint8_t *p, size_t n)
{
	static unsigned round;
	struct mschap_message m;
	mschap_message((struct view){ (const char *)p, n }, &m);
	if (!inside(m.proof, p, n) || (m.error == 0 && !inside(m.text, p, n)) || (m.proof.n && m.proof.n != MSCHAP_PROOF) ||
	    m.error > 9999)
		abort();
	if (round++ % 64 == 0 && n < 600)
		response(p, n);
}
