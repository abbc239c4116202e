/* login_ask.c - a user's password, or code, goes to the filter: at once, or in its turn
 * where wrong ones have come from there for that user. The group stays here. */
#include "engine/login_impl.h"

static int ask(struct login_check *k, struct view password)
{
	struct record r;
	int rc = -1;
	const char *from = record_str(&k->who, "from");
	record_init(&r);
	if (record_copy(&r, &k->who) != 0)
		return -1;
	record_drop(&r, "from");
	record_drop(&r, "group"); /* whether the user is in it is for us to see */
	if ((!from || record_set(&r, "calling", from) == 0) && record_set(&r, "service", "login") == 0 &&
	    record_setv(&r, view_of("password"), password) == 0)
		rc = worker_ask(k->client->server->conf.auth, &r,
		                clock_deadline(k->client->server->conf.auth_ms), login_verdict, k);
	record_wipe(&r, "password");
	record_clear(&r);
	return rc;
}

void login_ask(struct login_check *k, struct view password)
{
	login_say(k, 303, "asked", NULL);
	if (ask(k, password) != 0)
		login_fail(k, SP_SYSTEM, 303, "the check of users cannot be asked");
}

static void start_held(void *arg)
{
	struct login_check *k = arg;
	struct secret password = k->password;
	secret_clear(&k->password);
	login_ask(k, secret_view(&password)); /* k may be gone */
	secret_clear(&password);
}

/* Who has guessed wrong waits before the filter is asked, not only for his refusal: who
 * hangs up early has learnt nothing. Where the wait is too long it is not asked at all. */
void login_ask_in_turn(struct login_check *k, struct view password)
{
	struct login *s = k->client->server;
	const char *source = k->client->source;
	if (*source && s->conf.refuse_ms)
		k->guess = guess_who(&s->guesses, source, record_get(&k->who, "user"), record_get(&k->who, "domain"));
	int64_t wait = k->guess ? guess_wait(&s->guesses, k->guess, clock_ms(), s->conf.refuse_ms, s->conf.auth_ms) : 0;
	if (wait == 0) {
		login_ask(k, password);
	} else if (wait < 0 || !secret_set(&k->password, password)) {
		k->guess = 0;
		login_refuse(k, 304, "too many wrong guesses");
	} else {
		login_say(k, 303, "held", "has guessed wrong");
		loop_at(s->loop, &k->later, clock_deadline(wait), start_held, k);
	}
}
