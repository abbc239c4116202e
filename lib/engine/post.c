/* post.c - a queue in front of an asker: a window of questions under way,
 * asked again in their order when the monitor comes back. */
#include "engine/post.h"

#include <errno.h>
#include <stdlib.h>

#define WINDOW 32     /* questions under way at once */
#define ANSWER_MS 5000
#define AGAIN_MS 1000 /* between tries while the monitor is away */

struct item {
	struct item *next;
	struct post *post;
	struct record rec;
	struct question *asked;
};

struct post {
	struct ask *monitor;
	struct loop *loop;
	const struct post_ops *ops;
	void *arg;
	struct item *first, **last;
	unsigned n, max, under_way;
	uint64_t lost;
	bool away;
	struct loop_timer again;
};

static void on_end(void *arg, const struct ask_end *end);

static void item_free(struct item *i)
{
	ask_forget(i->asked);
	record_clear(&i->rec);
	free(i);
}

static void take_out(struct item *i)
{
	struct post *p = i->post;
	struct item **at = &p->first;
	while (*at != i)
		at = &(*at)->next;
	*at = i->next;
	if (!i->next)
		p->last = at;
	p->n--;
}

/* Asks for those that are not under way, as far as the window allows; while
 * the monitor is away for one only, to see whether it is back. */
static void advance(void *arg)
{
	struct post *p = arg;
	unsigned window = p->away ? 1 : WINDOW;
	for (struct item *i = p->first; i && p->under_way < window; i = i->next) {
		if (i->asked)
			continue;
		struct ask_conf_question c = { .record = &i->rec, .deadline = clock_deadline(ANSWER_MS),
			                       .end = on_end, .arg = i };
		i->asked = ask(p->monitor, &c);
		if (!i->asked) { /* out of memory: as if it were away */
			loop_at(p->loop, &p->again, clock_deadline(AGAIN_MS), advance, p);
			return;
		}
		p->under_way++;
	}
}

static void no_answer(struct post *p, const struct ask_end *end)
{
	bool first = !p->away;
	p->away = true;
	if (p->under_way == 0)
		loop_at(p->loop, &p->again, clock_deadline(AGAIN_MS), advance, p);
	if (first)
		p->ops->away(p->arg, end);
}

static void answered(struct item *i, const struct ask_end *end)
{
	struct post *p = i->post;
	bool was_away = p->away;
	uint64_t lost = p->lost;
	p->away = false;
	p->lost = 0;
	take_out(i);
	if (was_away)
		p->ops->back(p->arg, lost);
	if (end->status == SP_OK)
		p->ops->posted(p->arg, &i->rec);
	else
		p->ops->refused(p->arg, &i->rec, end);
	item_free(i);
	advance(p);
	p->ops->room(p->arg);
}

static void on_end(void *arg, const struct ask_end *end)
{
	struct item *i = arg;
	i->asked = NULL;
	i->post->under_way--;
	if (end->last && end->status != SP_SYSTEM) /* its own trouble, as a store that is locked, passes */
		answered(i, end);
	else
		no_answer(i->post, end);
}

/* Room for one more: the oldest that is not under way goes. */
static void lose_one(struct post *p)
{
	struct item *i = p->first;
	while (i && i->asked)
		i = i->next;
	if (!i)
		i = p->first;
	p->under_way -= i->asked != NULL;
	p->lost++;
	take_out(i);
	item_free(i);
}

struct post *post_new(struct ask *monitor, unsigned max, const struct post_ops *ops, void *arg)
{
	struct post *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	*p = (struct post){ .monitor = monitor, .loop = ask_loop(monitor), .ops = ops, .arg = arg, .max = max ? max : 1 };
	p->last = &p->first;
	return p;
}

void post_free(struct post *p)
{
	if (!p)
		return;
	loop_cancel(p->loop, &p->again);
	while (p->first) {
		struct item *i = p->first;
		p->first = i->next;
		item_free(i);
	}
	free(p);
}

/* The asker adds an id=: what has no room for one would never be asked, and
 * hold up all that is behind it. */
static int take_in(struct item *i, const struct record *r)
{
	static const char longest[] = "0000000000000000.18446744073709551615";
	return record_copy(&i->rec, r) != 0 ? -1 : record_set(&i->rec, "id", longest);
}

int post_add(struct post *p, const struct record *r)
{
	struct item *i = calloc(1, sizeof *i);
	if (!i || take_in(i, r) != 0) {
		int e = i ? errno : ENOMEM;
		if (i)
			record_clear(&i->rec);
		free(i);
		errno = e;
		return -1;
	}
	if (p->n >= p->max)
		lose_one(p);
	i->post = p;
	*p->last = i;
	p->last = &i->next;
	p->n++;
	if (!p->away)
		advance(p);
	return 0;
}

bool post_full(const struct post *p)
{
	return p->n >= p->max && !p->away;
}

unsigned post_waiting(const struct post *p)
{
	return p->n;
}

uint64_t post_lost(const struct post *p)
{
	return p->lost;
}
