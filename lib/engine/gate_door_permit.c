/* gate_door_permit.c - sessions of a security server: who shows which permit. Refuses one of
 * another user than the certificate's, for another workstation than the connection is from (or, of
 * a pool's address, than is given to it), without an inside address, over, or before a later one. */
#include "engine/gate_door_impl.h"

#include "base/num.h"
#include "base/ration.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define SESSIONS_MAX 64 /* of one connection */

static struct door_session **row_of(struct gate_door *d, uint32_t workstation)
{
	return &d->row[(workstation ^ workstation >> 10) % DOOR_ROWS];
}

struct door_session *door_session_of(const struct gate_door *d, uint32_t workstation)
{
	struct door_session *s = d->row[(workstation ^ workstation >> 10) % DOOR_ROWS];
	while (s && s->permit.workstation != workstation)
		s = s->next;
	return s;
}

/* With the address that it is given here. */
static int put_client(struct record *r, const struct door_client *c)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a = { htonl(c->address) };
	return record_set(r, "from", c->host) == 0 && record_set(r, "user", who_name(&c->party.who)) == 0 &&
	       (!c->address || record_set(r, "workstation", inet_ntop(AF_INET, &a, text, sizeof text)) == 0) ? 0 : -1;
}

void door_tell(struct gate_door *d, int step, const char *event, const struct door_session *s, const char *detail)
{
	struct record r = { 0 };
	if (record_setf(&r, "step", "%d", step) == 0 && record_set(&r, "event", event) == 0 &&
	    (!s || (record_set(&r, "session", s->permit.session) == 0 && put_client(&r, s->client) == 0)) &&
	    (!detail || !*detail || record_set(&r, "detail", detail) == 0))
		d->conf.tell(d->conf.arg, &r);
	record_clear(&r);
}

void door_say(const struct door_session *s, const char *key, const char *value, const char *detail)
{
	struct record r = { 0 };
	if (record_set(&r, "id", s->id) == 0 && record_set(&r, key, value) == 0 && record_set(&r, "session", s->permit.session) == 0 &&
	    (strcmp(key, "error") != 0 || record_set(&r, "step", "336") == 0) && (!detail || record_set(&r, "detail", detail) == 0))
		chan_send(s->client->chan, &r);
	record_clear(&r);
}

void door_session_end(struct gate_door *d, struct door_session *s)
{
	struct door_session **at = row_of(d, s->permit.workstation);
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	door_http_cut(d, s);
	if (--s->client->sessions == 0)
		loop_at(d->conf.loop, &s->client->late, clock_deadline(DOOR_FIRST_MS), door_late, s->client);
	if (--d->nsessions == 0) {
		gate_end_lower(d->end);
		door_packets_clear(d);
	}
	free(s);
}

/* Those that a function chooses: they end, and the gateway hears it. */
void door_end_some(struct gate_door *d, bool (*chosen)(const struct door_session *s, const void *arg), const void *arg)
{
	for (unsigned i = 0; i < DOOR_ROWS; i++)
		for (struct door_session *s = d->row[i], *after; s; s = after) {
			after = s->next;
			if (!chosen(s, arg))
				continue;
			gate_end_drop(d->end, s->permit.session);
			door_session_end(d, s);
		}
}

bool door_is_user(const struct door_client *c, const struct permit *p)
{
	const struct who *w = &c->party.who;
	char name[2 * WHO_NAME_MAX + 2];
	snprintf(name, sizeof name, "%s%s%s", w->domain, *w->domain ? "\\" : "", w->user);
	return permit_is(&p->user, view_of(name));
}

static const char *not_from(const struct door_client *c, uint32_t workstation)
{
	struct in_addr at;
	if (c->d->conf.inside)
		return door_address_refusal(c, workstation);
	return inet_pton(AF_INET, c->host, &at) != 1 || ntohl(at.s_addr) != workstation ? "the permit is for another workstation" : NULL;
}

static const char *not_for(const struct door_client *c, const struct permit *p)
{
	if (!p->inside)
		return "the permit has no inside address";
	if (!door_is_user(c, p))
		return "the permit is for another user";
	const char *why = not_from(c, p->workstation);
	return why ? why : p->until <= time(NULL) ? "the permit has ended" : NULL;
}

static struct door_session *session_named(const struct gate_door *d, const struct permit *p)
{
	struct door_session *s = d->row[(p->workstation ^ p->workstation >> 10) % DOOR_ROWS];
	while (s && strcmp(s->permit.session, p->session) != 0)
		s = s->next;
	return s;
}

static void begin(struct door_client *c, struct door_session *s, const struct permit *p, struct view id)
{
	struct gate_door *d = c->d;
	struct door_session **row = row_of(d, p->workstation);
	s->client = c;
	s->permit = *p;
	if (d->conf.inside)
		c->address = p->workstation;
	view_str(id, s->id, sizeof s->id);
	s->next = *row;
	*row = s;
	c->sessions++;
	d->nsessions++;
	loop_cancel(d->conf.loop, &c->late);
}

/* *fresh: a session that was not known. */
static const char *take(struct door_client *c, const struct permit *p, struct record *q, struct door_session **fresh)
{
	struct gate_door *d = c->d;
	struct door_session *s = session_named(d, p);
	if (s && s->client != c)
		return "another connection has shown a permit of that session";
	if (s && p->sequence <= s->permit.sequence)
		return p->sequence == s->permit.sequence ? NULL : "there is a later permit";
	if (!s && (c->sessions >= SESSIONS_MAX || !(s = calloc(1, sizeof *s))))
		return "too many sessions";
	if (!s->client) {
		begin(c, s, p, record_get(q, "id"));
		*fresh = s;
	}
	s->permit = *p;
	return gate_end_show(d->end, p->session, record_get(q, "permit"), false, s) == 0 ? NULL : "out of memory";
}

void door_answer(struct door_client *c, struct record *q, struct record *r, const char *why)
{
	int rc = record_setv(r, view_of("id"), record_get(q, "id"));
	if (rc == 0 && why)
		rc = record_set(r, "error", "denied") | record_set(r, "step", "336") | record_set(r, "detail", why);
	else if (rc == 0)
		rc = record_set(r, "done", "1");
	if (rc == 0)
		chan_send(c->chan, r);
	record_clear(r);
}

/* The end of a question. */
static void answer(struct door_client *c, struct record *q, const char *why)
{
	struct record r = { 0 };
	door_answer(c, q, &r, why);
}

static void on_permit(struct door_client *c, struct record *q)
{
	struct permit p = { 0 };
	struct door_session *fresh = NULL;
	const char *why = door_client_still(c);
	if (!why && permit_read(record_get(q, "permit"), c->d->conf.key, c->d->conf.nkeys, &p, &why) == 1)
		why = not_for(c, &p);
	if (!why)
		why = take(c, &p, q, &fresh);
	record_wipe(q, "permit");
	if (why && ration_take(&c->refusals, clock_ms(), REFUSALS_EVERY, REFUSALS_AT_ONCE))
		door_tell_client(c, "refused", why);
	if (fresh && !why)
		door_say(fresh, "state", "shown", NULL);
	else
		answer(c, q, why);
}

struct named {
	const struct door_client *client;
	struct view session;
};

static bool is_named(const struct door_session *s, const void *arg)
{
	const struct named *n = arg;
	return s->client == n->client && view_is(n->session, s->permit.session);
}

void door_record(void *arg, struct record *q)
{
	struct door_client *c = arg;
	struct named n = { c, record_get(q, "session") };
	if (record_get(q, "id").n && view_is(record_get(q, "op"), "permit")) {
		on_permit(c, q);
	} else if (record_get(q, "id").n && view_is(record_get(q, "op"), "end")) {
		door_end_some(c->d, is_named, &n);
		answer(c, q, NULL);
	} else if (c->d->conf.inside && record_get(q, "id").n && view_is(record_get(q, "op"), "address")) {
		door_address_give(c, q);
	} else {
		door_client_free(c);
	}
}

