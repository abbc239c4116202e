/* gate_door_http.c - one CONNECT: its header, where it may lead, the connection there, and both
 * as one. A refusal is answered and the rest of what comes thrown away, for so long that the
 * answer arrives. What leads to a session ends with it. */
#include "engine/gate_door_impl.h"

#include "engine/join.h"
#include "sys/netns.h"
#include "wire/httpconnect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECT_MS 15000
#define LINGER_MS 2000
#define HALF_MS 300000 /* for who listens and is told nothing */
#define IN_MAX (2 * HTTPCONNECT_MAX)

enum phase { HEADER, CONNECTING, JOINED, REFUSED };

struct door_http {
	struct door_client *c;
	enum phase phase;
	struct stream *near, *far; /* near is there always; both are join's once that is */
	struct join *join;
	const struct door_session *session; /* that it is for; NULL: none is known, or it is over */
	struct httpconnect q;
	struct buf early; /* what came behind the header before there was a way */
	char to[HTTPCONNECT_HOST + 8];
};

/* -- what is said */

static void tell(const struct door_http *h, const char *event, const char *why)
{
	struct record r = { 0 };
	const struct door_client *c = h->c;
	if (record_set(&r, "step", "336") == 0 && record_set(&r, "event", event) == 0 &&
	    (!h->session || record_set(&r, "session", h->session->permit.session) == 0) && record_set(&r, "from", c->host) == 0 &&
	    record_set(&r, "user", who_name(&c->party.who)) == 0 && (!*h->to || record_set(&r, "to", h->to) == 0) &&
	    (!why || record_set(&r, "detail", why) == 0))
		c->d->conf.tell(c->d->conf.arg, &r);
	record_clear(&r);
}

static bool answer(const struct door_http *h, unsigned status, const char *why)
{
	struct buf b;
	buf_init(&b, 1024);
	bool sent = httpconnect_answer(&b, status, why) == 0 && stream_write(h->near, buf_view(&b)) == 0;
	buf_clear(&b);
	return sent;
}

static void refuse(struct door_http *h, unsigned status, const char *why)
{
	struct door_client *c = h->c;
	h->phase = REFUSED;
	tell(h, "refused", why);
	stream_free(h->far);
	h->far = NULL;
	buf_wipe(&h->early);
	if (!answer(h, status, why)) {
		door_client_end(c);
		return;
	}
	stream_pause(h->near, false);
	loop_at(c->d->conf.loop, &c->late, clock_deadline(LINGER_MS), door_late, c);
}

/* -- where it may lead */

/* Its inside address, or its serial number; with .sp behind it, where a number is taken for an address. */
static bool is_at(const struct permit *p, const char *host)
{
	char inside[INET_ADDRSTRLEN];
	struct view serial = view_of(host);
	inet_ntop(AF_INET, &(struct in_addr){ htonl(p->inside) }, inside, sizeof inside);
	if (strcmp(inside, host) == 0 || permit_is(&p->serial, serial))
		return true;
	return serial.n > 3 && strcmp(host + serial.n - 3, ".sp") == 0 && permit_is(&p->serial, (struct view){ host, serial.n - 3 });
}

/* A session of this user's: with that host, or (NULL) any; where one is named, that. */
static const struct door_session *session_of(const struct door_http *h, const char *host)
{
	const struct gate_door *d = h->c->d;
	for (unsigned i = 0; i < DOOR_ROWS; i++)
		for (const struct door_session *s = d->row[i]; s; s = s->next)
			if (door_is_user(h->c, &s->permit) && (!host || is_at(&s->permit, host)) &&
			    (!*h->q.session || strcmp(h->q.session, s->permit.session) == 0))
				return s;
	return NULL;
}

static bool is_router(const struct door_http *h)
{
	const struct gate_door_inside *i = h->c->d->conf.inside;
	struct in_addr a;
	bool found = false;
	for (unsigned n = 0; n < i->nrouters && inet_pton(AF_INET, h->q.host, &a) == 1 && !found; n++)
		found = i->router[n].address == ntohl(a.s_addr) && i->router[n].port == h->q.port;
	return found;
}

static unsigned leading_to(const struct gate_door *d, const struct door_session *s)
{
	unsigned n = 0;
	for (const struct door_client *c = d->clients; c; c = c->next)
		n += c->http && c->http->session == s;
	return n;
}

/* To the system of a session, or to the router that is to call it. NULL and the session, or why not. */
static const char *judge(struct door_http *h, uint32_t *to, unsigned *status)
{
	struct in_addr router = { 0 };
	bool system = !is_router(h);
	const struct door_session *s = session_of(h, system ? h->q.host : NULL);
	*status = 403;
	if (!s)
		return "no permit of yours for that has been shown here";
	if (s->permit.until <= time(NULL))
		return "the permit has ended";
	if (system && h->q.port != GATE_ROUTE_PORT && !ports_has(&s->permit.ports, PORTS_TCP, h->q.port, PORTS_IN))
		return "the permit does not open that port";
	*status = 503;
	if (system && !s->open)
		return "the system is not there yet";
	if (leading_to(h->c->d, s) >= GATE_DOOR_EACH)
		return "too many connections of one session";
	h->session = s;
	inet_pton(AF_INET, h->q.host, &router);
	*to = system ? s->permit.inside : ntohl(router.s_addr);
	return NULL;
}

/* -- the way there */

static void on_over(void *arg, enum join_end first, const char *why)
{
	struct door_http *h = arg;
	(void)first;
	tell(h, "disconnected", why);
	door_client_free(h->c);
}

static void on_far_open(void *arg)
{
	static const struct join_ops ops = { .over = on_over };
	struct door_http *h = arg;
	struct door_client *c = h->c;
	if (!answer(h, 200, "") || stream_write(h->far, buf_view(&h->early)) != 0) {
		door_client_end(c);
		return;
	}
	buf_clear(&h->early);
	h->phase = JOINED;
	tell(h, "connected", NULL);
	h->join = join_new(c->d->conf.loop, h->near, h->far, LINGER_MS, &ops, h);
	h->far = NULL;
	if (h->join) {
		join_half(h->join, HALF_MS);
		stream_pause(h->near, false);
	} else {
		h->near = NULL;
		door_client_end(c);
	}
}

static void on_far_data(void *arg, struct buf *in)
{
	(void)arg, (void)in; /* never: it is open first */
}

static void on_far_closed(void *arg, const char *why)
{
	struct door_http *h = arg;
	bool late = why && strcmp(why, STREAM_TIMED_OUT) == 0;
	refuse(h, late ? 504 : 502, late ? "the system does not answer" : "nothing answers at that port");
}

static void lead(struct door_http *h, uint32_t address)
{
	static const struct stream_ops ops = { .open = on_far_open, .data = on_far_data, .closed = on_far_closed };
	struct gate_door *d = h->c->d;
	struct in_addr from = { htonl(h->session->permit.workstation) }, to = { htonl(address) };
	int fd = netns_connect(d->conf.inside->net, from, to, h->q.port);
	h->phase = CONNECTING;
	loop_cancel(d->conf.loop, &h->c->late);
	if (fd >= 0)
		h->far = stream_new(d->conf.loop, fd, true, NULL, NULL, clock_deadline(CONNECT_MS), &ops, h);
	if (!h->far)
		refuse(h, 502, "no connection can be made now");
}

/* -- its header */

static void on_request(struct door_http *h)
{
	uint32_t to = 0;
	unsigned status = 403;
	const char *why = door_client_still(h->c);
	snprintf(h->to, sizeof h->to, "%s:%u", h->q.host, h->q.port);
	if (!why)
		why = judge(h, &to, &status);
	if (why)
		refuse(h, status, why);
	else
		lead(h, to);
}

static void on_data(void *arg, struct buf *in)
{
	struct door_http *h = arg;
	struct httpconnect_no no;
	int rc = h->phase == HEADER ? httpconnect_read(buf_view(in), &h->q, &no) : 1;
	if (rc == 0)
		return;
	if (h->phase == HEADER && rc == 1) {
		stream_pause(h->near, true);
		rc = buf_add(&h->early, in->data + h->q.n, in->len - h->q.n);
		no = (struct httpconnect_no){ 503, "out of memory" };
	}
	buf_consume(in, in->len);
	if (rc < 0)
		refuse(h, no.status, no.why);
	else if (h->phase == HEADER)
		on_request(h);
}

static void on_drained(void *arg)
{
	struct door_http *h = arg;
	if (h->phase == REFUSED)
		stream_end(h->near);
}

static void on_closed(void *arg, const char *why)
{
	struct door_http *h = arg;
	(void)why;
	door_client_free(h->c);
}

void door_http_begin(struct door_client *c, struct buf *in)
{
	static const struct stream_ops ops = { .data = on_data, .drained = on_drained, .closed = on_closed };
	struct door_http *h = calloc(1, sizeof *h);
	if (!h) {
		door_client_free(c);
		return;
	}
	*h = (struct door_http){ .c = c, .near = chan_release(c->chan) };
	buf_init(&h->early, IN_MAX);
	chan_free(c->chan);
	c->chan = NULL;
	c->http = h;
	stream_own(h->near, &ops, h);
	stream_limits(h->near, IN_MAX, IN_MAX);
	on_data(h, in);
}

void door_http_late(struct door_client *c)
{
	if (c->http->phase == HEADER)
		refuse(c->http, 408, "the header did not come in time");
	else
		door_client_free(c);
}

void door_http_free(struct door_http *h)
{
	if (!h)
		return;
	if (h->join) {
		join_free(h->join);
	} else {
		stream_free(h->near);
		stream_free(h->far);
	}
	buf_clear(&h->early);
	free(h);
}

bool door_http_joined(const struct door_http *h)
{
	return h->phase == JOINED;
}

struct stream *door_http_stream(const struct door_http *h)
{
	return h->near;
}

void door_http_cut(struct gate_door *d, const struct door_session *s)
{
	for (struct door_client *c = d->clients; c; c = c->next) {
		if (!c->http || c->http->session != s)
			continue;
		if (c->http->phase != REFUSED)
			tell(c->http, "disconnected", "the session has ended");
		c->http->session = NULL;
		door_client_end(c);
	}
}
