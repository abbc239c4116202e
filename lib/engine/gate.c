/* gate.c - sessions by their inside address, and two ends for each. An inside address has one
 * session: the monitor gives each its own, and who comes with another's permit for it is
 * refused while that lives. */
#include "engine/gate.h"

#include "base/num.h"
#include "wire/inner.h"
#include "wire/ip4.h"
#include "wire/permit.h"
#include "wire/sum.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#define ROWS 1024 /* of the table by inside address */

struct session {
	struct session *next; /* of its row */
	struct permit permit;
	struct gate_peer *end[2]; /* by who sends packets that way: INNER_IN the security server, INNER_OUT the service processor */
	struct inner inner;
};

struct gate_peer {
	struct gate_peer *next;
	struct gate *g;
	struct who who;
	enum inner_way way;
	void *arg;
	bool gone; /* it is told nothing any more */
};

struct gate {
	struct gate_conf conf;
	struct gate_peer *peers;
	struct session *row[ROWS];
	unsigned nsessions, nopen;
};

static struct session **row_of(struct gate *g, uint32_t inside)
{
	return &g->row[(inside ^ inside >> 10) % ROWS];
}

static struct session *session_at(struct gate *g, uint32_t inside)
{
	struct session *s = *row_of(g, inside);
	while (s && s->permit.inside != inside)
		s = s->next;
	return s;
}

static bool is_open(const struct session *s)
{
	return s->end[INNER_IN] && s->end[INNER_OUT];
}

/* -- what is said */

static int put_address(struct record *r, const char *key, uint32_t address)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a = { htonl(address) };
	return record_set(r, key, inet_ntop(AF_INET, &a, text, sizeof text));
}

static void send_record(struct gate_peer *p, const struct record *r)
{
	struct buf line;
	buf_init(&line, 2 * RECORD_LINE_MAX);
	if (!p->gone && record_write(r, &line) == 0)
		p->g->conf.send(p->arg, buf_view(&line));
	buf_clear(&line);
}

static void tell(struct gate *g, const char *event, const char *session, const struct who *w, const char *why)
{
	struct record r = { 0 };
	if (record_set(&r, "step", "336") == 0 && record_set(&r, "event", event) == 0 && record_set(&r, "session", session) == 0 &&
	    (!w || record_set(&r, "peer", who_name(w)) == 0) && (!why || record_set(&r, "detail", why) == 0))
		g->conf.tell(g->conf.arg, &r);
	record_clear(&r);
}

/* Both ends hear it. */
static void say_state(const struct session *s, const char *state, const char *reason)
{
	struct record r = { 0 };
	if (record_set(&r, "session", s->permit.session) == 0 && record_set(&r, "state", state) == 0 &&
	    (!reason || record_set(&r, "reason", reason) == 0))
		for (int way = INNER_IN; way <= INNER_OUT; way++)
			if (s->end[way])
				send_record(s->end[way], &r);
	record_clear(&r);
}

static void session_end(struct gate *g, struct session *s, const char *reason)
{
	struct session **p = row_of(g, s->permit.inside);
	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	g->nsessions--;
	g->nopen -= is_open(s);
	say_state(s, "ended", reason);
	tell(g, "ended", s->permit.session, NULL, reason);
	free(s);
}

/* -- permits */

static const char *is_for(const struct gate_peer *p, const struct permit *permit, time_t clock)
{
	if (!permit->inside)
		return "the permit has no inside address";
	if (permit->issued > clock + 60)
		return "the permit is from the future";
	if (permit->until <= clock)
		return "the permit has ended";
	if (p->way == INNER_OUT && !permit_is(&permit->serial, view_of(p->who.serial)))
		return "the permit is for another system";
	return NULL;
}

static const char *begin(struct gate *g, const struct permit *permit, struct session **out)
{
	struct session **row = row_of(g, permit->inside), *s;
	if (g->nsessions >= g->conf.max)
		return "there are too many sessions";
	s = calloc(1, sizeof *s);
	if (!s)
		return "out of memory";
	s->permit = *permit;
	inner_init(&s->inner, permit->workstation, permit->inside, &permit->ports);
	s->next = *row;
	*row = s;
	g->nsessions++;
	*out = s;
	return NULL;
}

/* The permit's session, for this end of it. The later of two permits is what holds. */
static const char *join(struct gate_peer *p, const struct permit *permit, struct session **out)
{
	struct session *s = *out = session_at(p->g, permit->inside);
	const char *why = NULL;
	if (!s)
		why = begin(p->g, permit, out);
	else if (strcmp(s->permit.session, permit->session) != 0 || s->permit.workstation != permit->workstation)
		why = "the inside address is another session's";
	else if (s->end[p->way] && strcmp(who_name(&s->end[p->way]->who), who_name(&p->who)) != 0)
		why = "the session has another end there";
	if (why)
		return why;
	s = *out;
	if (permit->sequence > s->permit.sequence) {
		s->permit = *permit;
		inner_permit(&s->inner, &permit->ports);
	}
	return NULL;
}

static void opened(struct gate_peer *p, struct session *s)
{
	bool was = is_open(s), again = s->end[p->way] == p;
	s->end[p->way] = p;
	if (again)
		tell(p->g, "renewed", s->permit.session, &p->who, NULL);
	if (was || !is_open(s))
		return;
	p->g->nopen++;
	say_state(s, "open", NULL);
	tell(p->g, "open", s->permit.session, &p->who, NULL);
}

static int answer(struct record *r, const struct session *s)
{
	char ports[PORTS_TEXT], until[TIME_TEXT];
	ports_write(&s->permit.ports, ports);
	time_text(s->permit.until, until);
	return record_set(r, "done", "1") != 0 || record_set(r, "session", s->permit.session) != 0 ||
	       put_address(r, "workstation", s->permit.workstation) != 0 || put_address(r, "inside", s->permit.inside) != 0 ||
	       record_set(r, "ports", ports) != 0 || record_set(r, "until", until) != 0 ? -1 : 0;
}

static void on_permit(struct gate_peer *p, struct record *q, struct record *r, time_t clock)
{
	struct gate *g = p->g;
	struct permit permit;
	struct session *s = NULL;
	const char *why = NULL;
	if (permit_read(record_get(q, "permit"), g->conf.key, g->conf.nkeys, &permit, &why) == 1)
		why = is_for(p, &permit, clock);
	if (!why)
		why = join(p, &permit, &s);
	if (why) {
		tell(g, "refused", permit.session, &p->who, why);
		if (record_set(r, "error", "denied") == 0 && record_set(r, "detail", why) == 0)
			send_record(p, r);
		return;
	}
	if (answer(r, s) == 0)
		send_record(p, r);
	opened(p, s);
}

static void on_record(struct gate_peer *p, struct view line, time_t clock)
{
	struct record q = { 0 }, r = { 0 };
	const char *why;
	while (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (record_parse(&q, line, &why) == 1 && record_get(&q, "id").n &&
	    record_setv(&r, view_of("id"), record_get(&q, "id")) == 0 && view_is(record_get(&q, "op"), "permit"))
		on_permit(p, &q, &r, clock);
	record_clear(&q);
	record_clear(&r);
}

/* -- packets */

static void on_packet(struct gate_peer *p, struct view v, int64_t now, time_t clock)
{
	const uint8_t *b = (const uint8_t *)v.p;
	if (v.n < IP4_HEADER)
		return;
	struct session *s = session_at(p->g, get32(b, p->way == INNER_IN ? IP4_DESTINATION : IP4_SOURCE));
	if (!s || s->end[p->way] != p || !is_open(s) || s->permit.until <= clock)
		return;
	if (inner_judge(&s->inner, p->way, b, v.n, now) == INNER_PASS)
		p->g->conf.send(s->end[p->way == INNER_IN ? INNER_OUT : INNER_IN]->arg, v);
}

void gate_datagram(struct gate_peer *p, struct view datagram, int64_t now, time_t clock)
{
	if (datagram.n && (uint8_t)datagram.p[0] >> 4 == 4)
		on_packet(p, datagram, now, clock);
	else
		on_record(p, datagram, clock);
}

/* -- beginning and end */

/* fn says why a session ends, or NULL. The earliest end of those that stay. */
static time_t each(struct gate *g, const char *(*fn)(const struct session *s, const void *arg), const void *arg)
{
	time_t next = 0;
	for (unsigned i = 0; i < ROWS; i++)
		for (struct session *s = g->row[i], *after; s; s = after) {
			const char *why = fn(s, arg);
			after = s->next;
			if (!why && (!next || s->permit.until < next))
				next = s->permit.until;
			if (why)
				session_end(g, s, why);
		}
	return next;
}

static const char *is_over(const struct session *s, const void *arg)
{
	const time_t *clock = arg;
	return s->permit.until <= *clock ? "permit-ended" : NULL;
}

time_t gate_expire(struct gate *g, time_t clock)
{
	return each(g, is_over, &clock);
}

struct gate_peer *gate_peer_new(struct gate *g, const struct who *who, void *arg)
{
	if (who->role != ROLE_PROCESSOR && who->role != ROLE_LOGIN) {
		errno = EPERM;
		return NULL;
	}
	struct gate_peer *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	*p = (struct gate_peer){ .next = g->peers, .g = g, .who = *who, .arg = arg,
	                         .way = who->role == ROLE_LOGIN ? INNER_IN : INNER_OUT };
	g->peers = p;
	return p;
}

static const char *has_end(const struct session *s, const void *arg)
{
	return s->end[INNER_IN] == arg || s->end[INNER_OUT] == arg ? "tunnel-down" : NULL;
}

void gate_peer_free(struct gate_peer *p)
{
	if (!p)
		return;
	struct gate_peer **at = &p->g->peers;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->gone = true;
	each(p->g, has_end, p);
	free(p);
}

struct gate *gate_new(const struct gate_conf *conf)
{
	struct gate *g = calloc(1, sizeof *g);
	if (g)
		g->conf = *conf;
	return g;
}

void gate_free(struct gate *g)
{
	free(g);
}

unsigned gate_sessions(const struct gate *g)
{
	return g->nopen;
}

const struct inner *gate_counts(const struct gate *g, struct view session)
{
	for (unsigned i = 0; i < ROWS; i++)
		for (const struct session *s = g->row[i]; s; s = s->next)
			if (view_is(session, s->permit.session))
				return &s->inner;
	return NULL;
}
