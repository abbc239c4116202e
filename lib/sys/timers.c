/* timers.c - deadlines in order. A node's first child, and that one's siblings, are
 * due after it; `before` is the sibling before, or the parent of the first. */
#include "sys/timers.h"

static bool is_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

/* Two heaps, either may be empty, as one. */
static struct loop_timer *meld(struct loop_timer *a, struct loop_timer *b)
{
	if (!a || !b)
		return a ? a : b;
	if (is_before(b, a))
		return meld(b, a);
	b->before = a;
	b->next = a->child;
	if (b->next)
		b->next->before = b;
	a->child = b;
	return a;
}

/* Siblings as one heap: by twos, then these from the last to the first. */
static struct loop_timer *meld_all(struct loop_timer *t)
{
	struct loop_timer *pairs = NULL, *all = NULL;
	while (t) {
		struct loop_timer *a = t, *b = t->next;
		t = b ? b->next : NULL;
		a->next = NULL;
		if (b)
			b->next = NULL;
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct loop_timer *a = pairs;
		pairs = a->next;
		a->next = NULL;
		all = meld(all, a);
	}
	return all;
}

void timers_add(struct loop_timer **first, struct loop_timer *t)
{
	static uint64_t order;
	t->order = ++order;
	t->child = t->next = t->before = NULL;
	*first = meld(*first, t);
}

void timers_drop(struct loop_timer **first, struct loop_timer *t)
{
	struct loop_timer *rest = meld_all(t->child);
	if (t == *first) {
		*first = rest;
		return;
	}
	if (t->before->child == t)
		t->before->child = t->next;
	else
		t->before->next = t->next;
	if (t->next)
		t->next->before = t->before;
	*first = meld(*first, rest);
}
