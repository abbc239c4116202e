/* login_challenge.c - questions to which the filter answered decision=challenge:
 * they wait here, with what the RADIUS server gave to be given back, until the
 * user's answer comes over the same connection. Short-lived, few of one client,
 * each of them once: a name that is not of this connection, that was answered
 * or whose time is up is nobody's. */
#include "engine/login_impl.h"

#include "sys/loop.h"

/* The prompt of --challenge-all hides who asked, and so nothing else of the
 * RADIUS server's may show. */
static int describe(struct login_check *k, struct record *verdict)
{
	const char *prompt = k->client->server->conf.challenge_all;
	struct view text = prompt ? view_of(prompt) : record_get(verdict, "prompt");
	if (record_set(&k->reply, "challenge", k->challenge) != 0 || record_setv(&k->reply, view_of("prompt"), text) != 0)
		return -1;
	if (!prompt && view_is(record_get(verdict, "echo"), "yes") && record_set(&k->reply, "echo", "yes") != 0)
		return -1;
	if (verdict && record_setv(&k->who, view_of("state"), record_get(verdict, "state")) != 0)
		return -1;
	return record_set(&k->reply, "done", "1");
}

int login_challenge(struct login_check *k, struct record *verdict)
{
	static const char *const keys[] = { "challenge", "prompt", "echo" };
	unsigned waiting = 0;
	for (const struct login_check *w = k->client->waiting; w; w = w->next)
		waiting++;
	if (k->rounds >= ROUNDS_MAX || waiting >= CHALLENGES_MAX || login_random(k->challenge) != 0)
		return -1;
	if (describe(k, verdict) == 0) {
		k->rounds++;
		return 0;
	}
	k->challenge[0] = '\0';
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		record_drop(&k->reply, keys[i]);
	return -1;
}

/* From one list to the other. */
static void move(struct login_check *k, struct login_check **from, struct login_check **to)
{
	while (*from != k)
		from = &(*from)->next;
	*from = k->next;
	k->next = *to;
	*to = k;
}

static void too_late(void *arg)
{
	login_check_free(arg);
}

void login_challenge_wait(struct login_check *k)
{
	struct login_client *c = k->client;
	move(k, &c->checks, &c->waiting);
	k->waits = true;
	c->nchecks--;
	record_clear(&k->reply);
	loop_at(c->server->loop, &k->later, clock_deadline(c->server->conf.answer_ms), too_late, k);
}

struct login_check *login_challenge_take(struct login_client *c, struct view name)
{
	for (struct login_check *k = c->waiting; k; k = k->next) {
		if (!view_is(name, k->challenge))
			continue;
		loop_cancel(c->server->loop, &k->later);
		move(k, &c->waiting, &c->checks);
		k->waits = false;
		c->nchecks++;
		k->challenge[0] = '\0';
		return k;
	}
	return NULL;
}
