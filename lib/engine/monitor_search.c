/* monitor_search.c - searches of a client, each a page, a step at a time, one after the other. One that finds
 * nothing is a guess that was wrong, whether there is no such system or one that is not for him: the next ones
 * wait for their turn. It is told at one of few times, so that how long it took does not tell which it was. */
#include "engine/monitor_impl.h"

#include "engine/search.h"

#include <stdio.h>
#include <stdlib.h>

struct mon_search {
	struct mon_search *next;
	struct search q;
	struct reach reach;
	struct record ask, who; /* id=, and for the log */
	struct mon_turn turn;
	int64_t began, at; /* its turn, 0: it has none yet; before then nothing is done */
	bool over;         /* all is looked at: only its last record is to be sent */
	struct loop_timer wake;
};

static void search_free(struct loop *l, struct mon_search *s)
{
	loop_cancel(l, &s->wake);
	search_clear(&s->q);
	reach_clear(&s->reach);
	record_clear(&s->ask);
	record_clear(&s->who);
	free(s);
}

void mon_search_free(struct monitor_client *c)
{
	while (c->searches) {
		struct mon_search *s = c->searches;
		c->searches = s->next;
		search_free(c->m->conf.loop, s);
	}
	c->nsearches = 0;
}

static void asked_log(struct mon_ask *a)
{
	static const char *const keys[] = { "serial", "customer", "site", "phone", "model", "region", "after" };
	struct record r = { 0 };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct view v = record_get(a->q, keys[i]);
		if (v.n && record_setv(&r, view_of(keys[i]), v) != 0)
			break;
	}
	mon_log(a, 307, "question", &r);
	record_clear(&r);
}

/* 1 begun, 0 refused (answered), -1 the store failed. */
static int begin(struct mon_ask *a, struct mon_search *s)
{
	struct monitor *m = a->c->m;
	struct field *id = record_find(a->q, view_of("id"));
	const char *why;
	if ((id && record_setv(&s->ask, view_of("id"), field_value(a->q, id)) != 0) || record_copy(&s->who, a->who) != 0)
		return -1;
	int rc = reach_of(&s->reach, m->conf.store, a->who, a->now);
	if (rc == 0) {
		mon_guessed_wrong(a);
		mon_refuse(a, SP_DENIED, 308, NULL, "this user may reach nothing");
		return 0;
	}
	if (rc == 1)
		rc = search_init(&s->q, m->conf.store, &s->reach, a->q, &why);
	if (rc == 0)
		mon_refuse(a, SP_USAGE, 307, NULL, why);
	return rc;
}

void mon_search(struct mon_ask *a)
{
	struct monitor_client *c = a->c;
	struct mon_search *s = c->nsearches < SEARCHES_MAX ? calloc(1, sizeof *s) : NULL;
	if (!a->since)
		asked_log(a);
	if (!s) {
		mon_refuse(a, SP_BUSY, 307, NULL, "too many searches at once");
		return;
	}
	int rc = begin(a, s);
	if (rc < 0)
		mon_store_failed(a, 308);
	if (rc != 1) {
		search_free(c->m->conf.loop, s);
		return;
	}
	struct mon_search **p = &c->searches;
	while (*p)
		p = &(*p)->next;
	*p = s;
	c->nsearches++;
	mon_work_soon(c->m);
}

struct giving {
	struct monitor_client *c;
	struct mon_search *s;
};

static int give(void *arg, struct record *r)
{
	struct giving *g = arg;
	struct view id = record_get(&g->s->ask, "id");
	if (id.p && record_setv(r, view_of("id"), id) != 0)
		return -1;
	mon_send(g->c, r);
	return 0;
}

static void ended(struct mon_ask *a, struct mon_search *s)
{
	struct record r = { 0 };
	if (record_setf(&r, "count", "%llu", (unsigned long long)s->q.count) != 0)
		return;
	mon_log(a, 308, "filtered", &r);
	mon_log(a, 309, "sent", &r);
	record_clear(&r);
	struct view id = record_get(a->q, "id");
	if ((!id.p || record_setv(&r, view_of("id"), id) == 0) &&
	    record_setf(&r, "done", "%llu", (unsigned long long)s->q.count) == 0 &&
	    (!s->q.further || record_setv(&r, view_of("more"), buf_view(&s->q.more)) == 0))
		mon_send(a->c, &r);
	record_clear(&r);
}

static void on_wake(void *arg)
{
	mon_work_soon(arg);
}

static void not_before(struct monitor *m, struct mon_search *s, int64_t at)
{
	s->at = at;
	loop_at(m->conf.loop, &s->wake, at, on_wake, m);
}

/* false: it would wait for too long, and is refused. */
static bool take_turn(struct mon_ask *a, struct mon_search *s)
{
	int64_t wait = mon_turn_take(a, &s->turn);
	if (wait < 0) {
		mon_refuse(a, SP_BUSY, 308, NULL, "too many searches found nothing: ask later");
		return false;
	}
	s->began = clock_ms() + wait;
	if (wait > 0) {
		mon_log(a, 308, "held", NULL);
		not_before(a->c->m, s, s->began);
	}
	return true;
}

/* All is looked at. */
static void judge(struct mon_ask *a, struct mon_search *s)
{
	int64_t slot = a->c->m->conf.nothing_ms;
	s->over = true;
	mon_turn_over(a->c->m, &s->turn, s->q.count > 0);
	if (slot && s->q.count == 0)
		not_before(a->c->m, s, s->began + ((clock_ms() - s->began) / slot + 1) * slot);
}

/* 1 it goes on, 0 it waits for its time, -1 it has ended. */
static int go_on(struct mon_ask *a, struct mon_search *s)
{
	struct giving g = { a->c, s };
	if (!s->began && !take_turn(a, s))
		return -1;
	if (!s->over && clock_ms() >= s->at) {
		int rc = search_step(&s->q, give, &g);
		if (rc < 0)
			mon_store_failed(a, 308);
		if (rc != 0)
			return rc;
		judge(a, s);
	}
	if (clock_ms() < s->at)
		return 0;
	ended(a, s);
	return -1;
}

bool mon_search_step(struct monitor_client *c)
{
	struct mon_search *s = c->searches;
	if (!s)
		return false;
	struct mon_ask a = { .c = c, .q = &s->ask, .who = &s->who, .begun = true };
	int rc = go_on(&a, s);
	if (rc < 0) {
		c->searches = s->next;
		c->nsearches--;
		search_free(c->m->conf.loop, s);
	}
	return rc != 0; /* perhaps another; the next call tells */
}
