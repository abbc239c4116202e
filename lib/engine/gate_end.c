/* gate_end.c - sessions of one end. Questions are datagrams, which may be lost: they come
 * again until they are answered, each session's by its own id. */
#include "engine/gate_end.h"

#include "wire/permit.h"
#include "wire/squeeze.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 1000

struct shown {
	struct shown *next;
	void *of;
	char session[PERMIT_SESSION + 1], permit[PERMIT_TEXT_MAX + 1];
	bool answered, open;
};

struct gate_end {
	struct gate_end_conf conf;
	struct tunnel *t;
	struct shown *first;
	struct loop_timer again;
};

static struct shown *find(const struct gate_end *e, struct view session)
{
	struct shown *s = e->first;
	while (s && !view_is(session, s->session))
		s = s->next;
	return s;
}

static void forget(struct gate_end *e, struct shown *s)
{
	struct shown **at = &e->first;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	explicit_bzero(s, sizeof *s);
	free(s);
}

static void say(struct gate_end *e, struct record *q)
{
	if (e->conf.way)
		e->conf.way->record(e->conf.way->arg, q);
	else
		tunnel_record(e->t, q);
}

static void ask(struct gate_end *e, const struct shown *s)
{
	struct record q = { 0 };
	unsigned mtu = e->conf.mtu ? e->conf.mtu : gate_end_room(e);
	if (record_set(&q, "op", "permit") == 0 && record_set(&q, "id", s->session) == 0 &&
	    record_set(&q, "permit", s->permit) == 0 && record_setf(&q, "mtu", "%u", mtu) == 0 &&
	    (!e->conf.speed || record_setf(&q, "speed", "%llu", (unsigned long long)e->conf.speed) == 0))
		say(e, &q);
	record_wipe(&q, "permit");
	record_clear(&q);
}

/* All that is not answered; and again, as long as there is any. */
static void ask_all(void *arg)
{
	struct gate_end *e = arg;
	bool any = false;
	for (struct shown *s = e->first; s && gate_end_up(e); s = s->next)
		if (!s->answered) {
			any = true;
			ask(e, s);
		}
	if (any)
		loop_at(e->conf.tunnel.loop, &e->again, clock_deadline(AGAIN_MS), ask_all, e);
}

static void over(struct gate_end *e, struct shown *s, bool denied, const char *why)
{
	void *of = s->of;
	char text[256];
	snprintf(text, sizeof text, "%s", why ? why : "the session has ended");
	forget(e, s);
	e->conf.ops->over(e->conf.arg, of, denied, text);
}

static void on_answer(struct gate_end *e, struct record *r)
{
	struct shown *s = find(e, record_get(r, "id"));
	if (!s || s->answered)
		return;
	s->answered = true;
	if (record_has(r, "error"))
		over(e, s, true, record_str(r, "detail"));
	else
		e->conf.ops->taken(e->conf.arg, s->of, r);
}

static void on_state(struct gate_end *e, struct record *r)
{
	struct shown *s = find(e, record_get(r, "session"));
	if (!s)
		return;
	if (view_is(record_get(r, "state"), "ended")) {
		over(e, s, false, record_str(r, "reason"));
	} else if (view_is(record_get(r, "state"), "open") && !s->open) {
		s->open = true;
		e->conf.ops->open(e->conf.arg, s->of);
	}
}

static void on_record(void *arg, struct record *r)
{
	if (record_has(r, "id"))
		on_answer(arg, r);
	else
		on_state(arg, r);
}

static void on_up(void *arg, const struct gateway *g)
{
	struct gate_end *e = arg;
	for (struct shown *s = e->first; s; s = s->next)
		s->answered = s->open = false;
	ask_all(e); /* before any packet */
	e->conf.ops->up(e->conf.arg, g);
}

void gate_end_heard(struct gate_end *e, struct view datagram)
{
	struct record r = { 0 };
	const char *why;
	if (datagram.n && (uint8_t)datagram.p[0] >> 4 == 4) {
		e->conf.ops->packet(e->conf.arg, datagram);
		return;
	}
	while (datagram.n && datagram.p[datagram.n - 1] == '\n')
		datagram.n--;
	if (record_parse(&r, datagram, &why) == 1)
		on_record(e, &r);
	record_clear(&r);
}

static void on_packet(void *arg, struct view ip)
{
	struct gate_end *e = arg;
	e->conf.ops->packet(e->conf.arg, ip);
}

static void on_down(void *arg, const struct gateway *g, const char *why, bool denied)
{
	struct gate_end *e = arg;
	loop_cancel(e->conf.tunnel.loop, &e->again);
	e->conf.ops->down(e->conf.arg, g, why, denied);
}

void gate_end_raise(struct gate_end *e)
{
	static const struct tunnel_ops ops = { on_up, on_record, on_packet, on_down };
	struct tunnel_conf c = e->conf.tunnel;
	c.ops = &ops;
	c.arg = e;
	if (!e->t && !e->conf.way)
		e->t = tunnel_new(&c);
}

void gate_end_lower(struct gate_end *e)
{
	loop_cancel(e->conf.tunnel.loop, &e->again);
	tunnel_free(e->t);
	e->t = NULL;
}

int gate_end_show(struct gate_end *e, const char *session, struct view permit, bool raise, void *of)
{
	struct shown *s = find(e, view_of(session));
	errno = EMSGSIZE;
	if (strlen(session) > PERMIT_SESSION || permit.n > PERMIT_TEXT_MAX)
		return -1;
	if (!s) {
		s = calloc(1, sizeof *s);
		if (!s)
			return -1;
		s->next = e->first;
		e->first = s;
		view_str(view_of(session), s->session, sizeof s->session);
	}
	s->of = of;
	view_str(permit, s->permit, sizeof s->permit);
	s->answered = false;
	if (raise)
		gate_end_raise(e);
	if (gate_end_up(e))
		ask_all(e);
	return 0;
}

void gate_end_drop(struct gate_end *e, const char *session)
{
	struct shown *s = find(e, view_of(session));
	struct record q = { 0 };
	if (!s)
		return;
	if (gate_end_up(e) && record_set(&q, "op", "end") == 0 && record_set(&q, "id", "end") == 0 &&
	    record_set(&q, "session", session) == 0)
		say(e, &q); /* lost: the permit's end is the session's, too */
	record_clear(&q);
	forget(e, s);
}

bool gate_end_up(const struct gate_end *e)
{
	return e->conf.way || (e->t && tunnel_up(e->t));
}

void gate_end_packet(struct gate_end *e, struct view ip)
{
	if (e->conf.way)
		e->conf.way->packet(e->conf.way->arg, ip);
	else if (e->t)
		tunnel_packet(e->t, ip);
}

unsigned gate_end_room(const struct gate_end *e)
{
	unsigned room = e->t ? tunnel_room(e->t) : 0;
	return e->conf.speed && room ? room - SQUEEZE_MORE : room;
}

struct gate_end *gate_end_new(const struct gate_end_conf *conf)
{
	struct gate_end *e = calloc(1, sizeof *e);
	if (!e)
		return NULL;
	e->conf = *conf;
	if (conf->way)
		conf->way->to(conf->way->arg, e);
	return e;
}

void gate_end_free(struct gate_end *e)
{
	if (!e)
		return;
	gate_end_lower(e);
	if (e->conf.way)
		e->conf.way->to(e->conf.way->arg, NULL);
	while (e->first)
		forget(e, e->first);
	free(e);
}
