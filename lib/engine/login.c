/* login.c - the security server's clients: accepted up to a limit, hung up on
 * when they are silent, ask what is no record, or ask without id=. */
#include "engine/login_impl.h"

#include "base/num.h"
#include "engine/places.h"
#include "sys/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HANDSHAKE_MS 10000

static void watch(struct login *s, bool on);

static void client_free(struct login_client *c)
{
	struct login *s = c->server;
	struct login_client **p = &s->clients;
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	login_check_forget(c);
	loop_cancel(s->loop, &c->idle);
	chan_free(c->chan);
	free(c);
	s->nclients--;
	if (s->full)
		watch(s, true);
}

static void on_idle(void *arg);

static void wait_for(struct login_client *c)
{
	loop_at(c->server->loop, &c->idle, clock_deadline(c->server->conf.idle_ms), on_idle, c);
}

/* Who has shown a certificate has that time however much he asks: it may be revoked
 * meanwhile, which is seen when he comes again. */
static void touch(struct login_client *c)
{
	if (!c->certified)
		wait_for(c);
}

static void on_idle(void *arg)
{
	struct login_client *c = arg;
	if ((c->nchecks || c->waiting) && !c->deaf)
		wait_for(c);
	else
		client_free(c);
}

void login_checked(struct login_client *c)
{
	touch(c);
	if (c->deaf)
		loop_at(c->server->loop, &c->idle, clock_ms(), on_idle, c);
	else if (c->nchecks < CHECKS_MAX)
		chan_pause(c->chan, false);
}

static void on_record(void *arg, struct record *r)
{
	struct login_client *c = arg;
	if (login_check(c, r) != 0) {
		client_free(c);
		return;
	}
	if (!c->deaf)
		touch(c);
	if (c->deaf || c->nchecks >= CHECKS_MAX)
		chan_pause(c->chan, true);
}

/* On record, unless too many are. */
static void tell(struct login *s, struct x509_st *shown, int fd, const char *event, const char *why)
{
	struct record who = { 0 };
	char host[64];
	bool refused = strcmp(event, "refused") == 0;
	sock_peer_host(fd, host, sizeof host);
	if (s->conf.log && refusal_told(refused ? &s->refused : &s->crowded, &who, shown) && record_set(&who, "from", host) == 0)
		s->conf.log(refused ? 302 : 303, event, &who, why);
	record_clear(&who);
}

static void on_open(void *arg)
{
	struct login_client *c = arg;
	c->open = true;
	shake_over(&c->server->shakes, c->source, true);
	c->certified = party_of(chan_stream(c->chan), &c->party) && c->party.who.role == ROLE_USER;
	c->admitted = c->certified;
}

static void on_closed(void *arg, const char *why)
{
	struct login_client *c = arg;
	if (!c->open && why) {
		shake_over(&c->server->shakes, c->source, false);
		tell(c->server, stream_shown(chan_stream(c->chan)), stream_fd(chan_stream(c->chan)), "refused", why);
	}
	client_free(c);
}

static const struct chan_ops ops = { .open = on_open, .record = on_record, .closed = on_closed };

/* One machine must not take every place without saying who it is. */
static bool too_many_strangers(struct login *s, int fd, const char *source)
{
	unsigned count = 0;
	for (const struct login_client *c = s->clients; c; c = c->next)
		count += !c->admitted && strcmp(c->source, source) == 0;
	if (!*source || count < s->conf.strangers)
		return false;
	tell(s, NULL, fd, "too-many", "too many of that address have not logged in");
	return true;
}

static bool is_stranger(const struct login_client *c)
{
	return !c->admitted && *c->source;
}

static const char *next_stranger(const void *server, void **at)
{
	const struct login *s = server;
	const struct login_client *before = *at;
	struct login_client *c = before ? before->next : s->clients;
	while (c && !is_stranger(c))
		c = c->next;
	*at = c;
	return c ? c->source : NULL;
}

/* When all places are taken, for one of this source. */
static bool make_place(struct login *s, int fd, const char *source)
{
	struct login_client *old = places_yielder(next_stranger, s, source);
	tell(s, NULL, old ? stream_fd(chan_stream(old->chan)) : fd, "too-many", "all places are taken, most by strangers");
	if (old)
		client_free(old);
	return old != NULL;
}

static struct login_client *client_add(struct login *s, int fd, bool tls)
{
	char source[SOURCE_TEXT];
	source_of(fd, source);
	if (too_many_strangers(s, fd, source) || (s->nclients >= s->conf.clients && !make_place(s, fd, source)))
		return NULL;
	struct login_client *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	memcpy(c->source, source, sizeof source);
	c->server = s;
	c->tls = tls;
	c->next = s->clients;
	s->clients = c;
	s->nclients++;
	return c;
}

static void on_accept(void *arg, int fd, short revents)
{
	struct login *s = arg;
	struct ssl_ctx_st *ctx = NULL;
	(void)revents;
	for (unsigned i = 0; i < s->nlisten; i++)
		if (s->listen[i].fd == fd)
			ctx = s->listen[i].ctx;
	if (s->nclients >= s->conf.clients && !places_strangers(next_stranger, s)) {
		watch(s, false);
		return;
	}
	int got = sock_accept(fd);
	if (got < 0)
		return;
	struct login_client *c = client_add(s, got, ctx != NULL);
	if (!c) {
		close(got);
		return;
	}
	c->chan = chan_accept(s->loop, got, ctx, clock_deadline(HANDSHAKE_MS), &ops, c);
	if (!c->chan) {
		client_free(c);
		return;
	}
	stream_later(chan_stream(c->chan), shake_wait(&s->shakes, c->source));
	stream_limits(chan_stream(c->chan), STREAM_IN_MAX, UNREAD_MAX);
	chan_serve(c->chan, s->conf.auth_ms + HANDSHAKE_MS);
	touch(c);
}

/* Listens, or leaves who comes now to the backlog. */
static void watch(struct login *s, bool on)
{
	s->full = !on;
	for (unsigned i = 0; i < s->nlisten; i++)
		if (on)
			loop_fd(s->loop, s->listen[i].fd, POLLIN, on_accept, s);
		else
			loop_forget(s->loop, s->listen[i].fd);
}

struct login *login_new(struct loop *l, const struct login_conf *conf)
{
	struct login *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->codes = login_codes_new();
	if (!s->codes || guesses_init(&s->guesses) != 0 || guesses_init(&s->shakes) != 0) {
		login_codes_free(s->codes);
		free(s);
		return NULL;
	}
	s->loop = l;
	s->conf = *conf;
	return s;
}

int login_listen(struct login *s, int fd, struct ssl_ctx_st *ctx)
{
	if (s->nlisten == LISTEN_MAX) {
		errno = ENOSPC;
		return -1;
	}
	s->listen[s->nlisten].fd = fd;
	s->listen[s->nlisten++].ctx = ctx;
	return loop_fd(s->loop, fd, POLLIN, on_accept, s);
}

void login_free(struct login *s)
{
	if (!s)
		return;
	while (s->clients)
		client_free(s->clients);
	for (unsigned i = 0; i < s->nlisten; i++) {
		loop_forget(s->loop, s->listen[i].fd);
		close(s->listen[i].fd);
	}
	login_codes_free(s->codes);
	free(s);
}
