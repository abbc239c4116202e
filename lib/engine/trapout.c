/* trapout.c - the records on their way and the managers' queues.
 * A record is handed back when nobody is left who may soon acknowledge it. */
#include "engine/trapout.h"

#include "engine/manager.h"

#include <errno.h>
#include <stdlib.h>

struct item {
	struct record rec;
	unsigned holders; /* queues that have it, and the list */
	unsigned open;    /* managers that it waits for before it is handed back */
	unsigned acknowledged;
	struct item *next;
};

struct trapout {
	struct loop *loop;
	const struct trapout_conf *conf;
	const struct trapout_ops *ops;
	void *arg;
	struct manager *manager;
	struct item *first, **last;
};

struct trapout *trapout_new(struct loop *l, const struct trapout_conf *conf, const struct trapout_ops *ops, void *arg)
{
	struct trapout *t = calloc(1, sizeof *t);
	if (t) {
		*t = (struct trapout){ .loop = l, .conf = conf, .ops = ops, .arg = arg };
		t->last = &t->first;
	}
	return t;
}

static void item_release(struct item *i)
{
	if (--i->holders > 0)
		return;
	record_clear(&i->rec);
	free(i);
}

/* Hands back what is settled at the front. */
static void hand_back(struct trapout *t)
{
	while (t->first && t->first->open == 0) {
		struct item *i = t->first;
		t->first = i->next;
		if (!t->first)
			t->last = &t->first;
		t->ops->done(t->arg, &i->rec, i->acknowledged);
		item_release(i);
	}
}

static void settled(void *arg, struct item *i, bool acknowledged)
{
	i->open--;
	i->acknowledged += acknowledged;
	hand_back(arg);
}

static void dropped(void *arg, struct manager *m, struct item *i, bool lost)
{
	struct trapout *t = arg;
	if (lost)
		t->ops->lost(t->arg, manager_name(m), &i->rec, manager_lost(m));
	item_release(i);
	if (trapout_pending(t) == 0)
		t->ops->drained(t->arg);
}

static void trouble(void *arg, struct manager *m, const char *why, bool refused)
{
	struct trapout *t = arg;
	t->ops->trouble(t->arg, manager_name(m), why, refused);
}

static struct record *record_of(struct item *i)
{
	return &i->rec;
}

int trapout_manager(struct trapout *t, const char *address, const char **why)
{
	static const struct manager_ops ops = { settled, dropped, trouble, record_of };
	struct manager *m = manager_new(t->loop, t->conf, address, &ops, t, why);
	if (!m)
		return -1;
	manager_append(&t->manager, m);
	return 0;
}

int trapout_send(struct trapout *t, struct record *r, const char **why)
{
	struct trap_var var[TRAP_VARS_MAX];
	if (trap_encode(r, 0, var, why) < 0)
		return -1;
	struct item *i = calloc(1, sizeof *i);
	if (!i || record_copy(&i->rec, r) != 0) {
		free(i);
		*why = "out of memory";
		return -1;
	}
	i->holders = 2; /* the list and this function */
	*t->last = i;
	t->last = &i->next;
	for (struct manager *m = t->manager; m; m = manager_next(m)) {
		i->open++;
		i->holders++;
	}
	for (struct manager *m = t->manager; m; m = manager_next(m))
		manager_queue(m, i);
	hand_back(t);
	item_release(i);
	return 0;
}

size_t trapout_pending(const struct trapout *t)
{
	size_t n = 0;
	for (struct manager *m = t->manager; m; m = manager_next(m))
		n += manager_queued(m);
	return n;
}

void trapout_free(struct trapout *t)
{
	if (!t)
		return;
	while (t->manager) {
		struct manager *m = t->manager;
		t->manager = manager_next(m);
		manager_free(m);
	}
	while (t->first) {
		struct item *i = t->first;
		t->first = i->next;
		item_release(i);
	}
	free(t);
}
