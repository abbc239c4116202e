/* link.h - two PPP engines, a line between them, and a clock of our own: what
 * unit tests of the link share. A side's events are words in one string. */
#ifndef SP_TESTS_LINK_H
#define SP_TESTS_LINK_H

#include "base/num.h"
#include "engine/ppp.h"
#include "wire/chap.h"
#include "wire/mschap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

struct side {
	struct ppp *ppp;
	struct ppp_conf conf;
	struct secret secret; /* caller: gives it; answerer: expects it */
	char events[512];
	struct in_addr local, peer;
	unsigned mtu, packets, checks, agains;
	bool hold_verdict; /* the test answers the check by itself */
	uint32_t seed;
};

struct link {
	struct side a, c; /* answerer, caller */
	int64_t now;
	unsigned loss; /* of 1000 bytes so many are damaged */
	uint32_t seed;
};

static inline uint32_t link_draw(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static inline void side_add(struct side *s, const char *word, struct view text)
{
	size_t n = strlen(s->events);
	snprintf(s->events + n, sizeof s->events - n, "%s%s%s%.*s", n ? " " : "", word,
	         text.n ? "=" : "", (int)text.n, text.n ? text.p : "");
}

static inline void side_event(void *arg, const struct ppp_event *ev)
{
	static const char *const word[] = { "lcp", "authenticating", "name", "ok", "failed", "up", "anew", "resumed", "renewed", "down" };
	struct side *s = arg;
	struct view text = ev->kind == PPP_EV_DOWN ? view_of(ppp_reason_name(ev->reason)) : ev->text;
	side_add(s, word[ev->kind], text);
	if (ev->kind == PPP_EV_IP_UP) {
		s->local = ev->local;
		s->peer = ev->peer;
		s->mtu = ev->mtu;
	}
}

static inline void side_packet(void *arg, const uint8_t *ip, size_t n)
{
	struct side *s = arg;
	(void)ip;
	s->packets += n > 0;
}

static inline bool side_right(struct side *s, const struct ppp_check *c, char proof[MSCHAP_PROOF + 1])
{
	struct secret given;
	proof[0] = '\0';
	if (c->method == PPP_MSCHAP)
		return mschap_check(&s->secret, c->name, c->challenge, c->response, proof);
	if (c->method == PPP_CHAP)
		return chap_check(c->chap_id, &s->secret, c->challenge, c->response);
	return secret_set(&given, c->password) && secret_equal(&given, &s->secret);
}

static inline bool side_again(void *arg, const struct ppp_check *c)
{
	char proof[MSCHAP_PROOF + 1];
	struct side *s = arg;
	s->agains++;
	return side_right(s, c, proof);
}

static inline void side_check(void *arg, const struct ppp_check *c)
{
	struct side *s = arg;
	s->checks++;
	char proof[MSCHAP_PROOF + 1];
	if (s->hold_verdict)
		return;
	bool ok = side_right(s, c, proof);
	ppp_verdict(s->ppp, 0, ok, proof);
}

static inline void side_random(void *arg, void *to, size_t n)
{
	struct side *s = arg;
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = (uint8_t)link_draw(&s->seed);
}

static const struct ppp_ops side_ops = { side_event, side_packet, side_check, side_again, side_random };

static inline void side_init(struct side *s, enum ppp_role role, const char *secret, uint32_t seed)
{
	memset(s, 0, sizeof *s);
	s->seed = seed;
	s->conf.role = role;
	secret_set(&s->secret, view_of(secret));
	s->conf.name = role == PPP_CALLER ? "alice%router1" : "sp";
	if (role == PPP_CALLER)
		s->conf.secret = &s->secret;
	else {
		inet_pton(AF_INET, "192.0.2.1", &s->conf.local);
		inet_pton(AF_INET, "192.0.2.2", &s->conf.peer);
	}
}

/* Change l->a.conf, l->c.conf after this, then link_open. */
static inline void link_init(struct link *l, const char *a_secret, const char *c_secret, uint32_t seed)
{
	memset(l, 0, sizeof *l);
	l->now = 1000;
	l->seed = seed;
	side_init(&l->a, PPP_ANSWERER, a_secret, seed * 2 + 1);
	side_init(&l->c, PPP_CALLER, c_secret, seed * 2 + 2);
}

static inline void link_open(struct link *l)
{
	l->a.ppp = ppp_new(&l->a.conf, &side_ops, &l->a);
	l->c.ppp = ppp_new(&l->c.conf, &side_ops, &l->c);
	ppp_open(l->a.ppp, l->now);
	ppp_open(l->c.ppp, l->now);
}

/* What `from` has to send goes to `to`, damaged as the line is. */
static inline bool link_carry(struct link *l, struct side *from, struct side *to)
{
	struct buf *b = ppp_output(from->ppp);
	char line[4096];
	size_t n = b->len < sizeof line ? b->len : sizeof line;
	if (n == 0)
		return false;
	memcpy(line, b->data, n);
	buf_consume(b, n);
	for (size_t i = 0; i < n && l->loss; i++)
		if (link_draw(&l->seed) % 1000 < l->loss)
			line[i] = (char)(line[i] ^ 1 << link_draw(&l->seed) % 8);
	ppp_input(to->ppp, l->now, line, n);
	return true;
}

/* Until `until` (by our clock), or until nothing more can happen. */
static inline void link_run(struct link *l, int64_t until)
{
	for (;;) {
		while (link_carry(l, &l->a, &l->c) | link_carry(l, &l->c, &l->a))
			;
		int64_t a = ppp_deadline(l->a.ppp), c = ppp_deadline(l->c.ppp), at = a < c ? a : c;
		if (at > until)
			break;
		l->now = at > l->now ? at : l->now;
		ppp_tick(l->a.ppp, l->now);
		ppp_tick(l->c.ppp, l->now);
	}
	l->now = until;
}

static inline void link_end(struct link *l)
{
	ppp_free(l->a.ppp);
	ppp_free(l->c.ppp);
}

#endif
