/* linkroute.c - routes, rule and rp_filter of one link.
 * A rule carries its link's number in its priority (10000 + ifindex mod 20000),
 * so two links with the same address have a rule each, and a rule whose link is
 * gone can be told from one that is in use. */
#include "engine/linkroute.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PRIORITY = 10000, PRIORITIES = 20000 };

struct deed { /* what the guard knows */
	bool is_rule;
	union {
		struct route route;
		struct route_rule rule;
	} u;
};

static void undo(const void *item)
{
	struct deed d;
	int nl = route_open();
	memcpy(&d, item, sizeof d);
	if (d.is_rule)
		route_rule_del(nl, &d.u.rule);
	else
		route_del(nl, &d.u.route);
	close(nl);
}

struct guard *linkroute_guard(void)
{
	return guard_new(sizeof(struct deed), undo);
}

static uint32_t priority_of(int ifindex)
{
	return (uint32_t)(PRIORITY + ifindex % PRIORITIES);
}

static struct deed rule_deed(const struct linkroute *l)
{
	struct deed d;
	memset(&d, 0, sizeof d); /* padding too: items are compared as bytes */
	d.is_rule = true;
	d.u.rule = (struct route_rule){ l->own, l->table, priority_of(l->ifindex) };
	return d;
}

static struct deed route_deed(const struct linkroute *l, struct in_addr dst, unsigned bits, uint32_t metric)
{
	struct deed d;
	memset(&d, 0, sizeof d);
	d.u.route = (struct route){ dst, bits, l->ifindex, l->table, metric };
	return d;
}

/* A rule that is there already is one of an earlier life of this number. */
static int rule_take(struct linkroute *l)
{
	struct deed d = rule_deed(l);
	if (l->users > 0) {
		l->users++;
		return 0;
	}
	if (guard_add(l->guard, &d) < 0)
		return -1;
	if (route_rule_add(l->nl, &d.u.rule) < 0 && errno != EEXIST) {
		int e = errno;
		guard_drop(l->guard, &d);
		errno = e;
		return -1;
	}
	l->users = 1;
	return 0;
}

static void rule_drop(struct linkroute *l)
{
	struct deed d = rule_deed(l);
	if (l->users == 0 || --l->users > 0)
		return;
	route_rule_del(l->nl, &d.u.rule);
	guard_drop(l->guard, &d);
}

static int route_take(struct linkroute *l, struct deed d)
{
	if (guard_add(l->guard, &d) < 0)
		return -1;
	if (route_add(l->nl, &d.u.route) == 0)
		return 0;
	int e = errno;
	guard_drop(l->guard, &d);
	errno = e;
	return -1;
}

static void route_drop(struct linkroute *l, struct deed d)
{
	route_del(l->nl, &d.u.route); /* ESRCH: it went with its device */
	guard_drop(l->guard, &d);
}

int linkroute_add(struct linkroute *l, struct in_addr host)
{
	if (rule_take(l) < 0)
		return -1;
	if (route_take(l, route_deed(l, host, 32, 0)) == 0)
		return 0;
	int e = errno;
	rule_drop(l);
	errno = e;
	return -1;
}

void linkroute_del(struct linkroute *l, struct in_addr host)
{
	route_drop(l, route_deed(l, host, 32, 0));
	rule_drop(l);
}

struct stale {
	struct route_rule rule[64];
	unsigned n;
};

static void stale_one(void *arg, const struct route_rule *r)
{
	struct stale *s = arg;
	if (r->priority >= PRIORITY && r->priority < PRIORITY + PRIORITIES && s->n < 64)
		s->rule[s->n++] = *r;
}

static void stale_delete(int nl, uint32_t table)
{
	struct stale s = { .n = 0 };
	struct if_nameindex *all = if_nameindex();
	if (all && route_rule_each(nl, table, stale_one, &s) == 0)
		for (unsigned i = 0; i < s.n; i++) {
			const struct if_nameindex *d = all;
			while (d->if_index && priority_of((int)d->if_index) != s.rule[i].priority)
				d++;
			if (!d->if_index)
				route_rule_del(nl, &s.rule[i]);
		}
	if (all)
		if_freenameindex(all);
}

/* One more route a prefix, at a metric of the link's own, behind every host's. */
static struct deed hint(const struct linkroute *l, const struct prefix *p)
{
	return route_deed(l, p->net, p->bits, (uint32_t)l->ifindex);
}

int linkroute_open(struct linkroute *l, const struct prefix *p, unsigned n, const char **why)
{
	int all = route_rp_filter("all"), own = route_rp_filter(l->interface);
	*why = "unable to read rp_filter";
	if (all < 0 || own < 0)
		return -1;
	stale_delete(l->nl, l->table);
	if (own != (all ? 2 : 0) && route_rp_filter_set(l->interface, all ? 2 : 0) == 0)
		own = all ? 2 : 0;
	if (all == 0 && own == 0)
		return 0;
	*why = "unable to add a route for rp_filter";
	for (unsigned i = 0; i < n; i++) {
		if (rule_take(l) < 0)
			return -1;
		if (route_take(l, hint(l, &p[i])) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

void linkroute_close(struct linkroute *l, const struct prefix *p, unsigned n)
{
	for (unsigned i = 0; i < n && l->users > 0; i++) {
		route_drop(l, hint(l, &p[i]));
		rule_drop(l);
	}
}
