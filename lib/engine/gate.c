/* gate.c - sessions by their inside address, and what their ends ask. An inside address has one
 * session: the monitor gives each its own, and who comes with another's permit for it is
 * refused while that lives. */
#include "engine/gate_impl.h"

#include "base/num.h"
#include "base/ration.h"
#include "engine/refusal.h"

#include <arpa/inet.h>
#include <stdlib.h>

struct gate_session *gate_session_at(const struct gate *g, uint32_t inside)
{
	struct gate_session *s = g->row[gate_row(inside)];
	while (s && s->permit.inside != inside)
		s = s->next;
	return s;
}

static void session_link(struct gate *g, struct gate_session *s)
{
	struct gate_session **row = &g->row[gate_row(s->permit.inside)], **ws = &g->row_ws[gate_row(s->permit.workstation)];
	s->next = *row;
	*row = s;
	s->next_ws = *ws;
	*ws = s;
	g->nsessions++;
}

static void session_unlink(struct gate *g, struct gate_session *s)
{
	struct gate_session **p = &g->row[gate_row(s->permit.inside)], **ws = &g->row_ws[gate_row(s->permit.workstation)];
	while (*p != s)
		p = &(*p)->next;
	while (*ws != s)
		ws = &(*ws)->next_ws;
	*p = s->next;
	*ws = s->next_ws;
	g->nsessions--;
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
		p->send(p->arg, buf_view(&line));
	buf_clear(&line);
}

static void tell(struct gate *g, const char *event, const struct permit *p, const struct who *w, const char *why)
{
	struct record r = { 0 };
	if (record_set(&r, "step", "336") == 0 && record_set(&r, "event", event) == 0 && record_set(&r, "session", p->session) == 0 &&
	    (!w || record_set(&r, "peer", who_name(w)) == 0) && (!why || record_set(&r, "detail", why) == 0) &&
	    (!p->inside || (put_address(&r, "inside", p->inside) == 0 && put_address(&r, "workstation", p->workstation) == 0)))
		g->conf.tell(g->conf.arg, &r);
	record_clear(&r);
}

/* Both ends hear it. */
static void say_state(const struct gate_session *s, const char *state, const char *reason)
{
	struct record r = { 0 };
	if (record_set(&r, "session", s->permit.session) == 0 && record_set(&r, "state", state) == 0 &&
	    (!reason || record_set(&r, "reason", reason) == 0))
		for (int way = INNER_IN; way <= INNER_OUT; way++)
			if (s->end[way])
				send_record(s->end[way], &r);
	record_clear(&r);
}

void gate_session_end(struct gate *g, struct gate_session *s, const char *reason)
{
	session_unlink(g, s);
	g->nopen -= gate_is_open(s);
	say_state(s, "ended", reason);
	tell(g, "ended", &s->permit, NULL, reason);
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

bool gate_ports(const struct ports *permitted, struct ports *to)
{
	static const struct ports route = { .n = 1, .range = { { PORTS_TCP, PORTS_IN, GATE_ROUTE_PORT, GATE_ROUTE_PORT } } };
	return ports_union(permitted, &route, to);
}

/* With a workstations' end in this process nothing is begun from the other one: it would meet the
 * gateway. */
static bool ports_of_permit(const struct permit *permit, bool local, struct ports *to)
{
	static const struct ports begun = { .n = 1, .range = { { PORTS_TCP, PORTS_IN, 1, 65535 } } };
	return gate_ports(&permit->ports, to) && (!local || ports_intersect(to, &begun, to));
}

static const char *begin(struct gate *g, const struct permit *permit, struct gate_session **out)
{
	struct gate_session *s;
	struct ports ports;
	if (!ports_of_permit(permit, false, &ports))
		return "the permit has too many ports";
	if (g->nsessions >= g->conf.max)
		return "there are too many sessions";
	s = calloc(1, sizeof *s);
	if (!s)
		return "out of memory";
	s->permit = *permit;
	inner_init(&s->inner, permit->workstation, permit->inside, &ports);
	session_link(g, s);
	*out = s;
	return NULL;
}

/* Is it another party than the one that has this end? One may come anew. */
static bool another(const struct gate_peer *has, const struct gate_peer *p)
{
	return has && (has->local != p->local || strcmp(who_name(&has->who), who_name(&p->who)) != 0);
}

/* The permit's session, for this end of it. The later of two permits is what holds. */
static const char *join(struct gate_peer *p, const struct permit *permit, struct gate_session **out)
{
	struct gate_session *s = *out = gate_session_at(p->g, permit->inside);
	const char *why = NULL;
	if (!s)
		why = begin(p->g, permit, out);
	else if (strcmp(s->permit.session, permit->session) != 0 || s->permit.workstation != permit->workstation)
		why = "the inside address is another session's";
	else if (another(s->end[p->way], p))
		why = "the session has another end there";
	if (why)
		return why;
	struct ports ports;
	s = *out;
	if (permit->sequence > s->permit.sequence && ports_of_permit(permit, false, &ports))
		s->permit = *permit;
	if (ports_of_permit(&s->permit, p->local || (s->end[INNER_IN] && s->end[INNER_IN]->local), &ports))
		inner_permit(&s->inner, &ports);
	return NULL;
}

static void opened(struct gate_peer *p, struct gate_session *s)
{
	bool was = gate_is_open(s), again = s->end[p->way] == p;
	s->end[p->way] = p;
	if (again)
		tell(p->g, "renewed", &s->permit, &p->who, NULL);
	if (was || !gate_is_open(s))
		return;
	p->g->nopen++;
	say_state(s, "open", NULL);
	tell(p->g, "open", &s->permit, &p->who, NULL);
}

static int answer(struct record *r, const struct gate_session *s)
{
	char ports[PORTS_TEXT], until[TIME_TEXT];
	ports_write(&s->permit.ports, ports);
	time_text(s->permit.until, until);
	return record_set(r, "done", "1") != 0 || record_set(r, "session", s->permit.session) != 0 ||
	       put_address(r, "workstation", s->permit.workstation) != 0 || put_address(r, "inside", s->permit.inside) != 0 ||
	       record_set(r, "ports", ports) != 0 || record_set(r, "until", until) != 0 ? -1 : 0;
}

static void note_way(struct gate_peer *p, struct gate_session *s, struct record *q)
{
	uint64_t mtu, speed;
	if (p->g->conf.speed && !p->local && num_u64(record_get(q, "speed"), 1, 1000000000000, &speed))
		p->g->conf.speed(p->arg, speed);
	if (num_u64(record_get(q, "mtu"), 68, 65535, &mtu))
		s->mtu[p->way] = (unsigned)mtu;
}

static const char *on_permit(struct gate_peer *p, struct record *q, struct record *r, time_t clock)
{
	struct permit permit;
	struct gate_session *s = NULL;
	const char *why = NULL;
	if (permit_read(record_get(q, "permit"), p->g->conf.key, p->g->conf.nkeys, &permit, &why) == 1)
		why = is_for(p, &permit, clock);
	if (!why)
		why = join(p, &permit, &s);
	if (why && ration_take(&p->refusals, (int64_t)clock * 1000, REFUSALS_EVERY, REFUSALS_AT_ONCE))
		tell(p->g, "refused", &permit, &p->who, why);
	if (why)
		return why;
	note_way(p, s, q);
	if (answer(r, s) == 0)
		send_record(p, r);
	opened(p, s);
	return NULL;
}

/* It says so itself: the session is over, though its tunnel may stay. */
static const char *on_end(struct gate_peer *p, struct record *q, struct record *r, time_t clock)
{
	struct gate_session *s = NULL;
	(void)clock;
	for (unsigned i = 0; i < GATE_ROWS && !s; i++)
		for (s = p->g->row[i]; s && (s->end[p->way] != p || !view_is(record_get(q, "session"), s->permit.session));)
			s = s->next;
	if (!s)
		return "there is no such session of yours";
	if (record_set(r, "done", "1") == 0)
		send_record(p, r);
	gate_session_end(p->g, s, "ended");
	return NULL;
}

static const char *on_echo(struct gate_peer *p, struct record *q, struct record *r, time_t clock)
{
	(void)q, (void)clock;
	if (record_set(r, "done", "1") == 0)
		send_record(p, r);
	return NULL;
}

static const struct { const char *name; const char *(*fn)(struct gate_peer *p, struct record *q, struct record *r, time_t clock); } ops[] = {
	{ "permit", on_permit }, { "end", on_end }, { "echo", on_echo },
};

static void on_record(struct gate_peer *p, struct view line, time_t clock)
{
	struct record q = { 0 }, r = { 0 };
	const char *why;
	while (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (record_parse(&q, line, &why) != 1 || !record_get(&q, "id").n || record_setv(&r, view_of("id"), record_get(&q, "id")) != 0)
		goto out;
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
		if (!view_is(record_get(&q, "op"), ops[i].name))
			continue;
		why = ops[i].fn(p, &q, &r, clock);
		if (why && record_set(&r, "error", "denied") == 0 && record_set(&r, "detail", why) == 0)
			send_record(p, &r);
		break;
	}
out:
	record_clear(&q);
	record_clear(&r);
}

void gate_datagram(struct gate_peer *p, struct view datagram, int64_t now, time_t clock)
{
	if (datagram.n && (uint8_t)datagram.p[0] >> 4 == 4)
		gate_packet(p, datagram, now, clock);
	else
		on_record(p, datagram, clock);
}

/* -- all of it */

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
	for (unsigned i = 0; i < GATE_ROWS; i++)
		for (const struct gate_session *s = g->row[i]; s; s = s->next)
			if (view_is(session, s->permit.session))
				return &s->inner;
	return NULL;
}
