/* gate_door.c - connections of workstations to a security server, or to the gateway: let in by
 * certificate, given up when they show nothing, and looked at while they last. */
#include "engine/gate_door_impl.h"

#include "engine/places.h"
#include "sys/sock.h"
#include "wire/httpconnect.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define HANDSHAKE_MS 10000
#define LOOK_MS 1000
#define UNREAD_MAX 65536

void door_tell_client(struct door_client *c, const char *event, const char *why)
{
	struct door_session s = { .client = c };
	door_tell(c->d, 336, event, &s, why);
}

/* Of who is nobody yet; told, unless too many are. */
static void not_let_in(struct gate_door *d, const char *host, const char *why, struct x509_st *shown)
{
	struct record r = { 0 };
	if (refusal_told(&d->refused, &r, shown) && record_set(&r, "step", "336") == 0 && record_set(&r, "event", "refused") == 0 &&
	    record_set(&r, "from", host) == 0 && record_set(&r, "detail", why) == 0)
		d->conf.tell(d->conf.arg, &r);
	record_clear(&r);
}

static bool is_of(const struct door_session *s, const void *client)
{
	return s->client == client;
}

static bool is_over(const struct door_session *s, const void *clock)
{
	return s->permit.until <= *(const time_t *)clock;
}

void door_client_free(struct door_client *c)
{
	struct door_client **at = &c->d->clients;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	door_end_some(c->d, is_of, c);
	loop_cancel(c->d->conf.loop, &c->late);
	c->d->nclients--;
	chan_free(c->chan);
	door_http_free(c->http);
	free(c);
}

static void sweep(void *arg)
{
	struct gate_door *d = arg;
	for (struct door_client *c = d->clients, *after; c; c = after) {
		after = c->next;
		if (c->over) /* who has sessions is never among them: they would end others */
			door_client_free(c);
	}
}

void door_client_end(struct door_client *c)
{
	c->over = true;
	loop_at(c->d->conf.loop, &c->d->soon, clock_ms(), sweep, c->d);
}

void door_late(void *arg)
{
	struct door_client *c = arg;
	if (c->http)
		door_http_late(c);
	else
		door_client_free(c);
}

static void on_chan_open(void *arg)
{
	struct door_client *c = arg;
	shake_over(&c->d->shakes, c->source, true);
	c->known = party_of(chan_stream(c->chan), &c->party);
	if (!c->known)
		door_client_free(c);
}

static void on_chan_closed(void *arg, const char *why)
{
	struct door_client *c = arg;
	if (!c->known && why) {
		shake_over(&c->d->shakes, c->source, false);
		not_let_in(c->d, c->host, why, stream_shown(chan_stream(c->chan)));
	}
	door_client_free(c);
}

static bool on_first(void *arg, struct buf *in)
{
	struct door_client *c = arg;
	if (!c->d->conf.inside || !httpconnect_begins((uint8_t)in->data[0]))
		return false;
	door_http_begin(c, in);
	return true;
}

static bool is_stranger(const struct door_client *c)
{
	return !c->sessions && *c->source && !(c->http && door_http_joined(c->http));
}

static const char *next_stranger(const void *server, void **at)
{
	const struct gate_door *d = server;
	const struct door_client *before = *at;
	struct door_client *c = before ? before->next : d->clients;
	while (c && !is_stranger(c))
		c = c->next;
	*at = c;
	return c ? c->source : NULL;
}

static bool place_for(struct gate_door *d, const char *source, const char *host)
{
	unsigned n = 0;
	for (const struct door_client *c = d->clients; c; c = c->next)
		n += is_stranger(c) && strcmp(c->source, source) == 0;
	if (n >= d->conf.strangers) {
		not_let_in(d, host, "too many of that address have shown no permit", NULL);
		return false;
	}
	struct door_client *old = d->nclients < d->conf.clients ? NULL : places_yielder(next_stranger, d, source);
	if (old || d->nclients >= d->conf.clients)
		not_let_in(d, old ? old->host : host, "all places are taken", NULL);
	if (old)
		door_client_free(old);
	return d->nclients < d->conf.clients;
}

static void on_accept(void *arg, int fd, short revents)
{
	static const struct chan_ops ops = { .open = on_chan_open, .record = door_record, .closed = on_chan_closed,
	                                     .first = on_first };
	struct gate_door *d = arg;
	char source[SOURCE_TEXT], host[64];
	int got = sock_accept(fd);
	(void)revents;
	if (got < 0)
		return;
	sock_peer_host(got, host, sizeof host);
	source_of_host(host, source);
	struct door_client *c = place_for(d, source, host) ? calloc(1, sizeof *c) : NULL;
	if (!c) {
		close(got);
		return;
	}
	c->d = d;
	memcpy(c->source, source, sizeof source);
	memcpy(c->host, host, sizeof host);
	sock_keepalive(got);
	c->next = d->clients;
	d->clients = c;
	d->nclients++;
	c->chan = chan_accept(d->conf.loop, got, d->conf.ctx, clock_deadline(HANDSHAKE_MS), &ops, c);
	if (!c->chan) {
		door_client_free(c);
		return;
	}
	stream_later(chan_stream(c->chan), shake_wait(&d->shakes, c->source));
	stream_limits(chan_stream(c->chan), UNREAD_MAX, UNREAD_MAX);
	loop_at(d->conf.loop, &c->late, clock_deadline(DOOR_FIRST_MS), door_late, c);
}

const char *door_client_still(const struct door_client *c)
{
	return c->known ? stream_still(c->http ? door_http_stream(c->http) : chan_stream(c->chan)) : NULL;
}

/* Permits end, certificates are revoked. */
static void on_look(void *arg)
{
	struct gate_door *d = arg;
	time_t clock = time(NULL);
	door_end_some(d, is_over, &clock);
	for (struct door_client *c = d->clients; c; c = c->next) {
		const char *why = c->over ? NULL : door_client_still(c);
		if (!why)
			continue;
		door_tell_client(c, "let-go", why);
		door_end_some(d, is_of, c);
		door_client_end(c);
	}
	loop_at(d->conf.loop, &d->look, clock_deadline(LOOK_MS), on_look, d);
}

static void on_tun(void *arg, uint8_t *ip, size_t n)
{
	door_packet(arg, ip, n);
}

static void on_tun_lost(void *arg)
{
	struct gate_door *d = arg;
	door_tell(d, 0, "the device was deleted", NULL, NULL);
	loop_stop(d->conf.loop);
}

struct gate_door *gate_door_new(const struct gate_door_conf *conf, int fd, struct tunend *tun)
{
	struct gate_door *d = calloc(1, sizeof *d);
	if (!d) {
		close(fd);
		return NULL;
	}
	d->conf = *conf;
	d->fd = fd;
	d->tun = tun;
	tun->packet = on_tun;
	tun->lost = on_tun_lost;
	tun->arg = d;
	d->end = guesses_init(&d->shakes) == 0 ? door_end_new(d) : NULL;
	if (d->end && loop_fd(conf->loop, fd, POLLIN, on_accept, d) == 0) {
		on_look(d);
		return d;
	}
	gate_door_free(d);
	errno = ENOMEM;
	return NULL;
}

void gate_door_free(struct gate_door *d)
{
	if (!d)
		return;
	loop_cancel(d->conf.loop, &d->look);
	loop_cancel(d->conf.loop, &d->soon);
	loop_forget(d->conf.loop, d->fd);
	close(d->fd);
	while (d->clients)
		door_client_free(d->clients);
	gate_end_free(d->end);
	door_packets_clear(d);
	free(d);
}
