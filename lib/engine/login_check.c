/* login_check.c - one question to the security server: who is asked about, the
 * filter's verdict, the group's password. What is neither clearly an
 * acceptance nor a challenge is a refusal. */
#include "engine/login_impl.h"

#include "base/num.h"
#include "sys/sock.h"
#include "wire/token.h" /* TOKEN_MAX: of what groups may be */
#include "wire/username.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#define NAME_LEN_MAX 253 /* what RADIUS can say; logs are spared the rest */

void login_check_free(struct login_check *k)
{
	struct login_client *c = k->client;
	struct login_check **p = k->waits ? &c->waiting : &c->checks;
	while (*p != k)
		p = &(*p)->next;
	*p = k->next;
	c->nchecks -= !k->waits;
	worker_forget(c->server->conf.auth, k);
	loop_cancel(c->server->loop, &k->later);
	record_clear(&k->who);
	record_clear(&k->reply);
	secret_clear(&k->group_password);
	buf_clear(&k->csr);
	secret_clear(&k->password);
	free(k);
}

void login_check_forget(struct login_client *c)
{
	while (c->checks)
		login_check_free(c->checks);
	while (c->waiting)
		login_check_free(c->waiting);
}

void login_say(struct login_check *k, int step, const char *event, const char *detail)
{
	if (k->client->server->conf.log)
		k->client->server->conf.log(step, event, &k->who, detail);
}

/* The last act: the answer is sent, the question forgotten, unless it was a challenge. */
void login_answer(struct login_check *k)
{
	struct login_client *c = k->client;
	c->deaf |= chan_send(c->chan, &k->reply) != 0;
	if (k->challenge[0])
		login_challenge_wait(k);
	else
		login_check_free(k);
	login_checked(c);
}

static void answer(void *arg)
{
	login_answer(arg);
}

void login_fail(struct login_check *k, enum sp_exit status, int step, const char *detail)
{
	login_say(k, step, sp_exit_name(status), detail);
	record_set(&k->reply, "error", sp_exit_name(status));
	record_setf(&k->reply, "step", "%d", step);
	record_set(&k->reply, "detail", detail);
	login_answer(k);
}

/* Who speaks another protocol is told so, once. */
static void not_login(struct login_check *k)
{
	struct chan *chan = k->client->chan;
	login_fail(k, SP_USAGE, 302, "op= is not known");
	chan_hang_up(chan);
}

/* Waits for the next multiple of refuse_ms, so that how long the check took, and at
 * which of its stages it ended, cannot be seen. */
static void answer_in_turn(struct login_check *k)
{
	int64_t floor = k->client->server->conf.refuse_ms, now = clock_ms();
	int64_t at = floor > 0 ? k->asked + ((now - k->asked) / floor + 1) * floor : now;
	loop_at(k->client->server->loop, &k->later, at, answer, k);
}

void login_refuse(struct login_check *k, int step, const char *why)
{
	struct login *s = k->client->server;
	login_say(k, step, "refused", why);
	if (k->guess && !k->decoy)
		guess_wrong(&s->guesses, k->guess, clock_ms(), s->conf.refuse_ms);
	if (k->client->server->conf.challenge_all && k->rounds == 0 && login_challenge(k, NULL) == 0) {
		k->decoy = true;
	} else {
		record_set(&k->reply, "error", sp_exit_name(SP_DENIED));
		record_set(&k->reply, "step", "304");
		record_set(&k->reply, "detail", REFUSED);
	}
	answer_in_turn(k);
}

int login_random(char text[33])
{
	uint8_t b[16];
	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		return -1;
	for (size_t i = 0; i < sizeof b; i++) {
		text[2 * i] = "0123456789abcdef"[b[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[b[i] & 15];
	}
	text[32] = '\0';
	return 0;
}

static void accept_user(struct login_check *k, struct view all)
{
	const struct login_groups *g = k->client->server->conf.groups;
	struct view group = record_get(&k->who, "group");
	struct buf groups;
	const char *why;
	buf_init(&groups, TOKEN_MAX);
	if (group.n && !view_listed(all, group)) {
		login_refuse(k, 304, "not in the group");
	} else if (group.n && !login_groups_pass(g, group, &k->group_password)) {
		login_refuse(k, 304, "wrong group password");
	} else if (login_groups_filter(g, all, group, &groups) != 0) {
		login_fail(k, SP_SYSTEM, 304, "out of memory");
	} else if ((why = login_proof(k, buf_view(&groups))) != NULL) {
		login_fail(k, SP_RECORD, 304, why);
	} else {
		login_say(k, 304, "accepted", NULL);
		k->client->admitted = true;
		if (k->guess)
			guess_right(&k->client->server->guesses, k->guess);
		login_answer(k);
	}
	buf_clear(&groups);
}

static void challenge(struct login_check *k, struct record *verdict)
{
	if (login_challenge(k, verdict) != 0) {
		login_refuse(k, 304, "too many challenges");
		return;
	}
	login_say(k, 304, "challenged", NULL);
	if (k->client->server->conf.challenge_all)
		answer_in_turn(k);
	else
		login_answer(k);
}

void login_verdict(void *arg, struct record *r, const char *why)
{
	struct login_check *k = arg;
	struct view error = r ? record_get(r, "error") : (struct view){ NULL, 0 };
	if (!r)
		login_fail(k, why == worker_late ? SP_TIMEOUT : SP_SYSTEM, 303, why);
	else if (!error.p && view_is(record_get(r, "decision"), "accept"))
		accept_user(k, record_get(r, "groups"));
	else if (!error.p && view_is(record_get(r, "decision"), "challenge"))
		challenge(k, r);
	else if (!error.p || view_is(error, sp_exit_name(SP_DENIED)) || view_is(error, sp_exit_name(SP_RECORD)))
		login_refuse(k, 304, "not accepted");
	else
		login_fail(k, sp_exit_of(record_str(r, "error")), 303, "the check of users failed");
}

/* user= and domain=, DOMAIN\user and user@realm taken apart; group=; from=. */
static int identify(struct login_check *k, struct record *q)
{
	struct username u = username_split(record_get(q, "user"));
	struct view group = record_get(q, "group");
	char from[64] = "";
	if (!u.domain.n)
		u.domain = record_get(q, "domain");
	sock_peer_host(stream_fd(chan_stream(k->client->chan)), from, sizeof from);
	if (u.user.n > NAME_LEN_MAX || u.domain.n > NAME_LEN_MAX || group.n > NAME_LEN_MAX)
		return -1;
	if (record_setv(&k->who, view_of("user"), u.user) != 0 ||
	    (u.domain.n && record_setv(&k->who, view_of("domain"), u.domain) != 0) ||
	    (group.n && record_setv(&k->who, view_of("group"), group) != 0))
		return -1;
	return *from ? record_set(&k->who, "from", from) : 0;
}

static struct login_check *check_new(struct login_client *c)
{
	struct login_check *k = calloc(1, sizeof *k);
	if (!k)
		return NULL;
	k->client = c;
	k->rounds = ROUNDS_MAX; /* only a login has challenges, decoys or true */
	buf_init(&k->csr, CSR_MAX);
	k->next = c->checks;
	c->checks = k;
	c->nchecks++;
	return k;
}

static void begin(struct login_check *k, struct record *q)
{
	k->rounds = 0;
	if (!record_get(q, "user").n || !record_has(q, "password") ||
	    !secret_set(&k->group_password, record_get(q, "group_password")) || identify(k, q) != 0 ||
	    buf_addv(&k->csr, record_get(q, "csr")) != 0)
		login_refuse(k, 304, "incomplete");
	else
		login_ask_in_turn(k, record_get(q, "password"));
}

/* op=answer: the code is the password, and what the RADIUS server gave goes back with it. */
static void go_on(struct login_check *k, struct record *q)
{
	if (k->decoy || !record_get(&k->who, "user").n || !record_has(q, "password"))
		login_refuse(k, 304, k->decoy ? "not accepted" : "no such challenge");
	else
		login_ask(k, record_get(q, "password"));
}

static const struct {
	const char *op;
	void (*fn)(struct login_check *k, struct record *q);
} ops[] = {
	{ "login", begin },
	{ "answer", go_on },
	{ "code", login_code },
	{ "check", login_code_check },
};

static void dispatch(struct login_check *k, struct record *q)
{
	struct view op = record_get(q, "op");
	size_t i = 0, n = sizeof ops / sizeof *ops;
	while (i < n && !view_is(op, ops[i].op))
		i++;
	if (i < n)
		ops[i].fn(k, q);
	else
		not_login(k);
}

int login_check(struct login_client *c, struct record *q)
{
	struct view id = record_get(q, "id");
	bool on = view_is(record_get(q, "op"), "answer");
	if (!id.n || id.n > 64)
		return -1;
	struct login_check *k = on ? login_challenge_take(c, record_get(q, "challenge")) : NULL;
	if (!k)
		k = check_new(c);
	if (!k || record_setv(&k->reply, view_of("id"), id) != 0)
		return -1;
	k->asked = clock_ms();
	if (c->nchecks > CHECKS_MAX)
		login_fail(k, SP_BUSY, 302, "too many questions at once");
	else
		dispatch(k, q);
	record_wipe(q, "password");
	record_wipe(q, "code");
	record_wipe(q, "group_password");
	return 0;
}
