/* profile.c - reads a profile, profile.h. Everything is checked here, so that
 * following a profile cannot fail half-way: states that do not exist, rows that do
 * nothing. Words and expressions are in profile_words.c. */
#include "engine/profile.h"

#include "base/num.h"
#include "base/record.h"
#include "engine/profile_words.h"

#include <stdlib.h>

#define TEXT_MAX 65536
#define STATES_MAX 256

/* What stands behind each verb: k key, w word, n step, t text. */
static const struct { const char *name, *takes; enum profile_verb verb; } verbs[] = {
	{ "send", "t", DO_SEND },      { "put", "t", DO_PUT },     { "set", "kt", DO_SET },
	{ "fields", "t", DO_FIELDS },  { "progress", "", DO_PROGRESS }, { "note", "tw", DO_NOTE },
	{ "ready", "", DO_READY },     { "fail", "ttt", DO_FAIL }, { "down", "t", DO_DOWN },
	{ "done", "", DO_DONE },
};

static bool action(struct profile_parse *ps, struct profile_row *r, struct profile_act ***tail)
{
	size_t i = 0, groups = r->compiled && r->re.re_nsub ? r->re.re_nsub - 1 : 0;
	while (i < sizeof verbs / sizeof *verbs && !profile_next_is(ps, verbs[i].name))
		i++;
	if (i == sizeof verbs / sizeof *verbs)
		return profile_bad(ps, "neither an action nor ->");
	struct profile_act *a = profile_own(ps, sizeof *a);
	if (!a)
		return false;
	a->verb = verbs[i].verb;
	**tail = a;
	*tail = &a->next;
	for (unsigned w = 0; verbs[i].takes[w]; w++) {
		char kind = verbs[i].takes[w];
		a->word[w] = kind == 'k' ? profile_key(ps) : kind == 'w' ? profile_name(ps) : profile_text(ps, groups);
		if (!a->word[w])
			return false;
	}
	return true;
}

static bool row(struct profile_parse *ps, enum profile_on on)
{
	struct profile_row *r = profile_own(ps, sizeof *r);
	if (!r)
		return false;
	if (!ps->in)
		return profile_bad(ps, "a row before the first state");
	*r = (struct profile_row){ .on = on, .where = ps->line };
	*ps->in->tail = r;
	ps->in->tail = &r->next;
	ps->p->rows++;
	if (on <= ON_PROMPT && !profile_pattern(ps, r))
		return false;
	if (profile_next_is(ps, "if") || (r->unless = profile_next_is(ps, "unless")))
		r->cond = profile_key(ps);
	struct profile_act **tail = &r->act;
	while (!ps->why && profile_more(ps) && !profile_next_is(ps, "->"))
		if (!action(ps, r, &tail))
			return false;
	if (!ps->why && ps->at && !ps->word[ps->at - 1].quoted && view_is(ps->word[ps->at - 1].v, "->"))
		r->next_name = profile_name(ps);
	if (!ps->why && !r->act && !r->next_name)
		return profile_bad(ps, "a row that does nothing");
	return !ps->why;
}

static struct profile_state *find(struct profile *p, const char *state)
{
	struct profile_state *s = p->state;
	while (s && strcmp(s->name, state) != 0)
		s = s->next;
	return s;
}

static bool timeout(struct profile_parse *ps, struct profile_state *s)
{
	if (profile_next_is(ps, "never"))
		s->timeout = PROFILE_NEVER;
	else if (!profile_more(ps) || !num_ms(ps->word[ps->at++].v, &s->timeout) || s->timeout == 0)
		return profile_bad(ps, "timeout SECONDS or never");
	return true;
}

static bool state(struct profile_parse *ps)
{
	const char *n = profile_name(ps);
	uint64_t step = 0;
	if (!n)
		return false;
	if (find(ps->p, n))
		return profile_bad(ps, "a state of that name exists already");
	if (ps->p->states == STATES_MAX)
		return profile_bad(ps, "too many states");
	struct profile_state *s = profile_own(ps, sizeof *s);
	if (!s)
		return false;
	*s = (struct profile_state){ .name = n, .timeout = 30000, .tries = UINT64_MAX, .tail = &s->row, .where = ps->line };
	s->number = ps->p->states++;
	*ps->p->tail = s;
	ps->p->tail = &s->next;
	ps->in = s;
	if (profile_next_is(ps, "step") && !profile_number(ps, 999, &step))
		return false;
	s->step = (int)step;
	if (profile_next_is(ps, "timeout") && !timeout(ps, s))
		return false;
	return !profile_next_is(ps, "tries") || (profile_number(ps, 100000, &s->tries) && s->tries) ||
	       profile_bad(ps, "tries NUMBER");
}

static bool keys(struct profile_parse *ps, const char **list, unsigned *n)
{
	while (profile_more(ps)) {
		if (*n == PROFILE_SECRETS)
			return profile_bad(ps, "more than 8 keys");
		const char *k = profile_key(ps);
		if (!k)
			return false;
		list[(*n)++] = k;
	}
	return true;
}

static bool statement(struct profile_parse *ps)
{
	static const struct { const char *name; enum profile_on on; } rows[] = {
		{ "line", ON_LINE }, { "prompt", ON_PROMPT }, { "enter", ON_ENTER }, { "spent", ON_SPENT },
		{ "timeout", ON_TIMEOUT }, { "closed", ON_CLOSED }, { "renewed", ON_RENEWED },
	};
	uint64_t ms = 0;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (profile_next_is(ps, rows[i].name))
			return row(ps, rows[i].on);
	if (profile_next_is(ps, "state"))
		return state(ps);
	if (profile_next_is(ps, "any"))
		return ps->in = &ps->p->any, true;
	if (profile_next_is(ps, "start"))
		return (ps->p->start_name = profile_name(ps)) != NULL;
	if (profile_next_is(ps, "hangup"))
		return (ps->p->hangup_name = profile_name(ps)) != NULL;
	if (profile_next_is(ps, "secret"))
		return keys(ps, ps->p->secret, &ps->p->nsecret);
	if (profile_next_is(ps, "need"))
		return keys(ps, ps->p->need, &ps->p->nneed);
	if (profile_next_is(ps, "transport"))
		return (ps->p->plain = profile_next_is(ps, "plain")) || profile_next_is(ps, "tls") || profile_bad(ps, "transport plain or tls");
	if (!profile_next_is(ps, "settle"))
		return profile_bad(ps, "not a statement of a profile");
	bool ok = profile_number(ps, 10000, &ms);
	ps->p->settle = (int64_t)ms;
	return ok;
}

/* Tells what is wrong with the line, if anything is. */
static void tell(struct profile_parse *ps)
{
	if (ps->why)
		ps->fault(ps->arg, ps->line, ps->why, ps->what ? ps->what : "");
	ps->bad |= ps->why != NULL;
	ps->why = ps->what = NULL;
}

static bool one_line(struct profile_parse *ps, struct view line)
{
	if (!profile_split(ps, line))
		return false;
	if (ps->n == 0)
		return true;
	if (!ps->p->name) {
		if (profile_next_is(ps, "profile"))
			return (ps->p->name = profile_name(ps)) != NULL;
		ps->p->name = "";
		return profile_bad(ps, "does not begin with: profile NAME");
	}
	if (!statement(ps))
		return profile_bad(ps, "not understood");
	return !profile_more(ps) || profile_bad(ps, "more than belongs here");
}

static void link_rows(struct profile_parse *ps, struct profile_state *s)
{
	for (struct profile_row *r = s->row; r; r = r->next) {
		ps->line = r->where;
		if (r->next_name && !(r->to = find(ps->p, r->next_name))) {
			ps->what = r->next_name;
			profile_bad(ps, "-> a state that does not exist");
		}
		tell(ps);
	}
}

static void finish(struct profile_parse *ps)
{
	struct profile *p = ps->p;
	for (struct profile_state *s = p->state; s; s = s->next)
		link_rows(ps, s);
	link_rows(ps, &p->any);
	ps->line = 0;
	if (!p->name || !p->start_name || !p->hangup_name) {
		profile_bad(ps, "profile, start and hangup are needed");
	} else {
		p->start = find(p, p->start_name);
		p->hangup = find(p, p->hangup_name);
		if (!p->start || !p->hangup) {
			ps->what = p->start ? p->hangup_name : p->start_name;
			profile_bad(ps, "start or hangup names a state that does not exist");
		}
	}
	tell(ps);
}

struct profile *profile_read(struct view all, profile_fault *fault, void *arg)
{
	struct profile *p = calloc(1, sizeof *p);
	struct profile_parse ps = { .p = p, .fault = fault, .arg = arg };
	struct view part;
	if (!p) {
		fault(arg, 0, "out of memory", "");
		return NULL;
	}
	p->tail = &p->state;
	p->any = (struct profile_state){ .name = "any", .tail = &p->any.row };
	if (all.n > TEXT_MAX) {
		profile_bad(&ps, "over 64 KiB");
		tell(&ps);
		all.n = 0;
	}
	while (view_split(&all, '\n', &part)) {
		ps.line++;
		one_line(&ps, part);
		tell(&ps);
	}
	finish(&ps);
	if (!ps.bad)
		return p;
	profile_free(p);
	return NULL;
}

struct first {
	unsigned long line;
	const char *why;
};

static void keep_first(void *arg, unsigned long line, const char *why, const char *what)
{
	struct first *f = arg;
	(void)what;
	if (!f->why)
		*f = (struct first){ line, why };
}

struct profile *profile_parse(struct view all, unsigned long *line, const char **why)
{
	struct first f = { 0, NULL };
	struct profile *p = profile_read(all, keep_first, &f);
	if (!p) {
		*line = f.line;
		*why = f.why;
	}
	return p;
}

static void free_rows(struct profile_state *s)
{
	for (struct profile_row *r = s->row; r; r = r->next)
		if (r->compiled)
			regfree(&r->re);
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	free_rows(&p->any);
	for (struct profile_state *s = p->state; s; s = s->next)
		free_rows(s);
	for (struct profile_chunk *c = p->own, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(p);
}

bool profile_secret(const struct profile *p, struct view k)
{
	for (unsigned i = 0; i < p->nsecret; i++)
		if (view_is(k, p->secret[i]))
			return true;
	return record_key_secret(k);
}

static void text_keys(const char *s, void (*f)(void *arg, struct view key), void *arg)
{
	for (; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
		} else if (*s == '%' && s[1] == '{') {
			struct view k = { s + 2, strcspn(s + 2, "}") };
			f(arg, k);
			s += k.n + 1;
		} else if (*s == '%' && s[1] == '%') {
			s++;
		}
	}
}

static void state_keys(const struct profile_state *s, void (*f)(void *arg, struct view key), void *arg)
{
	for (const struct profile_row *r = s->row; r; r = r->next) {
		if (r->cond)
			f(arg, view_of(r->cond));
		for (const struct profile_act *a = r->act; a; a = a->next)
			for (unsigned w = 0; w < PROFILE_WORDS; w++)
				if (a->word[w])
					text_keys(a->word[w], f, arg);
	}
}

void profile_keys(const struct profile *p, void (*f)(void *arg, struct view key), void *arg)
{
	for (unsigned i = 0; i < p->nneed; i++)
		f(arg, view_of(p->need[i]));
	for (const struct profile_state *s = p->state; s; s = s->next)
		state_keys(s, f, arg);
	state_keys(&p->any, f, arg);
}
