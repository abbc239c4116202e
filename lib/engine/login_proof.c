/* login_proof.c - what an accepted user gets, by which others know him: a certificate of
 * the key that he made, or where there is no issuer a token. */
#include "engine/login_impl.h"

#include "base/num.h"
#include "wire/token.h"

static int token_id(struct record *payload)
{
	char text[33];
	return login_random(text) == 0 ? record_set(payload, "token_id", text) : -1;
}

/* The token's payload, and the same in the reply: user, domain, group, groups. */
static int describe(struct login_check *k, struct view groups, struct record *to)
{
	static const char *const keys[] = { "user", "domain", "group" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct view v = record_get(&k->who, keys[i]);
		if (v.n && record_setv(to, view_of(keys[i]), v) != 0)
			return -1;
	}
	return record_setv(to, view_of("groups"), groups);
}

static int token(struct login_check *k, struct view groups)
{
	const struct login_conf *conf = &k->client->server->conf;
	struct record payload;
	struct buf text;
	char until[TIME_TEXT];
	int rc = -1;
	record_init(&payload);
	buf_init(&text, TOKEN_MAX);
	time_text(time(NULL) + (time_t)conf->life_s, until);
	if (token_id(&payload) == 0 && describe(k, groups, &payload) == 0 && record_set(&payload, "until", until) == 0 &&
	    token_sign(&payload, conf->key, &text) == 0 && record_setv(&k->reply, view_of("token"), buf_view(&text)) == 0)
		rc = record_set(&k->reply, "token_until", until);
	record_clear(&payload);
	buf_clear(&text);
	return rc;
}

static int certificate(struct login_check *k, const char **why)
{
	const struct login_conf *conf = &k->client->server->conf;
	struct record who;
	int rc = -1;
	record_init(&who);
	*why = "out of memory";
	if (describe(k, record_get(&k->reply, "groups"), &who) == 0 &&
	    login_issue(conf->issuer, &who, buf_view(&k->csr), conf->life_s, &k->reply, why) == 0)
		rc = record_setv(&k->who, view_of("certificate_id"), record_get(&k->reply, "certificate_id"));
	record_clear(&who);
	return rc;
}

const char *login_proof(struct login_check *k, struct view groups)
{
	const struct login_conf *conf = &k->client->server->conf;
	const char *why = "unable to sign";
	if (describe(k, groups, &k->reply) != 0)
		return why;
	if (conf->issuer && k->csr.len) {
		if (certificate(k, &why) != 0)
			return why;
	} else if (!conf->key || (conf->issuer && k->client->tls)) {
		return "a request for a certificate is needed (csr=)";
	} else if (token(k, groups) != 0) {
		return "unable to sign a token";
	}
	return record_set(&k->reply, "done", "1") == 0 ? NULL : why;
}
