/* login_code.c - the questions op=code and op=check: a user who was accepted, as his
 * certificate says or a token, gets a code for one router, and the RADIUS server that the
 * router asks may show it once. Refuses whose certificate has ended or token does not
 * hold, and every code that was not made here for just that. Who may ask op=check does
 * not matter: it answers yes to nobody who has not the code. */
#include "engine/login_impl.h"

#include "base/num.h"
#include "sys/sock.h"
#include "wire/token.h"
#include "wire/username.h"

#include <errno.h>

static int note(struct login_check *k, const char *key, struct view v)
{
	return v.n > CODE_NAME_MAX ? -1 : record_setv(&k->who, view_of(key), v);
}

static int note_asker(struct login_check *k, const struct code_for *who)
{
	char from[64] = "";
	sock_peer_host(stream_fd(chan_stream(k->client->chan)), from, sizeof from);
	if (note(k, "user", who->user) != 0 || note(k, "domain", who->domain) != 0 || note(k, "router", who->router) != 0)
		return -1;
	return record_set(&k->who, "from", from);
}

static void make(struct login_check *k, const struct code_for *who)
{
	struct login *s = k->client->server;
	char code[CODE_LEN + 1], until[TIME_TEXT];
	if (login_codes_make(s->codes, who, clock_ms(), s->conf.code_ms, code) != 0) {
		login_fail(k, errno == EBUSY ? SP_BUSY : SP_SYSTEM, 316, "unable to make a code");
		return;
	}
	time_text(time(NULL) + (time_t)(s->conf.code_ms / 1000), until);
	int rc = record_set(&k->reply, "code", code);
	explicit_bzero(code, sizeof code);
	if (rc != 0 || record_set(&k->reply, "code_until", until) != 0 || record_set(&k->reply, "done", "1") != 0) {
		login_fail(k, SP_SYSTEM, 316, "out of memory");
		return;
	}
	k->client->admitted = true;
	login_say(k, 316, "code", NULL);
	login_answer(k);
}

/* Whom the certificate, which alone counts where there is one, or the token speaks of;
 * payload: memory. NULL, or why nobody. */
static const char *party_in(struct login_check *k, struct record *q, struct record *payload, struct code_for *who)
{
	struct evp_pkey_st *key = k->client->server->conf.key;
	const struct party *p = &k->client->party;
	const char *why;
	if (k->client->certified) {
		who->user = view_of(p->who.user);
		who->domain = view_of(p->who.domain);
		if (record_set(&k->who, "certificate_id", p->id) != 0)
			return "out of memory";
		if ((why = stream_still(chan_stream(k->client->chan))) != NULL)
			return why;
		return time(NULL) > p->until ? "the certificate has expired" : NULL;
	}
	if (!record_get(q, "token").n)
		return "neither a certificate nor a token";
	if (token_check(record_get(q, "token"), &key, key != NULL, time(NULL), payload, &why) != 1)
		return why;
	who->user = record_get(payload, "user");
	who->domain = record_get(payload, "domain");
	return NULL;
}

void login_code(struct login_check *k, struct record *q)
{
	struct record payload;
	record_init(&payload);
	struct code_for who = { .router = record_get(q, "router") };
	const char *why = who.router.n ? party_in(k, q, &payload, &who) : "no router=";
	if (!why && note_asker(k, &who) != 0)
		why = "a name is too long";
	if (why)
		login_refuse(k, 316, why);
	else
		make(k, &who);
	record_clear(&payload);
}

/* The router's user may have come as DOMAIN\user or user@realm. */
void login_code_check(struct login_check *k, struct record *q)
{
	struct login *s = k->client->server;
	struct username u = username_split(record_get(q, "user"));
	struct code_for who = { u.user, u.domain.n ? u.domain : record_get(q, "domain"), record_get(q, "router") };
	if (note_asker(k, &who) != 0) {
		login_refuse(k, 319, "a name is too long");
	} else if (!login_codes_use(s->codes, &who, record_get(q, "code"), clock_ms())) {
		login_refuse(k, 319, "no such code for that user and router");
	} else {
		login_say(k, 319, "accepted", NULL);
		if (record_set(&k->reply, "done", "1") == 0)
			login_answer(k);
		else
			login_fail(k, SP_SYSTEM, 319, "out of memory");
	}
}
