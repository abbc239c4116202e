/* ask.c - questions and their answers: one list of questions; which record is
 * an answer to which; pages, streams, ends.
 * Refuses a reply without id=; one with an unknown id= is ignored. */
#include "engine/ask_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static void q_free(struct question *q)
{
	loop_cancel(q->a->loop, &q->timer);
	loop_cancel(q->a->loop, &q->again);
	record_clear(&q->rec);
	free(q);
}

static void unlink_q(struct question *q)
{
	for (struct question **p = &q->a->list; *p; p = &(*p)->next)
		if (*p == q) {
			*p = q->next;
			return;
		}
}

static void dispose(struct ask *a)
{
	while (a->list) {
		struct question *q = a->list;
		a->list = q->next;
		q_free(q);
	}
	free(a);
}

void ask_enter(struct ask *a)
{
	a->busy++;
}

void ask_leave(struct ask *a)
{
	if (--a->busy == 0 && a->freed)
		dispose(a);
}

void question_end(struct question *q, const struct ask_end *end)
{
	struct ask_end e = *end;
	e.count = q->count;
	unlink_q(q);
	if (!q->a->freed && q->conf.end)
		q->conf.end(q->conf.arg, &e);
	q_free(q);
}

void question_fail(struct question *q, enum sp_exit status, const char *why)
{
	char detail[464];
	snprintf(detail, sizeof detail, "%s: %s", ask_address(q->a), why);
	question_end(q, &(struct ask_end){ .status = status, .detail = detail });
}

/* More patience after a row: pages and streams may take as long as they move. */
static void moved(struct question *q)
{
	q->lost = 0;
	q->spare = false;
	if (q->conf.paged && q->patience >= 0)
		q->conf.deadline = clock_deadline(q->patience);
	if (q->conf.stream)
		q->conf.deadline = CLOCK_NEVER;
	if (q->conf.paged || q->conf.stream)
		question_arm(q);
}

static void name(struct question *q)
{
	snprintf(q->id, sizeof q->id, "%s.%lu", q->a->prefix, ++q->a->serial);
}

/* Asks on behind `more`. SP_OK, or the status and the reason. */
static enum sp_exit turn_page(struct question *q, struct view more, const char **why)
{
	*why = "the answer's pages do not go on";
	if (view_eq(more, record_get(&q->rec, "after")))
		return SP_PEER;
	*why = "out of memory";
	name(q); /* a datagram of the last page may come twice */
	q->sent = 0;
	if (record_setv(&q->rec, view_of("after"), more) != 0 || record_set(&q->rec, "id", q->id) != 0)
		return SP_SYSTEM;
	q->begun = false;
	moved(q);
	question_send(q);
	return SP_OK;
}

static void on_last(struct question *q, struct record *r)
{
	struct ask_end e = { .status = SP_OK, .detail = "", .last = r };
	struct view error = record_get(r, "error"), more = record_get(r, "more");
	uint64_t step = 0;
	if (error.p) {
		const char *word = record_str(r, "error"), *detail = record_str(r, "detail");
		e.status = sp_exit_of(word ? word : "");
		if (e.status == SP_OK)
			e.status = SP_PEER;
		if (num_u64(record_get(r, "step"), 0, 9999, &step))
			e.step = (int)step;
		e.detail = detail ? detail : "";
	} else if (q->conf.paged && more.n) {
		e.status = turn_page(q, more, &e.detail);
		if (e.status == SP_OK)
			return;
	}
	record_drop(r, "done");
	question_end(q, &e);
}

static struct question *by_id(struct ask *a, struct view id)
{
	for (struct question *q = a->list; q; q = q->next)
		if (view_is(id, q->id))
			return q;
	return NULL;
}

void ask_answer(struct ask *a, struct record *r)
{
	struct view id = record_get(r, "id");
	struct question *q = by_id(a, id);
	ask_enter(a);
	if (!id.n) {
		ask_lost(a, SP_PEER, "an answer without id=");
	} else if (q) {
		bool last = record_has(r, "done") || record_has(r, "error");
		a->used = true;
		record_drop(r, "id");
		if (last && a->d && a->conf.dgram->over_tls(a, r)) {
			; /* not the answer, but where it is */
		} else if (last) {
			on_last(q, r);
		} else {
			q->count++;
			q->begun = true;
			moved(q);
			if (q->conf.row)
				q->conf.row(q->conf.arg, r);
		}
	}
	ask_leave(a);
}

struct ask *ask_new(struct loop *l, const struct ask_conf *conf)
{
	unsigned char rnd[8];
	struct ask *a = calloc(1, sizeof *a);
	if (!a || getrandom(rnd, sizeof rnd, 0) != (ssize_t)sizeof rnd) {
		free(a);
		return NULL;
	}
	a->loop = l;
	a->conf = *conf;
	for (size_t i = 0; i < sizeof rnd; i++)
		snprintf(a->prefix + 2 * i, 3, "%02x", rnd[i]);
	return a;
}

void ask_free(struct ask *a)
{
	if (!a || a->freed)
		return;
	a->freed = true;
	loop_cancel(a->loop, &a->again);
	for (struct question *q = a->list; q; q = q->next) {
		loop_cancel(a->loop, &q->timer);
		loop_cancel(a->loop, &q->again);
	}
	ask_hang_up(a);
	if (!a->busy)
		dispose(a);
}

struct question *ask(struct ask *a, const struct ask_conf_question *conf)
{
	struct question *q = calloc(1, sizeof *q);
	if (!q)
		return NULL;
	q->a = a;
	q->conf = *conf;
	q->conf.record = NULL;
	q->patience = conf->deadline == CLOCK_NEVER ? -1 : conf->deadline - clock_ms();
	name(q);
	if (record_copy(&q->rec, conf->record) != 0 || record_set(&q->rec, "id", q->id) != 0) {
		q_free(q);
		return NULL;
	}
	struct question **end = &a->list;
	while (*end)
		end = &(*end)->next;
	*end = q;
	question_arm(q);
	if (a->open)
		question_send(q);
	else
		ask_wake(a);
	return q;
}

void ask_forget(struct question *q)
{
	if (!q)
		return;
	unlink_q(q);
	q_free(q);
}

struct loop *ask_loop(const struct ask *a)
{
	return a->loop;
}

const char *ask_address(const struct ask *a)
{
	return *a->over ? a->over : a->conf.address[a->at];
}
