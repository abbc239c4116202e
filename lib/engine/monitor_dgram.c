/* monitor_dgram.c - questions by datagram (dtls:): one is one datagram, and so is its answer,
 * of a user who is known by his certificate. What is asked again, because the answer or the
 * question was lost, is answered again and not done again, also when it comes in another
 * association. An answer that does not fit is more=tls. Refuses what has no id=, and what is
 * no short question: that goes over tls:. */
#include "engine/monitor_impl.h"

#include "engine/party.h"
#include "engine/reply.h"
#include "sys/dtls.h"
#include "sys/sock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define QUIET_MS 120000 /* silence of a peer: he begins anew, which costs him little */

struct mon_dgram {
	struct mon_dgram *next;
	struct monitor *m;
	struct dtls_listener *l;
};

struct mon_peer {
	struct monitor *m;
	struct dtls *d;
	struct monitor_client *c;
	char party[CERT_ID];
	bool gone;               /* took his leave; what he asked is still answered, to his next self */
	struct loop_timer quiet;
};

static const struct { const char *name; int step; } ops_short[] = {
	{ "search", 307 }, { "alloc", 312 }, { "renew", 313 }, { "release", 313 },
};

static void drop(struct mon_peer *p)
{
	p->c->dead = true;
	mon_work_soon(p->m);
}

static void on_quiet(void *arg)
{
	drop(arg);
}

static void stay(struct mon_peer *p)
{
	loop_at(p->m->conf.loop, &p->quiet, clock_deadline(QUIET_MS), on_quiet, p);
}

/* Where the same monitor is asked over TLS; 0: nowhere. */
static unsigned tls_port(const struct monitor *m)
{
	char text[128];
	uint64_t port;
	for (unsigned i = 0; i < m->nlistening; i++)
		if (m->listening[i].ctx) {
			sock_own_text(m->listening[i].fd, text, sizeof text);
			const char *colon = strrchr(text, ':');
			if (colon && num_u64(view_of(colon + 1), 1, 65535, &port))
				return (unsigned)port;
		}
	return 0;
}

/* What is said in the place of an answer that does not fit. */
static void say_large(struct mon_peer *p, struct reply *r)
{
	struct record with = { 0 };
	struct mon_ask a = { .c = p->c, .q = &with, .who = &p->c->who };
	unsigned port = tls_port(p->m);
	int rc = record_set(&with, "id", r->id);
	if (rc == 0 && port)
		rc = record_set(&with, "done", "0") | record_set(&with, "more", "tls") | record_setf(&with, "more_port", "%u", port);
	else if (rc == 0)
		rc = record_set(&with, "error", sp_exit_name(SP_PEER)) | record_set(&with, "step", "309") |
		     record_set(&with, "detail", "the answer does not fit a datagram, and this monitor has no tls: address");
	r->large = rc != 0;
	if (rc == 0)
		reply_add(r, &with);
	record_clear(&with);
	mon_log(&a, 309, "more-tls", NULL);
}

/* A record of an answer of ours. */
static void on_answer(void *arg, struct record *row)
{
	struct mon_peer *p = arg;
	struct reply *r = reply_under_way(&p->m->replies, p, record_get(row, "id"));
	if (!r)
		return;
	reply_add(r, row);
	if (!record_has(row, "done") && !record_has(row, "error"))
		return;
	if (r->large)
		say_large(p, r);
	struct mon_peer *to = r->to;
	r->at = r->to = NULL;
	if (to && !to->gone)
		dtls_send(to->d, buf_view(&r->text));
	if (p->gone && !reply_any_under_way(&p->m->replies, p))
		drop(p);
}

static void log_again(struct mon_peer *p, int step)
{
	struct record none = { 0 };
	struct mon_ask a = { .c = p->c, .q = &none, .who = &p->c->who };
	mon_log(&a, step, "again", NULL);
}

/* Nothing is kept of it: it does nothing. */
static void refuse(struct mon_peer *p, struct record *q, enum sp_exit status, const char *detail)
{
	struct record r = { 0 };
	struct buf text;
	struct view id = record_get(q, "id");
	buf_init(&text, REPLY_MAX);
	if ((!id.n || id.n >= REPLY_ID || record_setv(&r, view_of("id"), id) == 0) &&
	    record_set(&r, "error", sp_exit_name(status)) == 0 && record_set(&r, "step", "307") == 0 &&
	    record_set(&r, "detail", detail) == 0 && record_write(&r, &text) == 0)
		dtls_send(p->d, buf_view(&text));
	buf_clear(&text);
	record_clear(&r);
}

/* The step of the operation; 0: it is none for datagrams. */
static int step_of(struct record *q)
{
	for (size_t i = 0; i < sizeof ops_short / sizeof *ops_short; i++)
		if (view_is(record_get(q, "op"), ops_short[i].name))
			return ops_short[i].step;
	return 0;
}

static void answer(struct mon_peer *p, struct record *q, struct view line)
{
	const char *id = record_str(q, "id");
	if (!id || !*id || strlen(id) >= REPLY_ID) {
		refuse(p, q, SP_USAGE, "a question by datagram needs id=, of 64 bytes at most");
		return;
	}
	if (!step_of(q)) {
		refuse(p, q, SP_USAGE, "by datagram op= is search, alloc, renew or release: for others use tls:");
		return;
	}
	if (reply_under_way(&p->m->replies, p, view_of(id)))
		return; /* another one by the same id */
	struct reply *r = reply_new(&p->m->replies, p->party, id, line, clock_ms());
	if (!r)
		return; /* too many at once: it comes again */
	r->at = r->to = p;
	monitor_ask(p->c, q);
}

static void not_let_in(struct mon_peer *p, const char *why)
{
	char host[64];
	dtls_peer_host(p->d, host, sizeof host);
	mon_not_let_in(p->m, dtls_shown(p->d), "refused", host, why);
}

/* His certificate is not revoked. */
static bool still(struct mon_peer *p)
{
	const char *why = dtls_still(p->d);
	if (!why)
		return true;
	not_let_in(p, why);
	drop(p);
	return false;
}

/* In this turn: a datagram may bring many records. */
static bool too_many(struct mon_peer *p)
{
	if (p->c->questions >= QUESTIONS_A_TURN)
		return true;
	if (p->c->questions++ == 0)
		mon_work_soon(p->m); /* where the next turn begins */
	return false;
}

static void on_datagram(void *arg, struct view v)
{
	struct mon_peer *p = arg;
	struct record q = { 0 };
	const char *why;
	if (p->c->dead || p->c->held || p->c->waits || p->c->nsearches >= SEARCHES_HIGH || too_many(p) || !still(p))
		return; /* as if it had been lost */
	stay(p);
	struct reply *r = reply_find(&p->m->replies, p->party, v, clock_ms());
	if (r && !r->at)
		dtls_send(p->d, buf_view(&r->text));
	else if (r)
		r->to = p;
	if (reply_question(&q, v, &why) != 1)
		refuse(p, &q, SP_RECORD, why);
	else if (r)
		log_again(p, step_of(&q));
	else
		answer(p, &q, v);
	record_clear(&q);
}

static void on_open(void *arg)
{
	struct mon_peer *p = arg;
	struct party who;
	p->c->open = true;
	shake_over(&p->m->shakes, p->c->source, true);
	if (!party_of_cert(dtls_peer(p->d), &who) || who.who.role != ROLE_USER || mon_user_of(p->c, &who) != 0) {
		drop(p);
		return;
	}
	memcpy(p->party, who.id, sizeof p->party);
	if (!*p->party) { /* nobody else may have the same name for his answers */
		drop(p);
		return;
	}
	p->c->known = true;
	stay(p);
}

static void on_closed(void *arg, const char *why)
{
	struct mon_peer *p = arg;
	p->gone = true;
	if (!p->c->open && why) {
		shake_over(&p->m->shakes, p->c->source, false);
		not_let_in(p, why);
	}
	if (!reply_any_under_way(&p->m->replies, p))
		drop(p);
}

static const struct dtls_ops ops = { on_open, on_datagram, on_closed };

/* There is nothing of a peer before this. */
static void *on_accept(void *arg, struct dtls *d)
{
	struct mon_dgram *at = arg;
	struct monitor *m = at->m;
	char host[64], source[SOURCE_TEXT];
	dtls_peer_host(d, host, sizeof host);
	source_of_host(host, source);
	if (mon_too_many_strangers(m, source, host) || !mon_make_place(m, source, host))
		return NULL;
	struct mon_peer *p = calloc(1, sizeof *p);
	struct monitor_client *c = p ? monitor_client_new(m, false, on_answer, p) : NULL;
	if (!c) {
		free(p);
		return NULL;
	}
	*p = (struct mon_peer){ .m = m, .d = d, .c = c };
	c->peer = p;
	memcpy(c->source, source, sizeof source);
	dtls_later(d, shake_wait(&m->shakes, source));
	return p;
}

void mon_peer_host(const struct mon_peer *p, char *out, size_t size)
{
	dtls_peer_host(p->d, out, size);
}

void mon_peer_free(struct mon_peer *p)
{
	struct reply *next;
	if (!p)
		return;
	for (struct reply *r = p->m->replies.first; r; r = next) {
		next = r->next;
		if (r->at == p)
			reply_drop(&p->m->replies, r);
		else if (r->to == p)
			r->to = NULL;
	}
	loop_cancel(p->m->conf.loop, &p->quiet);
	dtls_free(p->d);
	free(p);
}

int monitor_listen_datagrams(struct monitor *m, int fd, struct ssl_ctx_st *ctx)
{
	struct mon_dgram *at = calloc(1, sizeof *at);
	if (!at) {
		close(fd);
		return -1;
	}
	at->m = m;
	at->l = dtls_listen(&(struct dtls_conf){ .loop = m->conf.loop, .ctx = ctx, .handshake_ms = FIRST_MS, .accept = on_accept, .ops = &ops, .arg = at }, fd);
	if (!at->l) {
		free(at);
		return -1;
	}
	at->next = m->dgrams;
	m->dgrams = at;
	return 0;
}

void mon_dgrams_free(struct monitor *m)
{
	while (m->dgrams) {
		struct mon_dgram *at = m->dgrams;
		m->dgrams = at->next;
		dtls_listener_free(at->l);
		free(at);
	}
	replies_clear(&m->replies);
}
