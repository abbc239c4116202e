/* nas_lines.c - what a session asks of the parent about lines: one for its call,
 * the next one when it failed, and all of them to look at. A call over an address
 * has a number of the pool, line1, line2 ...; one to a telephone number a line of
 * the bank. Each session has one of them at most. */
#include "engine/nas_impl.h"

#include "sys/uucplock.h"

#include <arpa/inet.h>
#include <stdio.h>

static bool text(struct record *r, const char *key, char *out, size_t size)
{
	return view_str(record_get(r, key), out, size);
}

static void give_back(struct nas_child *c)
{
	if (c->has_line)
		pool_give(&c->nas->lines, c->line);
	c->has_line = false;
	if (c->bank)
		bank_idle(&c->nas->bank, c->bank);
	c->bank = NULL;
}

void nas_lines_down(struct nas_child *c)
{
	give_back(c);
	if (c->has_alias)
		pool_give(&c->nas->aliases, c->alias);
	c->has_alias = false;
}

/* A process that was killed has left the locks of its line behind. */
void nas_lines_unlock(pid_t pid)
{
	uucplock_forget(UUCPLOCK_DIR, pid);
}

static void refuse(struct nas_child *c, struct record *r, enum sp_exit status, const char *why)
{
	record_set(r, "error", sp_exit_name(status));
	record_set(r, "detail", why);
	give_back(c);
	nas_reply(c, r);
}

static bool alias(struct nas_child *c)
{
	if (!c->has_alias)
		c->has_alias = pool_take(&c->nas->aliases, &c->alias);
	return c->has_alias;
}

static void answer(struct nas_child *c, struct record *r)
{
	char a[INET_ADDRSTRLEN];
	record_set(r, "alias", inet_ntop(AF_INET, &(struct in_addr){ htonl(c->alias) }, a, sizeof a));
	nas_reply(c, r);
}

static void bank_line(struct nas_child *c, struct record *r)
{
	struct bank *b = &c->nas->bank;
	const char *why;
	struct dialstring d = c->wanted;
	give_back(c);
	if (!bank_knows(b, &d, &why)) {
		refuse(c, r, SP_USAGE, why);
		return;
	}
	c->bank = bank_take(b, &d, &why);
	if (!c->bank || !alias(c)) {
		refuse(c, r, SP_BUSY, c->bank ? "no alias is free" : why);
		return;
	}
	c->kind = c->bank->kind;
	record_set(r, "line", c->bank->name);
	if (d.speed)
		record_setf(r, "address", "%s%cspeed=%llu", c->bank->address, strchr(c->bank->address, '?') ? '&' : '?',
		            (unsigned long long)d.speed);
	else
		record_set(r, "address", c->bank->address);
	if (c->bank->dials)
		record_set(r, "number", d.number);
	answer(c, r);
}

static void pool_line(struct nas_child *c, struct record *r)
{
	struct nas *n = c->nas;
	if (c->bank)
		give_back(c);
	if (!c->has_line)
		c->has_line = pool_take(&n->lines, &c->line);
	if (!c->has_line || !alias(c)) {
		refuse(c, r, SP_BUSY, c->has_line ? "no alias is free" : "no line is free");
		return;
	}
	c->kind = bank_kind(record_get(r, "dial"));
	record_setf(r, "line", "line%u", (unsigned)c->line);
	answer(c, r);
}

/* dial= an address, or number= [group= wanted= speed=]. */
void nas_on_line(struct nas_child *c, struct record *r)
{
	struct dialstring *d = &c->wanted;
	*d = (struct dialstring){ 0 };
	c->refusals = 0;
	if (!record_has(r, "number")) {
		pool_line(c, r);
		return;
	}
	text(r, "number", d->number, sizeof d->number);
	text(r, "group", d->group, sizeof d->group);
	text(r, "wanted", d->line, sizeof d->line);
	num_u64(record_get(r, "speed"), 0, UINT32_MAX, &d->speed);
	bank_line(c, r);
}

void nas_on_release(struct nas_child *c, struct record *r)
{
	(void)r;
	nas_lines_down(c);
}

static void take_out(struct nas_child *c, struct record *r)
{
	struct bank_line *l = c->bank;
	char reason[32];
	const char *detail = record_str(r, "detail");
	text(r, "reason", reason, sizeof reason);
	c->bank = NULL;
	bank_out(&c->nas->bank, l, view_is(record_get(r, "fault"), "held"), reason, detail ? detail : "");
	nas_probe_later(c->nas, l);
}

/* The line failed (fault=failed), another program has it (held), or it does not take
 * the number (refused; then it stays in service): the next one. Each may refuse once. */
void nas_on_fault(struct nas_child *c, struct record *r)
{
	struct record next = { 0 };
	const char *why;
	bool more = c->bank;
	if (c->bank && view_is(record_get(r, "fault"), "refused")) {
		give_back(c);
		more = ++c->refusals < bank_knows(&c->nas->bank, &c->wanted, &why);
	} else if (c->bank) {
		take_out(c, r);
	}
	record_set(&next, "op", "line");
	if (more)
		bank_line(c, &next);
	else
		refuse(c, &next, SP_BUSY, "no line is free");
	record_clear(&next);
}

static void row(struct nas_child *c, const struct bank_line *l)
{
	struct record r = { 0 };
	char groups[512], since[TIME_TEXT];
	bank_groups(&c->nas->bank, l, groups, sizeof groups);
	time_text(l->since, since);
	if (record_set(&r, "op", "row") == 0 && record_set(&r, "line", l->name) == 0 &&
	    record_set(&r, "address", l->shown) == 0 && (!*groups || record_set(&r, "group", groups) == 0) &&
	    record_set(&r, "state", bank_state_name(l->state)) == 0 && record_set(&r, "since", since) == 0 &&
	    (!*l->phone || record_set(&r, "phone", l->phone) == 0) &&
	    record_setf(&r, "calls", "%llu", (unsigned long long)l->calls) == 0 &&
	    record_setf(&r, "failures", "%llu", (unsigned long long)l->failures) == 0 &&
	    (!*l->reason || record_set(&r, "reason", l->reason) == 0) &&
	    (!*l->detail || record_set(&r, "detail", l->detail) == 0))
		nas_reply(c, &r);
	record_clear(&r);
}

void nas_on_lines(struct nas_child *c, struct record *r)
{
	for (unsigned i = 0; i < c->nas->bank.nlines; i++)
		row(c, c->nas->bank.line[i]);
	record_set(r, "op", "rows");
	nas_reply(c, r);
}

void nas_lines_state(struct nas_child *c, struct record *r)
{
	struct view state = record_get(r, "state");
	if (!c->bank)
		return;
	if (view_is(state, "dialing"))
		bank_dials(c->bank);
	else if (!view_is(state, "ringing"))
		bank_connected(&c->nas->bank, c->bank);
}

/* A line has changed: its record on standard output. */
void nas_lines_tell(void *arg, const struct bank_line *l)
{
	struct nas *n = arg;
	struct record r = { 0 };
	if (record_set(&r, "router", n->conf.name) == 0 && record_set(&r, "line", l->name) == 0 &&
	    record_set(&r, "line_state", bank_state_name(l->state)) == 0 && (!*l->phone || record_set(&r, "phone", l->phone) == 0) &&
	    (!*l->reason || record_set(&r, "reason", l->reason) == 0) && (!*l->detail || record_set(&r, "detail", l->detail) == 0))
		n->ops->state(n->arg, &r);
	record_clear(&r);
}

void nas_lines_all(void *arg)
{
	struct nas *n = arg;
	for (unsigned i = 0; i < n->bank.nlines; i++)
		nas_lines_tell(n, n->bank.line[i]);
}
