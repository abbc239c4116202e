/* monitor.c - connections, turns and deadlines of the monitor. A client that
 * is silent, reads too slowly or asks too much holds up nobody but itself. */
#include "engine/monitor_impl.h"

#include "engine/calls.h"
#include "engine/party.h"
#include "sys/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void accept_some(void *arg, int fd, short revents);

static void accepting(struct monitor *m, bool on)
{
	if (m->accepting == on)
		return;
	m->accepting = on;
	for (unsigned i = 0; i < m->nlistening; i++) {
		int fd = m->listening[i].fd;
		if (!on)
			loop_forget(m->conf.loop, fd);
		else if (loop_fd(m->conf.loop, fd, POLLIN, accept_some, &m->listening[i]) != 0)
			m->accepting = false;
	}
}

void mon_send(struct monitor_client *c, struct record *r)
{
	if (c->dead)
		return;
	if (!c->chan) {
		c->send(c->arg, r);
		return;
	}
	if (chan_send(c->chan, r) != 0 || chan_queued(c->chan) > OUT_MAX) {
		c->dead = true; /* does not read: what it watched is lost to it anyway */
		mon_work_soon(c->m);
	} else if (chan_queued(c->chan) > OUT_HIGH && !c->full) {
		c->full = true;
		chan_pause(c->chan, true);
	}
}

bool mon_reads(const struct monitor_client *c)
{
	return c->chan && !c->dead && !c->resting && !c->full && !c->held && !c->waits;
}

static void client_drop(struct monitor_client *c)
{
	c->dead = true;
	mon_work_soon(c->m);
}

static void silent(void *arg)
{
	struct monitor_client *c = arg;
	if (c->watches || c->searches || c->tickets)
		loop_at(c->m->conf.loop, &c->silence, clock_ms() + IDLE_MS, silent, c);
	else
		client_drop(c);
}

/* The same fields as a token has. */
int mon_user_of(struct monitor_client *c, struct party *p)
{
	c->until = p->until;
	c->certified = true;
	return record_set(&c->who, "token_id", p->id) == 0 && record_set(&c->who, "user", p->who.user) == 0 &&
	       (!*p->who.domain || record_set(&c->who, "domain", p->who.domain) == 0) &&
	       (!*p->who.groups || record_set(&c->who, "groups", p->who.groups) == 0) ? 0 : -1;
}

static void on_open(void *arg)
{
	struct monitor_client *c = arg;
	struct party p;
	c->open = true;
	shake_over(&c->m->shakes, c->source, true);
	if (!party_of(chan_stream(c->chan), &p))
		return;
	c->manager = p.who.role == ROLE_MANAGER;
	c->gateway = p.who.role == ROLE_GATEWAY;
	if (p.who.role == ROLE_USER && mon_user_of(c, &p) != 0)
		client_drop(c);
	c->known = c->manager || c->gateway || c->certified;
}

static void on_record(void *arg, struct record *q)
{
	struct monitor_client *c = arg;
	if (c->dead || !mon_still(c))
		return;
	monitor_ask(c, q);
	if (c->known) /* a stranger's time goes on running out */
		loop_at(c->m->conf.loop, &c->silence, clock_ms() + IDLE_MS, silent, c);
	if ((++c->questions >= QUESTIONS_A_TURN || c->nsearches >= SEARCHES_HIGH) && !c->resting) {
		c->resting = true;
		chan_pause(c->chan, true);
		mon_work_soon(c->m);
	}
}

static void on_drained(void *arg)
{
	struct monitor_client *c = arg;
	if (!c->full)
		return;
	c->full = false;
	if (mon_reads(c))
		chan_pause(c->chan, false);
	mon_work_soon(c->m);
}

static void on_closed(void *arg, const char *why)
{
	struct monitor_client *c = arg;
	char from[64];
	if (!c->open && why) {
		shake_over(&c->m->shakes, c->source, false);
		sock_peer_host(stream_fd(chan_stream(c->chan)), from, sizeof from);
		mon_not_let_in(c->m, stream_shown(chan_stream(c->chan)), "refused", from, why);
	}
	client_drop(c);
}

static const struct chan_ops ops = { .open = on_open, .record = on_record, .drained = on_drained, .closed = on_closed };

static struct monitor_client *client_add(struct monitor *m)
{
	struct monitor_client *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->m = m;
	buf_init(&c->token, RECORD_LINE_MAX);
	c->next = m->clients;
	m->clients = c;
	m->nclients++;
	return c;
}

struct monitor_client *monitor_client_new(struct monitor *m, bool manager, void (*send)(void *arg, struct record *r),
                                          void *arg)
{
	struct monitor_client *c = client_add(m);
	if (c) {
		c->manager = manager;
		c->send = send;
		c->arg = arg;
	}
	return c;
}

void monitor_client_free(struct monitor_client *c)
{
	struct monitor *m = c->m;
	struct monitor_client **p = &m->clients;
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	m->nclients--;
	if (m->turn == c)
		m->turn = c->next;
	loop_cancel(m->conf.loop, &c->silence);
	chan_free(c->chan);
	mon_peer_free(c->peer);
	mon_search_free(c);
	mon_watch_free(c);
	mon_ticket_free(c);
	mon_limit_free(c);
	mon_wait_free(c);
	buf_clear(&c->token);
	record_clear(&c->who);
	free(c);
}

void mon_bury(struct monitor *m)
{
	for (struct monitor_client *c = m->clients, *next; c; c = next) {
		next = c->next;
		if (c->dead)
			monitor_client_free(c);
	}
	if (mon_has_place(m))
		accepting(m, true);
}

static bool own_peer(int fd)
{
	struct ucred who;
	socklen_t n = sizeof who;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && (who.uid == geteuid() || who.uid == 0);
}

static struct monitor_client *client_of(struct monitor *m, int s)
{
	char source[SOURCE_TEXT], from[64];
	sock_peer_host(s, from, sizeof from);
	source_of_host(from, source);
	if (mon_too_many_strangers(m, source, from) || !mon_make_place(m, source, from))
		return NULL;
	struct monitor_client *c = client_add(m);
	if (c)
		memcpy(c->source, source, sizeof source);
	return c;
}

static void accept_some(void *arg, int fd, short revents)
{
	const __typeof__(((struct monitor *)0)->listening[0]) *at = arg;
	struct monitor *m = at->m;
	int s, yes = 1;
	(void)revents;
	for (unsigned n = 0; n < 16 && mon_has_place(m) && (s = sock_accept(fd)) >= 0; n++) {
		struct monitor_client *c = client_of(m, s);
		if (!c) {
			close(s);
			continue;
		}
		if (!at->ctx)
			c->known = c->manager = own_peer(s);
		else
			setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
		c->chan = chan_accept(m->conf.loop, s, at->ctx, clock_ms() + FIRST_MS, &ops, c);
		if (c->chan) {
			stream_later(chan_stream(c->chan), shake_wait(&m->shakes, c->source));
			chan_serve(c->chan, FIRST_MS);
		} else {
			client_drop(c);
		}
		loop_at(m->conf.loop, &c->silence, clock_ms() + FIRST_MS, silent, c);
	}
	if (!mon_has_place(m))
		accepting(m, false);
}

int monitor_listen(struct monitor *m, int fd, struct ssl_ctx_st *ctx)
{
	if (m->nlistening == MONITOR_LISTEN_MAX) {
		errno = E2BIG;
		return -1;
	}
	m->listening[m->nlistening].fd = fd;
	m->listening[m->nlistening].ctx = ctx;
	m->listening[m->nlistening++].m = m;
	m->accepting = false;
	accepting(m, true);
	return m->accepting ? 0 : -1;
}

/* Each client's searches have their turn, one step at a time. */
bool monitor_work(struct monitor *m)
{
	bool more = false;
	if (!m->turn)
		m->turn = m->clients;
	for (uint64_t n = 0; m->turn && n < m->nclients && !more; n++) {
		struct monitor_client *c = m->turn;
		m->turn = c->next ? c->next : m->clients;
		more = !c->dead && !c->full && mon_search_step(c);
	}
	return more;
}

static void work(void *arg)
{
	struct monitor *m = arg;
	mon_bury(m);
	for (struct monitor_client *c = m->clients; c; c = c->next) {
		c->questions = 0;
		if (!c->resting || c->nsearches >= SEARCHES_HIGH)
			continue;
		c->resting = false;
		if (mon_reads(c))
			chan_pause(c->chan, false);
	}
	if (monitor_work(m))
		mon_work_soon(m);
}

void mon_work_soon(struct monitor *m)
{
	if (!m->work.armed)
		loop_at(m->conf.loop, &m->work, clock_ms(), work, m);
}

struct monitor *monitor_new(const struct monitor_conf *conf, char *why, size_t size)
{
	struct monitor *m = calloc(1, sizeof *m);
	bool ready = m && guesses_init(&m->guesses) == 0 && guesses_init(&m->shakes) == 0;
	if (!ready || calls_grace(conf->store, time(NULL) + (time_t)conf->lease_seconds + 1) != 0) {
		snprintf(why, size, "%s", ready ? store_why(conf->store) : "out of memory, or no random numbers");
		free(m);
		return NULL;
	}
	store_wait_no_more(conf->store);
	m->conf = *conf;
	m->accepting = true;
	if (mon_ticket_open(m) != 0) {
		snprintf(why, size, "unable to run %s: %s", conf->verify_ticket, strerror(errno));
		monitor_free(m);
		return NULL;
	}
	mon_expiry_arm(m);
	return m;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	accepting(m, false);
	while (m->clients)
		monitor_client_free(m->clients);
	mon_ticket_close(m);
	mon_dgrams_free(m);
	for (unsigned i = 0; i < m->nlistening; i++)
		close(m->listening[i].fd);
	loop_cancel(m->conf.loop, &m->work);
	loop_cancel(m->conf.loop, &m->expiry);
	free(m);
}
