/* ask_channel.c - one channel to one of several addresses: opening it, what
 * goes over it again after it broke, and how long silence is borne. */
#include "engine/ask_impl.h"

#include <errno.h>
#include <string.h>

#define TRY_MS 5000   /* one address's share of an endless deadline */
#define AGAIN_MS 1000 /* between rounds, for streams */

static bool by_dgram(const struct ask *a)
{
	return !*a->over && strncmp(a->conf.address[a->at], "dtls:", 5) == 0;
}

/* Is there an address for what is too long for a datagram? */
static bool has_channel(const struct ask *a)
{
	unsigned i = 0;
	while (i < a->conf.naddress && strncmp(a->conf.address[i], "dtls:", 5) == 0)
		i++;
	return i < a->conf.naddress;
}

void ask_hang_up(struct ask *a)
{
	chan_free(a->c);
	a->c = NULL;
	if (a->d)
		a->conf.dgram->hang_up(a);
	a->open = a->used = false;
}

static unsigned tries(const struct question *q)
{
	return q->a->conf.naddress + q->spare;
}

/* The first question that has been lost on every address, or in the midst of its rows:
 * asked again, they would come twice. A stream goes on, unless nobody let it begin. */
static struct question *exhausted(struct ask *a, enum sp_exit status)
{
	for (struct question *q = a->list; q; q = q->next)
		if ((!q->conf.stream || (status == SP_DENIED && q->conf.deadline != CLOCK_NEVER)) && (q->lost >= tries(q) || (q->lost && q->begun)))
			return q;
	return NULL;
}

static void move_on(struct ask *a)
{
	a->over[0] = '\0';
	a->at = (a->at + 1) % a->conf.naddress;
	if (!a->freed)
		ask_wake(a);
}

void ask_lost(struct ask *a, enum sp_exit status, const char *why)
{
	struct question *q;
	for (q = a->list; q; q = q->next) {
		q->spare |= a->used && q->lost == 0;
		q->lost++;
		q->sent = 0;
		q->begun &= !q->conf.stream;
	}
	ask_hang_up(a);
	while (!a->freed && (q = exhausted(a, status)))
		question_fail(q, status, why);
	move_on(a);
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

/* All go to the next address, perhaps one that takes it; to the others this is no loss. */
static void ask_elsewhere(struct ask *a)
{
	for (struct question *q = a->list; q; q = q->next) {
		q->unsendable = false; /* what else is too long finds out there */
		loop_cancel(a->loop, &q->timer);
		q->sent = 0;
		q->begun &= !q->conf.stream;
	}
	ask_hang_up(a);
	move_on(a);
}

static void too_long(struct question *q)
{
	struct ask *a = q->a;
	q->unsendable = false;
	if (!by_dgram(a))
		question_fail(q, SP_SYSTEM, "question over 64 KiB, or out of memory");
	else if (has_channel(a) && ++q->lost < tries(q))
		ask_elsewhere(a);
	else
		question_fail(q, SP_SYSTEM, "the question does not fit a datagram: ask over tls:");
}

static void on_silence(void *arg)
{
	struct question *q = arg;
	struct ask *a = q->a;
	ask_enter(a);
	if (q->unsendable) {
		too_long(q);
	} else if (last_call(q)) {
		unsigned others = a->conf.naddress > 1;
		question_fail(q, SP_TIMEOUT, "no answer in time");
		if (others && !a->freed)
			ask_lost(a, SP_TIMEOUT, "no answer in time");
		else if (!a->freed && a->d)
			a->conf.dgram->doubt(a);
	} else {
		ask_lost(a, SP_TIMEOUT, "no answer in time");
	}
	ask_leave(a);
}

void question_arm(struct question *q)
{
	if (q->conf.stream && q->begun)
		loop_cancel(q->a->loop, &q->timer);
	else
		loop_at(q->a->loop, &q->timer, try_end(q), on_silence, q);
}

void question_send(struct question *q)
{
	const struct ask *a = q->a;
	question_arm(q);
	if (a->d ? a->conf.dgram->send(q) : chan_send(a->c, &q->rec) == 0)
		return;
	if (a->d || errno != EPIPE) { /* a closed channel says so by itself */
		q->unsendable = true;
		loop_at(a->loop, &q->timer, clock_ms(), on_silence, q);
	}
}

static void on_open(void *arg)
{
	struct ask *a = arg;
	a->open = true;
	for (struct question *q = a->list; q; q = q->next)
		question_send(q);
}

static void on_record(void *arg, struct record *r)
{
	ask_answer(arg, r);
}

static void on_closed(void *arg, const char *why)
{
	struct ask *a = arg;
	ask_enter(a);
	ask_lost(a, chan_denied(a->c) ? SP_DENIED : SP_PEER, why ? why : "connection closed");
	ask_leave(a);
}

static const struct chan_ops ops = { .open = on_open, .record = on_record, .closed = on_closed };

/* Nobody can be asked: the files are of no use. */
static void ask_unable(struct ask *a, const char *why)
{
	ask_enter(a);
	while (!a->freed && a->list)
		question_fail(a->list, SP_SYSTEM, why);
	ask_leave(a);
}

static void open_channel(void *arg)
{
	struct ask *a = arg;
	const char *why;
	if (a->c || a->d || (!a->list && !a->early))
		return;
	a->early = false;
	int64_t until = 0;
	for (struct question *q = a->list; q; q = q->next) {
		question_arm(q);
		if (q->timer.armed && q->timer.at > until)
			until = q->timer.at;
	}
	/* A second more than the questions have: they end by their own timers. */
	until = (until ? until : clock_ms() + TRY_MS) + 1000;
	a->over_text = a->over;
	struct chan_conf conf = { *a->over ? &a->over_text : &a->conf.address[a->at], 1, NULL, until };
	if (strncmp(*conf.address, "unix:", 5) != 0 && !(conf.ctx = a->conf.context(a->conf.arg, by_dgram(a), &why))) {
		ask_unable(a, why);
		return;
	}
	if (by_dgram(a)) {
		a->conf.dgram->open(a, conf.ctx, until);
		return;
	}
	a->c = chan_connect(a->loop, &conf, &ops, a);
	if (!a->c)
		loop_at(a->loop, &a->again, clock_ms() + AGAIN_MS, open_channel, a);
}

/* At once while an address is untried, else (streams only) after a rest. */
void ask_wake(struct ask *a)
{
	bool fresh = false;
	for (struct question *q = a->list; q; q = q->next)
		fresh |= q->lost < tries(q);
	if (a->list && !a->c && !a->d)
		loop_at(a->loop, &a->again, clock_ms() + (fresh ? 0 : AGAIN_MS), open_channel, a);
}


void ask_open(struct ask *a)
{
	a->early = true;
	loop_at(a->loop, &a->again, clock_ms(), open_channel, a);
}
