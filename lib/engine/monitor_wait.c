/* monitor_wait.c - questions that met a store which another program has locked: each is asked again a moment
 * later, and later each time, until its time is over. Nothing more is read of its client meanwhile; everybody
 * else is served, since nothing here waits for a lock. */
#include "engine/monitor_impl.h"

#include <stdlib.h>

#define LOCKED_MS 2000 /* less than anybody waits who asks; another monitor's transactions take a hundredth of it */
#define WAITS_MAX 64   /* of a client, which has sent more than is read at once */
#define AGAIN_MIN_MS 10
#define AGAIN_MAX_MS 250

struct mon_wait {
	struct mon_wait *next;
	struct monitor_client *c;
	struct record q;
	int64_t since;
	struct loop_timer timer;
};

static struct mon_wait *taken(struct mon_wait *w)
{
	struct mon_wait **p = &w->c->waits;
	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	w->c->nwaits--;
	loop_cancel(w->c->m->conf.loop, &w->timer);
	return w;
}

static void wait_free(struct mon_wait *w)
{
	record_clear(&w->q);
	free(w);
}

static void again(void *arg)
{
	struct mon_wait *w = taken(arg);
	struct monitor_client *c = w->c;
	if (!c->dead)
		mon_ask_since(c, &w->q, w->since);
	wait_free(w);
	if (mon_reads(c))
		chan_pause(c->chan, false);
}

bool mon_ask_later(struct mon_ask *a)
{
	struct monitor_client *c = a->c;
	int64_t now = clock_ms(), since = a->since ? a->since : now, ms = (now - since) / 2;
	struct mon_wait *w = now - since < LOCKED_MS && c->nwaits < WAITS_MAX ? calloc(1, sizeof *w) : NULL;
	if (!w || record_copy(&w->q, a->q) != 0) {
		free(w);
		return false;
	}
	w->c = c;
	w->since = since;
	w->next = c->waits;
	c->waits = w;
	c->nwaits++;
	loop_at(c->m->conf.loop, &w->timer, now + (ms < AGAIN_MIN_MS ? AGAIN_MIN_MS : ms > AGAIN_MAX_MS ? AGAIN_MAX_MS : ms), again, w);
	if (c->chan)
		chan_pause(c->chan, true);
	return true;
}

void mon_wait_free(struct monitor_client *c)
{
	while (c->waits)
		wait_free(taken(c->waits));
}
