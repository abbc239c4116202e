/* lease.c - alloc, renew, release: what is asked when, and what the answers
 * mean. Its request= makes the monitor know the question again when the answer
 * was lost. Refuses a grant that lacks what is needed to use it. */
#include "engine/lease.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define RELEASE_MS 3000
#define RENEW_MIN_MS 200
#define PATIENCE_MIN_MS 1000
#define REQUEST_BYTES 16

struct lease {
	struct ask *monitor;
	struct loop *loop;
	const struct lease_ops *ops;
	void *arg;
	struct record known;     /* token=, lease= */
	struct record wanted;    /* op=alloc ... request= */
	int64_t deadline;        /* for that */
	int64_t release_by;      /* one for all that is asked while stopping */
	bool again;              /* it was asked a second time */
	struct question *asked;  /* the one that is not answered yet */
	struct loop_timer timer; /* next renewal; while stopping: the end of patience */
	int64_t ttl, expires;
	time_t until;            /* when its permit ends; 0: it has none */
	int64_t permit_at;       /* when the next one is asked for */
	bool held, stopping, overdue;
};

static void renew(void *arg);

/* renew and release; an allocation that fails is tried again like silence. */
static bool put(struct lease *l, const char *op, int64_t deadline, void (*end)(void *, const struct ask_end *))
{
	struct ask_conf_question c = { .record = &l->known, .deadline = deadline, .end = end, .arg = l };
	l->asked = record_set(&l->known, "op", op) == 0 ? ask(l->monitor, &c) : NULL;
	return l->asked != NULL;
}

static void quiet(struct lease *l)
{
	loop_cancel(l->loop, &l->timer);
	ask_forget(l->asked);
	l->asked = NULL;
}

static void over(struct lease *l, const char *why)
{
	quiet(l);
	l->held = false;
	l->ops->released(l->arg, why);
}

static void on_released(void *arg, const struct ask_end *end)
{
	struct lease *l = arg;
	l->asked = NULL;
	over(l, end->status == SP_OK ? NULL : end->detail);
}

static void give_back(struct lease *l)
{
	quiet(l);
	if (!put(l, "release", l->release_by, on_released))
		over(l, "out of memory");
}

static void renew_in(struct lease *l, int64_t ms)
{
	loop_at(l->loop, &l->timer, clock_deadline(ms < RENEW_MIN_MS ? RENEW_MIN_MS : ms), renew, l);
}

static void unanswered(struct lease *l, const char *why)
{
	bool tell = !l->overdue && clock_ms() >= l->expires;
	l->overdue |= tell;
	renew_in(l, l->ttl / 10);
	if (tell)
		l->ops->overdue(l->arg, why);
}

/* Of the answer: the permit that there is now. True when it ends later than the last. */
static bool permit_taken(struct lease *l, struct record *answer)
{
	time_t until;
	if (!record_has(answer, "permit") || !time_parse(record_get(answer, "until"), &until))
		return false;
	bool later = until > l->until;
	int64_t left = until - time(NULL);
	l->until = until;
	l->permit_at = later && left > 0 ? clock_deadline(left * 500) : CLOCK_NEVER; /* half of it */
	return later;
}

static void on_renewed(void *arg, const struct ask_end *end)
{
	struct lease *l = arg;
	l->asked = NULL;
	if (end->status == SP_OK) {
		if (permit_taken(l, end->last) && l->ops->renewed)
			l->ops->renewed(l->arg, end->last);
		l->expires = clock_deadline(l->ttl);
		l->overdue = false;
		renew_in(l, l->ttl / 3);
	} else if (!end->last || end->status == SP_SYSTEM) { /* that machine has its own trouble: nothing is said of the lease */
		unanswered(l, end->detail);
	} else {
		l->held = false;
		l->ops->gone(l->arg, end);
	}
}

static void renew(void *arg)
{
	struct lease *l = arg;
	int64_t patience = l->ttl / 3 < PATIENCE_MIN_MS ? PATIENCE_MIN_MS : l->ttl / 3;
	record_drop(&l->known, "wants");
	if (clock_ms() >= l->permit_at) {
		l->permit_at = clock_deadline(l->ttl); /* unless one comes */
		if (record_set(&l->known, "wants", "permit") != 0) {
			unanswered(l, "out of memory");
			return;
		}
	}
	if (!put(l, "renew", clock_deadline(patience), on_renewed))
		unanswered(l, "out of memory");
}

static bool usable(struct lease *l, struct record *answer)
{
	static const char *const needed[] = { "session", "lease", "router", "router_address", "router_port" };
	uint64_t ttl;
	if (!num_u64(record_get(answer, "ttl"), 1, 86400, &ttl))
		return false;
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (record_get(answer, needed[i]).n == 0)
			return false;
	l->ttl = (int64_t)ttl * 1000;
	l->expires = clock_deadline(l->ttl);
	return record_setv(&l->known, view_of("lease"), record_get(answer, "lease")) == 0;
}

static void on_allocated(void *arg, const struct ask_end *end);

static bool ask_for_it(struct lease *l)
{
	struct ask_conf_question c = { .record = &l->wanted, .deadline = l->deadline, .end = on_allocated, .arg = l };
	l->asked = ask(l->monitor, &c);
	return l->asked != NULL;
}

/* The connection broke: there may be a lease that we were not told of. */
static bool ask_again(struct lease *l, const struct ask_end *end)
{
	if (end->last || end->status != SP_PEER || l->again || l->stopping ||
	    (l->deadline != CLOCK_NEVER && clock_ms() >= l->deadline))
		return false;
	l->again = true;
	return ask_for_it(l);
}

static void on_allocated(void *arg, const struct ask_end *end)
{
	struct lease *l = arg;
	struct ask_end bad = *end;
	l->asked = NULL;
	if (ask_again(l, end))
		return;
	l->held = end->status == SP_OK && usable(l, end->last);
	if (l->stopping) { /* nobody wants it any more */
		if (l->held)
			give_back(l);
		else
			over(l, NULL);
	} else if (l->held) {
		permit_taken(l, end->last);
		renew_in(l, l->ttl / 3);
		l->ops->granted(l->arg, end->last);
	} else {
		if (end->status == SP_OK) {
			bad.status = SP_PEER;
			bad.detail = "the monitor's answer lacks session=, lease=, ttl= or the router";
		}
		l->ops->refused(l->arg, &bad);
	}
}

static int name_request(struct record *r)
{
	unsigned char b[REQUEST_BYTES];
	char text[2 * REQUEST_BYTES + 1];
	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		return -1;
	for (size_t i = 0; i < sizeof b; i++)
		snprintf(text + 2 * i, 3, "%02x", b[i]);
	return record_set(r, "request", text);
}

struct lease *lease_ask(struct ask *monitor, const struct record *question, int64_t deadline,
                        const struct lease_ops *ops, void *arg)
{
	struct lease *l = calloc(1, sizeof *l);
	struct field *token = record_find(question, view_of("token"));
	if (!l)
		return NULL;
	l->monitor = monitor;
	l->loop = ask_loop(monitor);
	l->ops = ops;
	l->arg = arg;
	l->deadline = deadline;
	l->permit_at = CLOCK_NEVER;
	if ((token && record_setv(&l->known, token->key, token->raw) != 0) || record_copy(&l->wanted, question) != 0 ||
	    name_request(&l->wanted) != 0 || !ask_for_it(l)) {
		lease_free(l);
		errno = ENOMEM;
		return NULL;
	}
	return l;
}

static void give_up(void *arg)
{
	over(arg, "no answer in time");
}

void lease_release(struct lease *l, int64_t by)
{
	l->stopping = true;
	l->release_by = clock_deadline(RELEASE_MS);
	if (by < l->release_by)
		l->release_by = by;
	if (l->held)
		give_back(l);
	else if (l->asked) /* what is granted now must be given back */
		loop_at(l->loop, &l->timer, l->release_by, give_up, l);
	else
		over(l, NULL);
}

void lease_free(struct lease *l)
{
	if (!l)
		return;
	quiet(l);
	record_clear(&l->known);
	record_clear(&l->wanted);
	free(l);
}
