/* ask.c - questions over chan.h to one of several addresses: one list of
 * questions, one channel, and what happens when it breaks or stays silent.
 * Refuses a reply without id=; one with an unknown id= is ignored. */
#include "engine/ask.h"

#include "engine/chan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define TRY_MS 5000   /* one address's share of an endless deadline */
#define AGAIN_MS 1000 /* between rounds, for streams */

struct question {
	struct question *next;
	struct ask *a;
	struct record rec;
	struct ask_conf_question conf;
	char id[40];
	int64_t patience; /* ms for a reply, or for each row of pages */
	unsigned lost;    /* channels on which it was lost */
	bool spare;       /* the first of them had been used before: one try more */
	bool begun;       /* a row came over this channel */
	bool unsendable;  /* too long */
	struct loop_timer timer;
	uint64_t count;
};

struct ask {
	struct loop *loop;
	struct ask_conf conf;
	struct chan *c;
	bool open, used;
	unsigned at;
	struct question *list;
	struct loop_timer again;
	char prefix[17];
	unsigned long serial;
	unsigned busy;
	bool freed;
};

static void wake(struct ask *a);

static void q_free(struct question *q)
{
	loop_cancel(q->a->loop, &q->timer);
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

static void leave(struct ask *a)
{
	if (--a->busy == 0 && a->freed)
		dispose(a);
}

/* Ends one question; the caller is between a->busy++ and leave(). */
static void finish(struct question *q, const struct ask_end *end)
{
	struct ask_end e = *end;
	e.count = q->count;
	unlink_q(q);
	if (!q->a->freed && q->conf.end)
		q->conf.end(q->conf.arg, &e);
	q_free(q);
}

static void fail(struct question *q, enum sp_exit status, const char *why)
{
	char detail[384];
	snprintf(detail, sizeof detail, "%s: %s", ask_address(q->a), why);
	finish(q, &(struct ask_end){ .status = status, .detail = detail });
}

static void hang_up(struct ask *a)
{
	chan_free(a->c);
	a->c = NULL;
	a->open = a->used = false;
}

static unsigned tries(const struct question *q)
{
	return q->a->conf.naddress + q->spare;
}

/* The first question (no stream) that has been lost on every address. */
static struct question *exhausted(struct ask *a)
{
	for (struct question *q = a->list; q; q = q->next)
		if (!q->conf.stream && q->lost >= tries(q))
			return q;
	return NULL;
}

/* The channel is of no use: the questions go to the next address. */
static void lost(struct ask *a, enum sp_exit status, const char *why)
{
	struct question *q;
	for (q = a->list; q; q = q->next) {
		q->spare |= a->used && q->lost == 0;
		q->lost++;
		q->begun = false;
	}
	hang_up(a);
	while (!a->freed && (q = exhausted(a)))
		fail(q, status, why);
	a->at = (a->at + 1) % a->conf.naddress;
	if (!a->freed)
		wake(a);
}

/* Which time is left for this try: its share among the tries to come. */
static int64_t try_end(const struct question *q)
{
	int64_t now = clock_ms(), left = TRY_MS;
	unsigned more = q->lost < tries(q) ? tries(q) - q->lost : 1;
	if (q->conf.deadline != CLOCK_NEVER)
		left = (q->conf.deadline - now) / (int64_t)more;
	return now + (left > 0 ? left : 0);
}

static bool last_call(const struct question *q)
{
	return q->conf.deadline != CLOCK_NEVER && clock_ms() >= q->conf.deadline;
}

static void on_silence(void *arg)
{
	struct question *q = arg;
	struct ask *a = q->a;
	a->busy++;
	if (q->unsendable) {
		fail(q, SP_SYSTEM, "question over 64 KiB, or out of memory");
	} else if (last_call(q)) {
		unsigned others = a->conf.naddress > 1;
		fail(q, SP_TIMEOUT, "no answer in time");
		if (others && !a->freed)
			lost(a, SP_TIMEOUT, "no answer in time");
	} else {
		lost(a, SP_TIMEOUT, "no answer in time");
	}
	leave(a);
}

static void arm(struct question *q)
{
	if (q->conf.stream && q->begun)
		loop_cancel(q->a->loop, &q->timer);
	else
		loop_at(q->a->loop, &q->timer, try_end(q), on_silence, q);
}

static void send_q(struct question *q)
{
	arm(q);
	if (chan_send(q->a->c, &q->rec) == 0)
		return;
	if (errno != EPIPE) { /* a closed channel says so by itself */
		q->unsendable = true;
		loop_at(q->a->loop, &q->timer, clock_ms(), on_silence, q);
	}
}

static void on_open(void *arg)
{
	struct ask *a = arg;
	a->open = true;
	for (struct question *q = a->list; q; q = q->next)
		send_q(q);
}

/* More patience after a row: pages and streams may take as long as they move. */
static void moved(struct question *q)
{
	q->begun = true;
	q->lost = 0;
	q->spare = false;
	if (q->conf.paged && q->patience >= 0)
		q->conf.deadline = clock_deadline(q->patience);
	if (q->conf.stream)
		q->conf.deadline = CLOCK_NEVER;
	if (q->conf.paged || q->conf.stream)
		arm(q);
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
		moved(q);
		if (record_setv(&q->rec, view_of("after"), more) == 0) {
			send_q(q);
			return;
		}
		e.status = SP_SYSTEM;
	}
	record_drop(r, "done");
	finish(q, &e);
}

static struct question *by_id(struct ask *a, struct view id)
{
	for (struct question *q = a->list; q; q = q->next)
		if (view_is(id, q->id))
			return q;
	return NULL;
}

static void on_record(void *arg, struct record *r)
{
	struct ask *a = arg;
	struct view id = record_get(r, "id");
	struct question *q = by_id(a, id);
	a->busy++;
	if (!id.n) {
		lost(a, SP_PEER, "an answer without id=");
	} else if (q) {
		bool last = record_has(r, "done") || record_has(r, "error");
		a->used = true;
		record_drop(r, "id");
		if (last) {
			on_last(q, r);
		} else {
			q->count++;
			moved(q);
			if (q->conf.row)
				q->conf.row(q->conf.arg, r);
		}
	}
	leave(a);
}

static void on_closed(void *arg, const char *why)
{
	struct ask *a = arg;
	a->busy++;
	lost(a, SP_PEER, why ? why : "connection closed");
	leave(a);
}

static const struct chan_ops ops = { on_open, on_record, NULL, on_closed };

static void open_channel(void *arg)
{
	struct ask *a = arg;
	if (a->c || !a->list)
		return;
	int64_t until = 0;
	for (struct question *q = a->list; q; q = q->next) {
		arm(q);
		if (q->timer.armed && q->timer.at > until)
			until = q->timer.at;
	}
	/* A second more than the questions have: they end by their own timers. */
	struct chan_conf conf = { &a->conf.address[a->at], 1, a->conf.ctx,
		                  (until ? until : clock_ms() + TRY_MS) + 1000 };
	a->c = chan_connect(a->loop, &conf, &ops, a);
	if (!a->c)
		loop_at(a->loop, &a->again, clock_ms() + AGAIN_MS, open_channel, a);
}

/* There are questions and no channel: open one, at once while an address is
 * untried, else (streams only) after a rest. */
static void wake(struct ask *a)
{
	bool fresh = false;
	for (struct question *q = a->list; q; q = q->next)
		fresh |= q->lost < tries(q);
	if (a->list && !a->c)
		loop_at(a->loop, &a->again, clock_ms() + (fresh ? 0 : AGAIN_MS), open_channel, a);
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
	for (struct question *q = a->list; q; q = q->next)
		loop_cancel(a->loop, &q->timer);
	hang_up(a);
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
	snprintf(q->id, sizeof q->id, "%s.%lu", a->prefix, ++a->serial);
	if (record_copy(&q->rec, conf->record) != 0 || record_set(&q->rec, "id", q->id) != 0) {
		q_free(q);
		return NULL;
	}
	struct question **end = &a->list;
	while (*end)
		end = &(*end)->next;
	*end = q;
	arm(q);
	if (a->open)
		send_q(q);
	else
		wake(a);
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
	return a->conf.address[a->at];
}
