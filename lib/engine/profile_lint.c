/* profile_lint.c - what a profile cannot mean. It is a graph: where its rows lead
 * from the start, before and after the call is ready, and from the hangup. */
#include "engine/profile.h"

#include "base/exit.h"

#include <stdlib.h>

struct lint {
	const struct profile *p;
	profile_fault *fault;
	void *arg;
	bool *seen; /* by number */
	bool ready, done; /* seen on the way */
};

static bool does(const struct profile_row *r, enum profile_verb from, enum profile_verb to)
{
	for (const struct profile_act *a = r->act; a; a = a->next)
		if (a->verb >= from && a->verb <= to)
			return true;
	return false;
}

static void visit(struct lint *l, const struct profile_state *s, bool before);

static void rows(struct lint *l, const struct profile_state *of, bool before)
{
	for (const struct profile_row *r = of->row; r; r = r->next) {
		bool ready = does(r, DO_READY, DO_READY);
		l->ready |= ready;
		l->done |= does(r, DO_FAIL, DO_DONE);
		if (r->to && !(before && ready) && !does(r, DO_FAIL, DO_DONE))
			visit(l, r->to, before);
	}
}

/* All states that s leads to; before: without having said ready. */
static void visit(struct lint *l, const struct profile_state *s, bool before)
{
	if (l->seen[s->number])
		return;
	l->seen[s->number] = true;
	rows(l, s, before);
	rows(l, &l->p->any, before);
}

static void say(struct lint *l, unsigned long line, const char *why, const char *what)
{
	l->fault(l->arg, line, why, what);
}

static void again(struct lint *l)
{
	memset(l->seen, 0, l->p->states * sizeof *l->seen);
	l->ready = l->done = false;
}

static bool leads_on(const struct profile_state *s, const struct profile_state *of)
{
	for (const struct profile_row *r = of->row; r; r = r->next)
		if ((r->to && r->to != s) || does(r, DO_FAIL, DO_DONE) || does(r, DO_READY, DO_READY))
			return true;
	return false;
}

/* Its time passes, and it is entered again, as often as may be? */
static bool polls_for_ever(const struct profile_state *s)
{
	for (const struct profile_row *r = s->row; r; r = r->next)
		if (r->on == ON_TIMEOUT && r->to == s && s->tries == UINT64_MAX)
			return true;
	return false;
}

static void ways(struct lint *l)
{
	const struct profile *p = l->p;
	visit(l, p->start, true);
	for (const struct profile_state *s = p->state; s; s = s->next) {
		if (l->seen[s->number] && polls_for_ever(s))
			say(l, s->where, "asks again for ever: tries N is missing", s->name);
		if (l->seen[s->number] && s->timeout == PROFILE_NEVER)
			say(l, s->where, "waits for ever, and the call is not ready", s->name);
		else if (l->seen[s->number] && s != p->hangup && !leads_on(s, s) && !leads_on(s, &p->any))
			say(l, s->where, "no row leads on from this state", s->name);
	}
	again(l);
	visit(l, p->start, false);
	if (!l->ready)
		say(l, p->start->where, "nothing that follows from the start says ready", p->start_name);
	l->done = false;
	visit(l, p->hangup, false);
	for (const struct profile_state *s = p->state; s; s = s->next)
		if (!l->seen[s->number])
			say(l, s->where, "no row leads to this state", s->name);
	again(l);
	visit(l, p->hangup, false);
	if (!l->done)
		say(l, p->hangup->where, "nothing that follows from the hangup says done", p->hangup_name);
	for (const struct profile_state *s = p->state; s; s = s->next)
		if (l->seen[s->number] && s->timeout == PROFILE_NEVER)
			say(l, s->where, "waits for ever, and the call is to end", s->name);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Is every time that r could be followed a time that q, before it, is? */
static bool hides(const struct profile_row *q, const struct profile_row *r)
{
	return q->on == r->on && same(q->text, r->text) && (!q->cond || (same(q->cond, r->cond) && q->unless == r->unless));
}

/* A number or a word that is written out, and not one that can be meant. */
static bool odd(const char *w, bool number)
{
	if (strpbrk(w, "\\%"))
		return false;
	return number ? !*w || strlen(w) > 3 || strspn(w, "0123456789") != strlen(w) : strcmp(sp_exit_name(sp_exit_of(w)), w) != 0;
}

static void words(struct lint *l, const struct profile_row *r)
{
	for (const struct profile_act *a = r->act; a; a = a->next) {
		const char *step = a->verb == DO_FAIL ? a->word[1] : a->verb == DO_NOTE || a->verb == DO_DOWN ? a->word[0] : NULL;
		if (a->verb == DO_FAIL && odd(a->word[0], false))
			say(l, r->where, "not a word of error=", a->word[0]);
		if (step && odd(step, true))
			say(l, r->where, "not the number of a step", step);
		if (a->next && a->verb >= DO_FAIL)
			say(l, r->where, "an action behind the end", "");
	}
}

static void each_row(struct lint *l, const struct profile_state *s)
{
	for (const struct profile_row *r = s->row; r; r = r->next) {
		const struct profile_row *q = s->row;
		while (q != r && !hides(q, r))
			q = q->next;
		if (q != r)
			say(l, r->where, "never followed: a row before it is for the same", "");
		if (r->on == ON_PROMPT && r->compiled && regexec(&r->re, "\x01 no prompt", 0, NULL, 0) == 0)
			say(l, r->where, "a prompt that is whatever is seen", "");
		if (r->on == ON_TIMEOUT && !r->to && !does(r, DO_FAIL, DO_DONE))
			say(l, r->where, "the time has passed, and nothing leads on", "");
		words(l, r);
	}
}

/* Rows that lead on at once, without an end. */
static void circles(struct lint *l)
{
	for (const struct profile_state *s = l->p->state; s; s = s->next) {
		const struct profile_state *at = s;
		unsigned hops = 0;
		while (at && hops <= l->p->states && (at != s || hops == 0)) {
			const struct profile_row *r = at->row;
			while (r && r->on != ON_ENTER)
				r = r->next;
			at = r && !r->cond && at->tries == UINT64_MAX && !does(r, DO_FAIL, DO_DONE) ? r->to : NULL;
			hops++;
		}
		if (at == s)
			say(l, s->where, "goes in circles", s->name);
	}
}

void profile_lint(const struct profile *p, profile_fault *fault, void *arg)
{
	struct lint l = { p, fault, arg, calloc(p->states, sizeof *l.seen), false, false };
	if (!l.seen) {
		fault(arg, 0, "out of memory", "");
		return;
	}
	ways(&l);
	circles(&l);
	for (const struct profile_state *s = p->state; s; s = s->next)
		each_row(&l, s);
	each_row(&l, &p->any);
	free(l.seen);
}
