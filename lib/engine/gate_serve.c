/* gate_serve.c - ends of tunnels over DTLS, their comings and goings. A stranger costs a
 * place until its handshake is done, and who has most of these gives way (engine/places.h). */
#include "engine/gate_serve.h"

#include "base/num.h"
#include "engine/paced.h"
#include "engine/party.h"
#include "engine/places.h"
#include "engine/refusal.h"
#include "engine/shake.h"
#include "engine/source.h"
#include "sys/dtls.h"
#include "wire/squeeze.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HANDSHAKE_MS 20000 /* a slow line, and what is lost on it */
#define LOOK_MS 1000
#define OUTER 28           /* bytes of IPv4 and UDP headers */

struct peer {
	struct peer *next;
	struct gate_serve *s;
	struct dtls *d;
	struct gate_peer *gate; /* NULL: a stranger */
	char source[SOURCE_TEXT];
	int64_t heard;
	struct paced *paced; /* NULL: its way is fast */
	uint64_t speed;
	struct squeeze squeeze;
	bool over;
};

struct gate_serve {
	struct gate_serve_conf conf;
	struct gate *gate;
	struct dtls_listener *l;
	struct peer *peers;
	unsigned npeers;
	struct loop_timer timer, soon;
	struct guesses shakes;            /* handshakes */
	struct refusals refused, crowded; /* that are told */
	bool closing; /* sessions are not over: another gateway may take them over */
};

/* Told, unless too many are. */
static void tell(struct gate_serve *s, struct dtls *d, const char *event, const char *why)
{
	struct record r = { 0 };
	char host[64];
	bool many = strcmp(event, "too-many") == 0;
	dtls_peer_host(d, host, sizeof host);
	if (refusal_told(many ? &s->crowded : &s->refused, &r, many ? NULL : dtls_shown(d)) && record_set(&r, "step", "336") == 0 &&
	    record_set(&r, "event", event) == 0 && record_set(&r, "from", host) == 0 && record_set(&r, "detail", why) == 0)
		s->conf.refused(s->conf.gate.arg, &r);
	record_clear(&r);
}

static void peer_free(struct peer *p)
{
	struct peer **at = &p->s->peers;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->s->npeers--;
	gate_peer_free(p->gate);
	paced_free(p->paced);
	dtls_free(p->d);
	free(p);
}

static void sweep(void *arg)
{
	struct gate_serve *s = arg;
	for (struct peer *p = s->peers, *after; p; p = after) {
		after = p->next;
		if (p->over)
			peer_free(p);
	}
}

/* From within callbacks of its own. */
static void end(struct peer *p, const char *why)
{
	if (why && !p->over)
		tell(p->s, p->d, "refused", why);
	p->over = true;
	loop_at(p->s->conf.loop, &p->s->soon, clock_ms(), sweep, p->s);
}

static void on_open(void *arg)
{
	struct peer *p = arg;
	struct party who;
	shake_over(&p->s->shakes, p->source, true);
	if (!party_of_cert(dtls_peer(p->d), &who)) {
		end(p, "no certificate");
		return;
	}
	p->gate = gate_peer_new(p->s->gate, &who.who, p);
	if (!p->gate)
		end(p, errno == EPERM ? "its role has no tunnel here" : "out of memory");
	p->heard = clock_ms();
	squeeze_init(&p->squeeze);
	dtls_gather(p->d);
}

static void on_datagram(void *arg, struct view v)
{
	struct peer *p = arg;
	uint8_t room[SQUEEZE_ROOM];
	p->heard = clock_ms();
	if (p->over || !p->gate)
		return;
	v = squeeze_unpack(&p->squeeze, v, room);
	if (v.n)
		gate_datagram(p->gate, v, p->heard, time(NULL));
}

static void on_closed(void *arg, const char *why)
{
	struct peer *p = arg;
	if (!p->gate && !p->over && why)
		shake_over(&p->s->shakes, p->source, false);
	end(p, p->gate ? NULL : why);
}

static void send_now(struct peer *p, struct view v)
{
	if (!p->over && !p->s->closing)
		dtls_send(p->d, v);
}

static size_t send_paced(void *peer, struct view ip)
{
	struct peer *p = peer;
	uint8_t room[SQUEEZE_ROOM + SQUEEZE_MORE];
	struct view v = squeeze_pack(&p->squeeze, ip, room);
	send_now(p, v);
	return v.n;
}

/* Packets of a slow way wait before they are encrypted; what is said does not. */
static void on_send(void *peer, struct view v)
{
	struct peer *p = peer;
	if (p->paced && v.n && (uint8_t)v.p[0] >> 4 == 4)
		paced_add(p->paced, v);
	else
		send_now(p, v);
}

static void on_speed(void *peer, uint64_t speed)
{
	struct peer *p = peer;
	if (p->speed == speed)
		return;
	paced_free(p->paced);
	p->paced = paced_new(p->s->conf.loop, speed, send_paced, p);
	p->speed = speed;
}

static void on_plain(void *arg, struct view v)
{
	struct gate_serve *s = arg;
	tunend_write(s->conf.plain, v);
}

static void on_tell(void *arg, struct record *r)
{
	struct gate_serve *s = arg;
	if (!s->closing)
		s->conf.gate.tell(s->conf.gate.arg, r);
}

static const char *next_stranger(const void *server, void **at)
{
	const struct gate_serve *s = server;
	const struct peer *before = *at;
	struct peer *p = before ? before->next : s->peers;
	while (p && (p->gate || p->over))
		p = p->next;
	*at = p;
	return p ? p->source : NULL;
}

static bool too_many(const struct gate_serve *s, const char *source)
{
	unsigned n = 0;
	for (const struct peer *p = s->peers; p; p = p->next)
		n += !p->gate && !p->over && strcmp(p->source, source) == 0;
	return n >= s->conf.strangers;
}

static bool make_place(struct gate_serve *s, const char *source)
{
	struct peer *old = s->npeers < s->conf.peers ? NULL : places_yielder(next_stranger, s, source);
	if (old) {
		tell(s, old->d, "too-many", "all places are taken, most by strangers");
		peer_free(old);
	}
	return s->npeers < s->conf.peers;
}

static void *on_accept(void *arg, struct dtls *d)
{
	struct gate_serve *s = arg;
	char host[64], source[SOURCE_TEXT];
	dtls_peer_host(d, host, sizeof host);
	source_of_host(host, source);
	if (too_many(s, source) || !make_place(s, source)) {
		tell(s, d, "too-many", "all places are taken");
		return NULL;
	}
	struct peer *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	*p = (struct peer){ .next = s->peers, .s = s, .d = d, .heard = clock_ms() };
	memcpy(p->source, source, sizeof p->source);
	s->peers = p;
	s->npeers++;
	dtls_later(d, shake_wait(&s->shakes, source));
	return p;
}

static void on_look(void *arg)
{
	struct gate_serve *s = arg;
	int64_t now = clock_ms();
	gate_expire(s->gate, time(NULL));
	for (struct peer *p = s->peers; p; p = p->next) {
		const char *why = p->over || !p->gate ? NULL : dtls_still(p->d);
		if (!why && !p->over && p->gate && now - p->heard > GATE_QUIET_MS)
			why = "it says nothing any more";
		if (why)
			end(p, why);
	}
	loop_at(s->conf.loop, &s->timer, now + LOOK_MS, on_look, s);
}

void gate_serve_plain(struct gate_serve *s, uint8_t *ip, size_t n)
{
	gate_plain(s->gate, (struct view){ (const char *)ip, n }, time(NULL));
}

struct gate_serve *gate_serve_new(const struct gate_serve_conf *conf, int fd)
{
	static const struct dtls_ops ops = { on_open, on_datagram, on_closed };
	struct gate_serve *s = calloc(1, sizeof *s);
	if (!s) {
		close(fd);
		return NULL;
	}
	s->conf = *conf;
	bool ready = guesses_init(&s->shakes) == 0;
	struct gate_conf g = conf->gate;
	g.send = on_send;
	g.speed = on_speed;
	g.plain = conf->plain ? on_plain : NULL;
	g.tell = on_tell;
	g.arg = s;
	s->gate = gate_new(&g);
	s->l = dtls_listen(&(struct dtls_conf){ .loop = conf->loop, .ctx = conf->ctx, .mtu = conf->mtu - OUTER,
	                                        .handshake_ms = HANDSHAKE_MS, .accept = on_accept, .ops = &ops, .arg = s }, fd);
	if (ready && s->gate && s->l) {
		on_look(s);
		return s;
	}
	gate_serve_free(s);
	errno = ENOMEM;
	return NULL;
}

struct gate *gate_serve_gate(const struct gate_serve *s)
{
	return s->gate;
}

void gate_serve_leave(struct gate_serve *s)
{
	s->closing = true;
}

void gate_serve_free(struct gate_serve *s)
{
	if (!s)
		return;
	gate_serve_leave(s);
	loop_cancel(s->conf.loop, &s->timer);
	loop_cancel(s->conf.loop, &s->soon);
	while (s->peers)
		peer_free(s->peers);
	dtls_listener_free(s->l);
	gate_free(s->gate);
	free(s);
}
