/* back.c - service processors' connections: let in by certificate, held, and
 * closed when they say anything before they are picked up. */
#include "engine/back_impl.h"

#include "base/num.h"
#include "engine/party.h"
#include "engine/places.h"
#include "sys/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_MS 10000 /* for TLS, and as long again for op=back */

static void watch(struct back *b, bool on);

void back_tell(struct back_peer *p, const char *state, const char *reason, const char *detail)
{
	struct record r;
	record_init(&r);
	record_set(&r, "serial", p->serial);
	record_set(&r, "state", state);
	record_set(&r, "peer", p->peer);
	if (reason)
		record_set(&r, "reason", reason);
	if (p->join) {
		record_setf(&r, "seconds", "%lld", (long long)(clock_ms() - p->since + 500) / 1000);
		record_setf(&r, "in_bytes", "%llu", (unsigned long long)join_count(p->join, JOIN_NEAR));
		record_setf(&r, "out_bytes", "%llu", (unsigned long long)join_count(p->join, JOIN_FAR));
	}
	if (detail)
		record_set(&r, "detail", detail);
	p->b->conf.event(p->b->conf.arg, &r);
	record_clear(&r);
}

void back_peer_free(struct back_peer *p)
{
	struct back *b = p->b;
	struct back_peer **at = &b->peers;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	loop_cancel(b->conf.loop, &p->timer);
	stream_free(p->s);
	join_free(p->join);
	free(p);
	b->npeers--;
	if (b->full)
		watch(b, true);
}

struct back_peer *back_find(struct back *b, struct view serial, bool *busy)
{
	struct back_peer *found = NULL;
	*busy = false;
	for (struct back_peer *p = b->peers; p && !found; p = p->next) {
		if (!view_is(serial, p->serial))
			continue;
		if (p->phase == BACK_WAITING)
			found = p;
		*busy |= p->phase == BACK_RINGING || p->phase == BACK_CALL;
	}
	return found;
}

/* Told, unless too many are. */
static void refuse(struct back *b, const struct back_peer *p, const char *why)
{
	struct record r = { 0 };
	if (refusal_told(&b->refused, &r, p->s ? stream_shown(p->s) : NULL) && record_set(&r, "peer", p->peer) == 0 &&
	    record_set(&r, "detail", why) == 0)
		b->conf.refused(b->conf.arg, &r);
	record_clear(&r);
}

static void on_late(void *arg);

/* The last word; on_drained, or the timer, frees. */
static void leave(struct back_peer *p, const char *error, const char *detail)
{
	p->phase = BACK_LEAVING;
	if (hello_say(p->s, "error", error, "detail", detail, NULL) == 0)
		loop_at(p->b->conf.loop, &p->timer, clock_deadline(SAY_MS), on_late, p);
	else
		back_peer_free(p);
}

/* Over for a peer that is not in a call. */
static void lost(struct back_peer *p, const char *why)
{
	if (p->phase == BACK_RINGING)
		back_no_answer(p->caller, "peer", "no-carrier", "the service processor's connection was lost");
	if (p->phase == BACK_STRANGER && !p->open)
		shake_over(&p->b->shakes, p->source, false);
	if (p->phase == BACK_STRANGER)
		refuse(p->b, p, why ? why : "closed before it said who it is");
	else if (p->phase != BACK_LEAVING)
		back_tell(p, "ended", "lost-carrier", why);
	back_peer_free(p);
}

static void on_late(void *arg)
{
	lost(arg, "timed out");
}

/* The newest waits. */
static void replace(struct back_peer *p)
{
	bool busy;
	struct back_peer *old = back_find(p->b, view_of(p->serial), &busy);
	if (!old)
		return;
	back_tell(old, "ended", "admin-reset", "another connection with the same certificate");
	leave(old, "busy", "another connection with the same certificate waits now");
}

static void let_in(struct back_peer *p)
{
	struct party party;
	if (!party_of(p->s, &party) || !record_key_ok(view_of(party.who.serial))) {
		refuse(p->b, p, "the serial in its certificate cannot be called");
		leave(p, "denied", "the serial in the certificate cannot be called");
		return;
	}
	memcpy(p->serial, party.who.serial, sizeof p->serial);
	replace(p);
	p->phase = BACK_WAITING;
	p->since = clock_ms();
	loop_cancel(p->b->conf.loop, &p->timer);
	sock_keepalive(stream_fd(p->s));
	stream_limits(p->s, 4 * HELLO_MAX, 4 * HELLO_MAX); /* until the call */
	if (hello_say(p->s, "state", "waiting", NULL) == 0)
		back_tell(p, "waiting", NULL, NULL);
	else
		back_peer_free(p);
}

static void on_data(void *arg, struct buf *in)
{
	struct back_peer *p = arg;
	struct record r;
	const char *why = "it says something before it is picked up";
	record_init(&r);
	int rc = p->phase == BACK_STRANGER ? hello_take(in, &r, &why) : p->phase == BACK_RINGING ? hello_first(in, &r, &why) : -1;
	bool good = rc == 1 && (p->phase == BACK_RINGING ? view_is(record_get(&r, "done"), "1") : view_is(record_get(&r, "op"), "back"));
	record_clear(&r);
	if (p->phase == BACK_LEAVING)
		buf_consume(in, in->len);
	else if (rc == 1 && !good)
		lost(p, "it says what was not asked");
	else if (rc < 0)
		lost(p, why);
	else if (good && p->phase == BACK_STRANGER)
		let_in(p);
	else if (good)
		back_answered(p, in);
}

static void on_closed(void *arg, const char *why)
{
	lost(arg, why);
}

static void on_open(void *arg)
{
	struct back_peer *p = arg;
	p->open = true;
	shake_over(&p->b->shakes, p->source, true);
	loop_at(p->b->conf.loop, &p->timer, clock_deadline(OPEN_MS), on_late, p);
}

static void on_drained(void *arg)
{
	struct back_peer *p = arg;
	if (p->phase == BACK_LEAVING)
		back_peer_free(p);
}

static bool too_many(const struct back *b, const char *source)
{
	unsigned n = 0;
	for (const struct back_peer *p = b->peers; p; p = p->next)
		n += p->phase == BACK_STRANGER && strcmp(p->source, source) == 0;
	return n >= b->conf.strangers;
}

static const char *next_stranger(const void *server, void **at)
{
	const struct back *b = server;
	const struct back_peer *before = *at;
	struct back_peer *p = before ? before->next : b->peers;
	while (p && p->phase != BACK_STRANGER)
		p = p->next;
	*at = p;
	return p ? p->source : NULL;
}

/* When all places are taken, for one of this source. */
static bool make_place(struct back *b, const char *source)
{
	struct back_peer *old = places_yielder(next_stranger, b, source);
	if (!old)
		return false;
	refuse(b, old, "all places are taken, most by strangers");
	back_peer_free(old);
	return true;
}

static struct back_peer *peer_new(struct back *b, int fd)
{
	struct back_peer *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	*p = (struct back_peer){ .b = b };
	source_of(fd, p->source);
	sock_peer_text(fd, p->peer, sizeof p->peer);
	const char *why = too_many(b, p->source) ? "too many of that address have not said who they are"
	                  : b->npeers >= b->conf.peers && !make_place(b, p->source) ? "all places are taken" : NULL;
	if (!why)
		return p;
	refuse(b, p, why);
	free(p);
	return NULL;
}

static void on_accept(void *arg, int fd, short revents)
{
	static const struct stream_ops ops = { .open = on_open, .data = on_data, .drained = on_drained, .closed = on_closed };
	struct back *b = arg;
	(void)revents;
	if (b->npeers >= b->conf.peers && !places_strangers(next_stranger, b)) {
		watch(b, false);
		return;
	}
	int got = sock_accept(fd);
	struct back_peer *p = got < 0 ? NULL : peer_new(b, got);
	if (!p) {
		if (got >= 0)
			close(got);
		return;
	}
	p->s = stream_new(b->conf.loop, got, false, b->ctx, NULL, clock_deadline(OPEN_MS), &ops, p);
	if (!p->s) {
		free(p);
		return;
	}
	stream_later(p->s, shake_wait(&b->shakes, p->source));
	p->next = b->peers;
	b->peers = p;
	b->npeers++;
}

/* Listens, or leaves who comes now to the backlog. */
static void watch(struct back *b, bool on)
{
	b->full = !on;
	if (b->fd >= 0 && on)
		loop_fd(b->conf.loop, b->fd, POLLIN, on_accept, b);
	else if (b->fd >= 0)
		loop_forget(b->conf.loop, b->fd);
}

int back_listen(struct back *b, int fd, struct ssl_ctx_st *ctx)
{
	b->fd = fd;
	b->ctx = ctx;
	return loop_fd(b->conf.loop, fd, POLLIN, on_accept, b);
}

struct back *back_new(const struct back_conf *conf)
{
	struct back *b = calloc(1, sizeof *b);
	if (!b)
		return NULL;
	*b = (struct back){ .conf = *conf, .fd = -1, .local = -1 };
	if (guesses_init(&b->shakes) == 0)
		return b;
	free(b);
	return NULL;
}

static void close_fd(struct back *b, int fd)
{
	if (fd < 0)
		return;
	loop_forget(b->conf.loop, fd);
	close(fd);
}

void back_free(struct back *b)
{
	if (!b)
		return;
	close_fd(b, b->fd);
	close_fd(b, b->local);
	b->fd = b->local = -1;
	while (b->callers)
		back_caller_free(b->callers);
	while (b->peers) {
		if (b->peers->phase != BACK_STRANGER && b->peers->phase != BACK_LEAVING)
			back_tell(b->peers, "ended", "nas-reboot", NULL);
		back_peer_free(b->peers);
	}
	free(b);
}
