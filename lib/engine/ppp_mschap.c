/* ppp_mschap.c - what MS-CHAPv2 (RFC 2759) has beyond CHAP, both roles: the caller's
 * own challenge, the answerer's proof, and messages that are half for machines. */
#include "engine/ppp_link.h"

#include <openssl/crypto.h>
#include <stdio.h>

static struct view view_bytes(const void *p, size_t n)
{
	return (struct view){ p, n };
}

/* A Challenge that comes again gets the same Response: the proof will be for that. */
const char *ms_respond(struct ppp *p, const struct chap *c)
{
	struct auth *a = &p->auth;
	uint8_t own[MSCHAP_CHALLENGE];
	const char *why;
	bool again = a->responded && c->id == a->id && view_eq(c->value, view_bytes(a->challenge, sizeof a->challenge));
	if (again)
		return NULL;
	link_random(p, own, sizeof own);
	struct mschap m = { &p->secret, view_of(p->name), c->value, view_bytes(own, sizeof own) };
	if (!mschap_answer(&m, a->value, a->proof, &why))
		return why;
	memcpy(a->challenge, c->value.p, sizeof a->challenge);
	return NULL;
}

struct view ms_heard(const struct ppp *p, bool *ok, struct view message)
{
	struct mschap_message m;
	mschap_message(message, &m);
	if (!*ok || (m.proof.n && CRYPTO_memcmp(m.proof.p, p->auth.proof, MSCHAP_PROOF) == 0))
		return m.text;
	*ok = false;
	return view_of("the called side does not know the secret");
}

bool ms_proves(struct view message)
{
	struct mschap_message m;
	mschap_message(message, &m);
	return m.proof.n > 0;
}

void ms_refusal(const struct ppp *p, struct view text, struct out *o)
{
	char hex[2 * MSCHAP_CHALLENGE + 1];
	for (size_t i = 0; i < MSCHAP_CHALLENGE; i++)
		snprintf(hex + 2 * i, 3, "%02X", p->auth.value[i]);
	out_bytes(o, "E=691 R=0 C=", 12);
	out_bytes(o, hex, sizeof hex - 1);
	out_bytes(o, " V=3 M=", 7);
	size_t room = (size_t)(o->end - o->p);
	if (text.n > 0)
		out_bytes(o, text.p, text.n < room ? text.n : room);
}
