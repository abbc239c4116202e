/* monitor_ticket.c - tickets, where the monitor was told to look at them (313): nobody
 * allocates without one that the command accepts; it is asked again while a session
 * lasts, and a ticket that was closed ends its sessions. Whether there is a system for
 * this user is decided first: about one that there is not, no ticket is asked for. A
 * command that does not answer begins nothing and ends nothing. */
#include "engine/monitor_impl.h"

#include "base/reason.h"
#include "engine/alloc.h"
#include "engine/calls.h"
#include "engine/ticketcheck.h"
#include "engine/worker.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define VERDICT_MS 8000 /* less than sp-alloc waits */
#define ASKED_MAX 16    /* of a client, at once */
#define BATCH 32        /* sessions looked at again, at once */
#define AGAIN_MS 1000   /* after which they are, when one could not be ended */

/* The command, and the sessions whose tickets it is asked about again, in batches. */
struct mon_tickets {
	struct worker *command;
	struct mon_recheck *asked;
	struct loop_timer next;
	bool again;      /* a session could not be ended: the store was locked */
	struct buf last; /* the last session that was asked about, NUL-terminated; empty: all were */
};

/* An allocation that waits for the verdict. */
struct mon_ticket {
	struct mon_ticket *next;
	struct monitor_client *c;
	struct record ask, who;
	int64_t since; /* struct mon_ask */
};

/* A session whose ticket is looked at again. */
struct mon_recheck {
	struct mon_recheck *next;
	struct monitor *m;
	struct record lease;
};

static void ticket_free(struct mon_ticket *t)
{
	record_clear(&t->ask);
	record_clear(&t->who);
	free(t);
}

void mon_ticket_free(struct monitor_client *c)
{
	while (c->tickets) {
		struct mon_ticket *t = c->tickets;
		c->tickets = t->next;
		worker_forget(c->m->tickets->command, t);
		ticket_free(t);
	}
	c->ntickets = 0;
}

static void refuse(struct mon_ask *a, enum ticket_verdict v, const char *detail)
{
	char text[256];
	snprintf(text, sizeof text, "%s%s%.180s",
	         v == TICKET_REFUSED ? "the ticket is not accepted" : "the ticket cannot be checked", *detail ? ": " : "", detail);
	mon_refuse(a, v == TICKET_REFUSED ? SP_DENIED : SP_PEER, 313, NULL, text);
}

static void on_verdict(void *arg, struct record *r, const char *why)
{
	struct mon_ticket *t = arg, **p = &t->c->tickets;
	struct mon_ask a = { .c = t->c, .q = &t->ask, .who = &t->who, .now = time(NULL), .since = t->since };
	const char *detail;
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	t->c->ntickets--;
	enum ticket_verdict v = ticket_verdict(r, why, &detail);
	if (!t->c->dead && v == TICKET_ACCEPTED)
		mon_alloc(&a);
	else if (!t->c->dead)
		refuse(&a, v, detail);
	ticket_free(t);
}

/* What is asked: the asker's words about himself do not count. 0/-1. */
static int about(struct mon_ask *a, struct record *r)
{
	static const char *const asked[] = { "ticket", "system", "workstation" }, *const vouched[] = { "user", "domain", "groups" };
	int rc = 0;
	for (size_t i = 0; i < 3 && rc == 0; i++)
		rc = record_setv(r, view_of(asked[i]), record_get(a->q, asked[i])) != 0 ||
		                     record_setv(r, view_of(vouched[i]), record_get(a->who, vouched[i])) != 0 ? -1 : 0;
	return rc;
}

/* Asks the command. 0/-1. */
static int ask_command(struct mon_ask *a)
{
	struct monitor *m = a->c->m;
	struct mon_ticket *t = calloc(1, sizeof *t);
	struct record told = { 0 }, q = { 0 };
	if (t && record_copy(&t->ask, a->q) == 0 && record_copy(&t->who, a->who) == 0 && about(a, &told) == 0 &&
	    ticket_question(m->conf.store, &told, &q) == 1 &&
	    worker_ask(m->tickets->command, &q, clock_deadline(VERDICT_MS), on_verdict, t) == 0) {
		t->c = a->c;
		t->since = a->since;
		t->next = a->c->tickets;
		a->c->tickets = t;
		a->c->ntickets++;
		t = NULL;
	}
	record_clear(&told);
	record_clear(&q);
	if (!t)
		return 0;
	ticket_free(t);
	return -1;
}

void mon_ticket_alloc(struct mon_ask *a)
{
	int rc = mon_reaches(a, record_str(a->q, "system"));
	if (rc < 0)
		mon_store_failed(a, 313);
	else if (rc == 0) {
		mon_guessed_wrong(a);
		mon_refuse(a, SP_DENIED, 313, NULL, alloc_unknown);
	} else if (record_get(a->q, "ticket").n == 0)
		mon_refuse(a, SP_DENIED, 313, NULL, "a service ticket is needed: there is no ticket= in the record");
	else if (record_get(a->q, "ticket").n > TICKET_MAX)
		mon_refuse(a, SP_RECORD, 313, NULL, "ticket= is too long");
	else if (a->c->ntickets >= ASKED_MAX)
		mon_refuse(a, SP_BUSY, 313, NULL, "too many allocations at once");
	else if (ask_command(a) != 0)
		refuse(a, TICKET_SILENT, "unable to ask");
}

/* Ends a session whose ticket is closed. 1, 0 there was none, -1 failed. */
static int end_session(struct monitor *m, struct record *lease, const char *detail)
{
	int rc = calls_end(m->conf.store, record_str(lease, "lease"), time(NULL), reason_name(REASON_ADMIN_RESET));
	if (rc != 1)
		return rc;
	mon_changed(m, record_str(lease, "session"));
	record_drop(lease, "lease");
	if (m->conf.log && (!*detail || record_set(lease, "detail", detail) == 0))
		m->conf.log(m->conf.arg, 313, "ticket-closed", lease);
	return 1;
}

/* op=ticket: a manager says that one is closed. */
void mon_ticket_closed(struct mon_ask *a)
{
	struct store *s = a->c->m->conf.store;
	const char *ticket = record_str(a->q, "ticket");
	struct record lease = { 0 }, answer = { 0 };
	unsigned n = 0;
	int rc;
	if (!ticket || !*ticket || strlen(ticket) > TICKET_MAX || !view_is(record_get(a->q, "state"), "closed")) {
		mon_refuse(a, SP_RECORD, 313, NULL, "ticket= and state=closed are needed");
		return;
	}
	while ((rc = calls_lease_of_ticket(s, ticket, &lease)) == 1 && (rc = end_session(a->c->m, &lease, "")) >= 0)
		n += rc == 1;
	a->begun = n > 0;
	if (rc < 0)
		mon_store_failed(a, 313);
	else if (record_setf(&answer, "count", "%u", n) == 0)
		mon_done(a, &answer);
	record_clear(&lease);
	record_clear(&answer);
}

static void recheck_drop(struct mon_recheck *k)
{
	struct mon_recheck **p = &k->m->tickets->asked;
	while (*p != k)
		p = &(*p)->next;
	*p = k->next;
	record_clear(&k->lease);
	free(k);
}

static void batch(void *arg);

/* All of a batch are answered: the next one, or a rest. */
static void batch_over(struct monitor *m)
{
	struct mon_tickets *t = m->tickets;
	int64_t ms = t->last.len ? 0 : t->again && m->conf.ticket_check_ms > AGAIN_MS ? AGAIN_MS : m->conf.ticket_check_ms;
	if (t->asked)
		return;
	t->again &= ms == 0;
	loop_at(m->conf.loop, &t->next, clock_deadline(ms), batch, m);
}

static void on_reverdict(void *arg, struct record *r, const char *why)
{
	struct mon_recheck *k = arg;
	struct monitor *m = k->m;
	const char *detail;
	if (ticket_verdict(r, why, &detail) == TICKET_REFUSED && end_session(m, &k->lease, detail) < 0)
		m->tickets->again = true;
	recheck_drop(k);
	batch_over(m);
}

static void recheck_one(struct monitor *m, struct record *lease)
{
	struct mon_recheck *k = calloc(1, sizeof *k);
	struct record q = { 0 };
	if (!k)
		return;
	k->m = m;
	k->next = m->tickets->asked;
	m->tickets->asked = k;
	if (record_copy(&k->lease, lease) != 0 || ticket_question(m->conf.store, lease, &q) != 1 ||
	    worker_ask(m->tickets->command, &q, clock_deadline(VERDICT_MS), on_reverdict, k) != 0)
		recheck_drop(k);
	record_clear(&q);
}

/* The sessions behind the last one. */
static void batch(void *arg)
{
	struct monitor *m = arg;
	struct buf *last = &m->tickets->last;
	struct record lease = { 0 };
	unsigned n = 0;
	for (; n < BATCH; n++) {
		int rc = calls_lease_with_ticket(m->conf.store, last->len ? last->data : "", &lease);
		if (rc != 1) {
			m->tickets->again |= rc < 0;
			break;
		}
		last->len = 0;
		if (buf_adds(last, record_str(&lease, "session")) != 0 || buf_addc(last, '\0') != 0)
			break;
		recheck_one(m, &lease);
	}
	if (n < BATCH)
		last->len = 0;
	record_clear(&lease);
	batch_over(m);
}

int mon_ticket_open(struct monitor *m)
{
	if (!m->conf.verify_ticket)
		return 0;
	struct mon_tickets *t = m->tickets = calloc(1, sizeof *t);
	if (!t)
		return -1;
	buf_init(&t->last, RECORD_LINE_MAX);
	t->command = worker_new(m->conf.loop, m->conf.verify_ticket);
	if (!t->command || worker_start(t->command) != 0)
		return -1;
	loop_at(m->conf.loop, &t->next, clock_deadline(m->conf.ticket_check_ms), batch, m);
	return 0;
}

void mon_ticket_close(struct monitor *m)
{
	struct mon_tickets *t = m->tickets;
	if (!t)
		return;
	worker_free(t->command);
	while (t->asked)
		recheck_drop(t->asked);
	loop_cancel(m->conf.loop, &t->next);
	buf_clear(&t->last);
	m->tickets = NULL;
	free(t);
}
