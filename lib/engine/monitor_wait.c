/* monitor_wait.c - questions that met a store which another program has locked: each is asked again a moment
 * later, and later each time, until its time is over. Nothing more is read of its client meanwhile, and what was
 * read already keeps its place behind it; everybody else is served, since nothing here waits for a lock. */
#include "engine/monitor_impl.h"

#include <stdlib.h>

#define LOCKED_MS 2000 /* less than anybody waits who asks; another monitor's transactions take a hundredth of it */
#define WAITS_MAX 1024 /* of a client: what one reading may bring */
#define AGAIN_MIN_MS 10
#define AGAIN_MAX_MS 250

struct mon_wait {
	struct mon_wait *next;
	struct record q;
	int64_t since; /* it was asked then; 0: not yet, it came behind another */
	int64_t came;
};

static void wait_free(struct mon_wait *w)
{
	record_clear(&w->q);
	free(w);
}

static struct mon_wait *wait_new(struct monitor_client *c, const struct record *q, int64_t since, int64_t came)
{
	struct mon_wait *w = c->nwaits < WAITS_MAX ? calloc(1, sizeof *w) : NULL;
	if (!w)
		return NULL;
	w->since = since;
	w->came = came;
	if (record_copy(&w->q, q) != 0) {
		wait_free(w);
		return NULL;
	}
	c->nwaits++;
	return w;
}

static struct mon_wait *first(struct monitor_client *c)
{
	struct mon_wait *w = c->waits;
	c->waits = w->next;
	c->nwaits--;
	return w;
}

/* Until one has to wait once more. */
static void again(void *arg)
{
	struct monitor_client *c = arg;
	while (c->waits && !c->dead && !c->again.armed) {
		struct mon_wait *w = first(c);
		c->came = w->came;
		mon_ask_since(c, &w->q, w->since);
		c->came = 0;
		wait_free(w);
	}
	if (mon_reads(c))
		chan_pause(c->chan, false);
}

/* It is the oldest: the others came behind it. */
bool mon_ask_later(struct mon_ask *a)
{
	struct monitor_client *c = a->c;
	int64_t now = clock_ms(), came = a->since ? a->since : c->came ? c->came : now, ms = (now - came) / 2;
	struct mon_wait *w = now - came < LOCKED_MS ? wait_new(c, a->q, came, came) : NULL;
	if (!w)
		return false;
	w->next = c->waits;
	c->waits = w;
	loop_at(c->m->conf.loop, &c->again, now + (ms < AGAIN_MIN_MS ? AGAIN_MIN_MS : ms > AGAIN_MAX_MS ? AGAIN_MAX_MS : ms), again, c);
	if (c->chan)
		chan_pause(c->chan, true);
	return true;
}

bool mon_ask_behind(struct monitor_client *c, const struct record *q)
{
	struct mon_wait **last = &c->waits;
	if (!c->waits)
		return false;
	while (*last)
		last = &(*last)->next;
	*last = wait_new(c, q, 0, clock_ms());
	if (!*last) {
		c->dead = true; /* he has sent more than is kept, or there is no memory */
		mon_work_soon(c->m);
	}
	return true;
}

void mon_wait_free(struct monitor_client *c)
{
	loop_cancel(c->m->conf.loop, &c->again);
	while (c->waits)
		wait_free(first(c));
}
