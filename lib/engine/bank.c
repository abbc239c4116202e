/* bank.c - the lines of a router: what they are and who may have which. Refuses
 * names and groups given twice, addresses that are no lines, and a descriptor,
 * which cannot be opened a second time. */
#include "engine/bank.h"

#include "base/num.h"
#include "sys/lineopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_MAX 600000 /* ms: no failed line waits for longer */

const char *bank_state_name(enum bank_state s)
{
	static const char *const names[] = { "idle", "dialing", "connected", "failed", "busy" };
	return names[s];
}

struct bank_line *bank_find(const struct bank *b, struct view name)
{
	for (unsigned i = 0; i < b->nlines; i++)
		if (view_is(name, b->line[i]->name))
			return b->line[i];
	return NULL;
}

static struct bank_group *group_find(const struct bank *b, struct view name)
{
	for (unsigned i = 0; i < b->ngroups; i++)
		if (view_is(name, b->group[i]->name))
			return b->group[i];
	return NULL;
}

const char *bank_kind(struct view address)
{
	static const char *const kinds[] = { "tcp", "unix", "tty", "modem", "telnet", "back" };
	struct view kind;
	view_split(&address, ':', &kind);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (view_is(kind, kinds[i]))
			return kinds[i];
	return NULL;
}

static bool fill(struct bank_line *l, struct view name, struct view address, const char **why)
{
	struct addr a;
	struct line_options o;
	*why = "a line is NAME=ADDRESS; a name has letters, digits, _ . and -";
	if (!dialstring_name(name) || !view_str(name, l->name, sizeof l->name) || !view_str(address, l->address, sizeof l->address))
		return false;
	if (!addr_parse(l->address, &a, why) || line_options(&a, &o, why) != 0)
		return false;
	*why = "this cannot be a router's line (modem:, telnet:, tty:, tcp:, unix:, back:)";
	l->kind = bank_kind(address);
	l->dials = o.modem;
	l->since = time(NULL);
	snprintf(l->shown, sizeof l->shown, "%.*s", (int)strcspn(l->address, "?"), l->address);
	return l->kind != NULL;
}

bool bank_add(struct bank *b, const char *text, const char **why)
{
	struct view rest = view_of(text), name;
	view_split(&rest, '=', &name);
	*why = "there is a line of that name already";
	if (bank_find(b, name))
		return false;
	*why = "too many lines";
	if (b->nlines == BANK_LINES_MAX)
		return false;
	*why = "out of memory";
	struct bank_line *l = calloc(1, sizeof *l);
	struct bank_line **more = realloc(b->line, (b->nlines + 1) * sizeof *more);
	if (more)
		b->line = more;
	if (l && more && fill(l, name, rest, why)) {
		b->line[b->nlines++] = l;
		return true;
	}
	free(l);
	return false;
}

static bool members(struct bank *b, struct bank_group *g, struct view rest, const char **why)
{
	struct view one;
	*why = "a hunt group is GROUP=LINE,LINE...";
	if (!rest.n)
		return false;
	while (view_split(&rest, ',', &one)) {
		struct bank_line *l = bank_find(b, one);
		*why = "one of its lines is not there";
		if (!l)
			return false;
		for (unsigned i = 0; i < b->nlines; i++)
			g->has[i] |= b->line[i] == l;
	}
	return true;
}

bool bank_hunt(struct bank *b, const char *text, const char **why)
{
	struct view rest = view_of(text), name;
	view_split(&rest, '=', &name);
	*why = group_find(b, name) ? "there is a group of that name already"
	       : !dialstring_name(name) ? "a hunt group is GROUP=LINE,LINE..."
	       : b->ngroups == BANK_GROUPS_MAX ? "too many groups" : NULL;
	struct bank_group *g = *why ? NULL : calloc(1, sizeof *g);
	if (g && view_str(name, g->name, sizeof g->name) && members(b, g, rest, why)) {
		b->group[b->ngroups++] = g;
		return true;
	}
	free(g);
	return false;
}

void bank_clear(struct bank *b)
{
	for (unsigned i = 0; i < b->nlines; i++)
		free(b->line[i]);
	for (unsigned i = 0; i < b->ngroups; i++)
		free(b->group[i]);
	free(b->line);
	*b = (struct bank){ 0 };
}

/* A line that does not dial leads to one place only: it is meant by name, or by a
 * group that somebody has put it into. */
static bool meant(const struct bank *b, unsigned i, const struct bank_group *g, const struct dialstring *d)
{
	const struct bank_line *l = b->line[i];
	if (*d->line && strcmp(d->line, l->name) != 0)
		return false;
	return g ? g->has[i] : *d->line || l->dials;
}

static const char *no_group = "there is no such hunt group";

unsigned bank_knows(const struct bank *b, const struct dialstring *d, const char **why)
{
	struct bank_group *g = *d->group ? group_find(b, view_of(d->group)) : NULL;
	unsigned n = 0;
	*why = no_group;
	if (*d->group && !g)
		return 0;
	*why = *d->line ? "there is no such line" : "this router has no line that dials";
	for (unsigned i = 0; i < b->nlines; i++)
		n += meant(b, i, g, d);
	return n;
}

static void set(struct bank *b, struct bank_line *l, enum bank_state state)
{
	if (l->state != state)
		l->since = time(NULL);
	l->state = state;
	if (b->changed)
		b->changed(b->arg, l);
}

struct bank_line *bank_take(struct bank *b, const struct dialstring *d, const char **why)
{
	struct bank_group *g = *d->group ? group_find(b, view_of(d->group)) : NULL;
	unsigned *last = g ? &g->last : &b->last;
	if (!bank_knows(b, d, why))
		return NULL;
	bool out = true;
	for (unsigned n = 0; n < b->nlines; n++) {
		unsigned i = (*last + n) % b->nlines;
		struct bank_line *l = b->line[i];
		if (!meant(b, i, g, d))
			continue;
		out &= l->state == BANK_FAILED;
		if (l->state != BANK_IDLE)
			continue;
		*last = i + 1;
		snprintf(l->phone, sizeof l->phone, "%s", d->number);
		set(b, l, BANK_DIALING);
		return l;
	}
	*why = out ? "every line is out of service" : "no line is free";
	return NULL;
}

void bank_dials(struct bank_line *l)
{
	l->calls++;
}

void bank_connected(struct bank *b, struct bank_line *l)
{
	if (l->state == BANK_CONNECTED)
		return;
	l->delay = 0;
	set(b, l, BANK_CONNECTED);
}

void bank_idle(struct bank *b, struct bank_line *l)
{
	if (l->state == BANK_IDLE)
		return;
	l->phone[0] = l->reason[0] = l->detail[0] = '\0';
	set(b, l, BANK_IDLE);
}

void bank_out(struct bank *b, struct bank_line *l, bool busy, const char *reason, const char *detail)
{
	enum bank_state to = busy ? BANK_BUSY : BANK_FAILED;
	bool same = l->state == to && strcmp(l->detail, detail) == 0;
	l->delay = busy || !l->delay ? b->retry : l->delay * 2 > DELAY_MAX ? DELAY_MAX : l->delay * 2;
	l->failures += !busy && l->state != BANK_FAILED;
	l->phone[0] = '\0';
	snprintf(l->reason, sizeof l->reason, "%s", reason);
	snprintf(l->detail, sizeof l->detail, "%s", detail);
	if (!same)
		set(b, l, to);
}

void bank_groups(const struct bank *b, const struct bank_line *l, char *out, size_t size)
{
	size_t n = 0;
	*out = '\0';
	for (unsigned g = 0; g < b->ngroups; g++)
		for (unsigned i = 0; i < b->nlines; i++)
			if (b->line[i] == l && b->group[g]->has[i] && n < size)
				n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", b->group[g]->name);
}
