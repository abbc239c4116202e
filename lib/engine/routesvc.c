/* routesvc.c - links, their connections, and one question each.
 * A connection is ASKING until its question is there, HOLDING while its route
 * is, LEAVING while a refusal drains. What it sends besides its one question
 * ends it. */
#include "engine/routesvc.h"

#include "engine/chan.h"
#include "engine/linkroute.h"
#include "engine/places.h"
#include "sys/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum phase { ASKING, HOLDING, LEAVING };

struct conn {
	struct conn *next;
	struct link *link;
	struct chan *chan;
	struct loop_timer deadline, dying;
	enum phase phase;
	struct in_addr source, host;
	char peer[64], from[64]; /* with its port; the address alone */
	struct record question;
	bool asked, dead;
	const char *why; /* of its end */
};

struct link {
	struct link *next;
	struct routesvc *s;
	struct linkroute route;
	struct in_addr only;
	int fd;
	struct conn *conns;
	unsigned n;
};

struct routesvc {
	struct routesvc_conf conf;
	int nl;
	struct guard *guard;
	struct link *links;
	int64_t crowded_at; /* when one was last told that there is no place */
};

static void tell(struct conn *c, enum routesvc_kind kind, enum sp_exit status, const char *why)
{
	struct routesvc *s = c->link->s;
	struct routesvc_event ev = { kind, c->link->route.interface, c->link->route.own, c->peer,
		                     c->asked ? &c->question : NULL, c->host, status, why };
	s->conf.event(s->conf.arg, &ev);
}

/* Somebody else on this link holds a route to the same host? */
static bool shared(const struct conn *c)
{
	for (const struct conn *o = c->link->conns; o; o = o->next)
		if (o != c && o->phase == HOLDING && o->host.s_addr == c->host.s_addr)
			return true;
	return false;
}

static void let_go(struct conn *c)
{
	if (c->phase == HOLDING && !shared(c))
		linkroute_del(&c->link->route, c->host);
	c->phase = LEAVING;
}

static void conn_free(struct conn *c)
{
	struct conn **p = &c->link->conns;
	let_go(c);
	loop_cancel(c->link->s->conf.loop, &c->deadline);
	loop_cancel(c->link->s->conf.loop, &c->dying);
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	c->link->n--;
	chan_free(c->chan);
	record_clear(&c->question);
	free(c);
}

static void buried(void *arg)
{
	struct conn *c = arg;
	bool held = c->phase == HOLDING, silent = c->phase == ASKING;
	let_go(c);
	if (held)
		tell(c, ROUTESVC_REMOVED, SP_OK, c->why);
	else if (silent)
		tell(c, ROUTESVC_DROPPED, SP_PEER, c->why ? c->why : "asked nothing");
	conn_free(c);
}

/* The end of a connection comes from the loop: its channel may be in use. */
static void end(struct conn *c, const char *why)
{
	if (c->dead)
		return;
	c->dead = true;
	c->why = why;
	loop_at(c->link->s->conf.loop, &c->dying, clock_ms(), buried, c);
}

static void too_late(void *arg)
{
	end(arg, "asked nothing in time");
}

static void reply(struct conn *c, const char *why, enum sp_exit status)
{
	struct record r;
	const char *session = record_str(&c->question, "session");
	char host[INET_ADDRSTRLEN];
	record_init(&r);
	if (session)
		record_set(&r, "session", session);
	if (why) {
		record_set(&r, "error", sp_exit_name(status));
		record_set(&r, "step", "342");
		record_set(&r, "detail", why);
	} else {
		inet_ntop(AF_INET, &c->host, host, sizeof host);
		record_set(&r, "host", host);
		record_set(&r, "route", "acknowledged");
	}
	if (chan_send(c->chan, &r) != 0)
		end(c, "unable to answer");
	record_clear(&r);
}

static void refuse(struct conn *c, enum sp_exit status, const char *why)
{
	c->phase = LEAVING;
	loop_at(c->link->s->conf.loop, &c->deadline, clock_deadline(ROUTESVC_QUESTION), too_late, c);
	reply(c, why, status);
	tell(c, ROUTESVC_REFUSED, status, why);
}

static const char *judge(struct conn *c, enum sp_exit *status)
{
	const struct routesvc_conf *f = &c->link->s->conf;
	const char *op = record_str(&c->question, "op");
	*status = SP_RECORD;
	if (!op || strcmp(op, "route") != 0)
		return "the only question here is op=route";
	*status = SP_DENIED;
	const char *why = prefix_judge(record_str(&c->question, "host"), c->source, f->prefix, f->nprefix, &c->host);
	if (!why && route_address_own(c->link->s->nl, c->host) != 0)
		why = "host= is an address of this machine";
	if (!why && c->link->only.s_addr && c->link->only.s_addr != c->host.s_addr)
		why = "host= is not the workstation of the permit";
	return why;
}

static void on_record(void *arg, struct record *r)
{
	struct conn *c = arg;
	enum sp_exit status;
	if (c->dead)
		return;
	if (c->asked || record_copy(&c->question, r) != 0) {
		end(c, "more than one question");
		return;
	}
	c->asked = true;
	loop_cancel(c->link->s->conf.loop, &c->deadline);
	const char *why = judge(c, &status);
	if (!why && !shared(c) && linkroute_add(&c->link->route, c->host) < 0) {
		status = errno == EEXIST ? SP_BUSY : SP_SYSTEM;
		why = errno == EEXIST ? "a route to that host leads through another link" : "unable to add the route";
	}
	if (why) {
		refuse(c, status, why);
		return;
	}
	c->phase = HOLDING;
	reply(c, NULL, SP_OK);
	tell(c, ROUTESVC_ADDED, SP_OK, NULL);
}

static void on_drained(void *arg)
{
	struct conn *c = arg;
	if (c->phase == LEAVING)
		end(c, NULL);
}

static void on_closed(void *arg, const char *why)
{
	end(arg, why);
}

/* Who has not asked yet may have to go for one of another address. */
static const char *next_stranger(const void *server, void **at)
{
	const struct link *l = server;
	const struct conn *before = *at;
	struct conn *c = before ? before->next : l->conns;
	while (c && (c->phase != ASKING || c->dead))
		c = c->next;
	*at = c;
	return c ? c->from : NULL;
}

static bool has_place(struct link *l, const struct conn *new)
{
	if (l->n < ROUTESVC_CONNECTIONS)
		return true;
	struct conn *old = places_yielder(next_stranger, l, new->from);
	struct conn told = { .link = l };
	snprintf(told.peer, sizeof told.peer, "%s", old ? old->peer : new->peer);
	if (old)
		conn_free(old);
	if (!l->s->crowded_at || clock_ms() - l->s->crowded_at >= 1000) {
		l->s->crowded_at = clock_ms();
		tell(&told, ROUTESVC_DROPPED, SP_BUSY, "all places are taken");
	}
	return old != NULL;
}

static void conn_new(struct link *l, int fd)
{
	static const struct chan_ops ops = { .record = on_record, .drained = on_drained, .closed = on_closed };
	struct loop *loop = l->s->conf.loop;
	struct conn *c = calloc(1, sizeof *c);
	if (c) {
		c->link = l;
		sock_peer_text(fd, c->peer, sizeof c->peer);
		sock_peer_host(fd, c->from, sizeof c->from);
	}
	if (!c || !has_place(l, c)) {
		free(c);
		close(fd);
		return;
	}
	sock_keepalive(fd);
	c->chan = inet_pton(AF_INET, c->from, &c->source) == 1
	                  ? chan_accept(loop, fd, NULL, CLOCK_NEVER, &ops, c)
	                  : (close(fd), NULL);
	if (!c->chan) {
		free(c);
		return;
	}
	stream_limits(chan_stream(c->chan), RECORD_LINE_MAX + 2, 2 * RECORD_LINE_MAX);
	loop_at(loop, &c->deadline, clock_deadline(ROUTESVC_QUESTION), too_late, c);
	c->next = l->conns;
	l->conns = c;
	l->n++;
}

static void on_accept(void *arg, int fd, short revents)
{
	(void)revents;
	int got = sock_accept(fd);
	if (got >= 0)
		conn_new(arg, got);
}

static void link_free(struct link *l)
{
	struct link **p = &l->s->links;
	while (l->conns)
		conn_free(l->conns);
	linkroute_close(&l->route, l->s->conf.prefix, l->s->conf.nprefix);
	if (l->fd >= 0) {
		loop_forget(l->s->conf.loop, l->fd);
		close(l->fd);
	}
	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	free(l);
}

int routesvc_link(struct routesvc *s, const char *interface, struct in_addr own, struct in_addr only, const char **why)
{
	struct link *l = calloc(1, sizeof *l);
	*why = "out of memory";
	if (!l)
		return -1;
	*l = (struct link){ .next = s->links, .s = s, .only = only, .fd = -1 };
	l->route = (struct linkroute){ .nl = s->nl, .guard = s->guard, .own = own, .table = s->conf.table };
	s->links = l;
	snprintf(l->route.interface, sizeof l->route.interface, "%s", interface);
	l->route.ifindex = (int)if_nametoindex(interface);
	*why = "no such interface";
	if (l->route.ifindex == 0 || linkroute_open(&l->route, s->conf.prefix, s->conf.nprefix, why) < 0)
		goto out;
	*why = "unable to listen on the link";
	l->fd = route_listen(interface, own, s->conf.port);
	if (l->fd >= 0 && loop_fd(s->conf.loop, l->fd, POLLIN, on_accept, l) == 0)
		return 0;
out:;
	int e = errno;
	link_free(l);
	errno = e;
	return -1;
}

void routesvc_unlink(struct routesvc *s, const char *interface)
{
	for (struct link *l = s->links, *next; l; l = next) {
		next = l->next;
		if (!interface || strcmp(interface, l->route.interface) == 0)
			link_free(l);
	}
}

struct routesvc *routesvc_new(const struct routesvc_conf *conf)
{
	struct routesvc *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->conf = *conf;
	s->nl = route_open();
	s->guard = s->nl >= 0 ? linkroute_guard() : NULL;
	if (s->guard)
		return s;
	int e = errno;
	routesvc_free(s);
	errno = e;
	return NULL;
}

void routesvc_free(struct routesvc *s)
{
	if (!s)
		return;
	routesvc_unlink(s, NULL);
	guard_free(s->guard);
	if (s->nl >= 0)
		close(s->nl);
	free(s);
}
