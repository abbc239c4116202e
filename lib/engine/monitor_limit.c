/* monitor_limit.c - strangers, and answers that are held back. A client is a stranger until a
 * token of his was believed, or his certificate is a manager's: of one address there are
 * only so many, and each has only so long. While a refusal is held back nothing more is read
 * of that client. */
#include "engine/monitor_impl.h"

#include "engine/places.h"
#include "engine/source.h"
#include "sys/sock.h"

#include <stdlib.h>

#define HELD_MAX 64 /* refusals of one client that wait; one more is the end */

struct mon_held {
	struct mon_held *next;
	struct monitor_client *c;
	struct record answer;
	struct loop_timer timer;
};

void mon_not_let_in(struct monitor *m, struct x509_st *shown, const char *event, const char *from, const char *why)
{
	struct record r = { 0 };
	bool many = strcmp(event, "too-many") == 0;
	if (m->conf.log && refusal_told(many ? &m->crowded : &m->refused, &r, shown) && record_set(&r, "from", from) == 0 &&
	    record_set(&r, "error", sp_exit_name(SP_DENIED)) == 0 && record_set(&r, "detail", why) == 0)
		m->conf.log(m->conf.arg, 307, event, &r);
	record_clear(&r);
}

bool mon_too_many_strangers(struct monitor *m, const char *source, const char *from)
{
	uint64_t n = 0;
	for (const struct monitor_client *c = m->clients; c; c = c->next)
		n += !c->known && !c->dead && strcmp(c->source, source) == 0;
	if (!*source || n < m->conf.strangers)
		return false;
	mon_not_let_in(m, NULL, "too-many", from, "too many of that address have not said who they are");
	return true;
}

static bool is_stranger(const struct monitor_client *c)
{
	return !c->known && !c->dead && (c->chan || c->peer) && *c->source;
}

static void host_of(const struct monitor_client *c, char *out, size_t size)
{
	if (c->peer)
		mon_peer_host(c->peer, out, size);
	else
		sock_peer_host(stream_fd(chan_stream(c->chan)), out, size);
}

static const char *next_stranger(const void *server, void **at)
{
	const struct monitor *m = server;
	const struct monitor_client *before = *at;
	struct monitor_client *c = before ? before->next : m->clients;
	while (c && !is_stranger(c))
		c = c->next;
	*at = c;
	return c ? c->source : NULL;
}

bool mon_has_place(const struct monitor *m)
{
	return m->nclients < m->conf.clients_max || places_strangers(next_stranger, m);
}

bool mon_make_place(struct monitor *m, const char *source, const char *from)
{
	if (m->nclients < m->conf.clients_max)
		return true;
	struct monitor_client *old = places_yielder(next_stranger, m, source);
	char gone[64];
	if (old)
		host_of(old, gone, sizeof gone);
	mon_not_let_in(m, NULL, "too-many", old ? gone : from, "all places are taken, most by strangers");
	if (old)
		monitor_client_free(old);
	return old != NULL;
}

bool mon_still(struct monitor_client *c)
{
	struct stream *s = chan_stream(c->chan);
	const char *why = stream_still(s);
	char from[64];
	if (!why)
		return true;
	host_of(c, from, sizeof from);
	mon_not_let_in(c->m, stream_shown(s), "refused", from, why);
	c->dead = true;
	mon_work_soon(c->m);
	return false;
}

static void held_free(struct mon_held *h)
{
	struct mon_held **p = &h->c->held;
	while (*p != h)
		p = &(*p)->next;
	*p = h->next;
	h->c->nheld--;
	loop_cancel(h->c->m->conf.loop, &h->timer);
	record_clear(&h->answer);
	free(h);
}

void mon_limit_free(struct monitor_client *c)
{
	while (c->held)
		held_free(c->held);
}

static void due(void *arg)
{
	struct mon_held *h = arg;
	struct monitor_client *c = h->c;
	mon_send(c, &h->answer);
	held_free(h);
	if (mon_reads(c))
		chan_pause(c->chan, false);
}

void mon_send_later(struct monitor_client *c, struct record *r, int64_t ms)
{
	struct mon_held *h = c->nheld < HELD_MAX ? calloc(1, sizeof *h) : NULL;
	if (!h || record_copy(&h->answer, r) != 0) {
		free(h);
		c->dead = true;
		mon_work_soon(c->m);
		return;
	}
	h->c = c;
	h->next = c->held;
	c->held = h;
	c->nheld++;
	loop_at(c->m->conf.loop, &h->timer, clock_deadline(ms), due, h);
	if (c->chan)
		chan_pause(c->chan, true);
}
