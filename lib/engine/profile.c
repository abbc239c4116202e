/* profile.c - reads a profile, profile.h. Everything is checked here, so that
 * following a profile cannot fail half-way: states that do not exist, groups
 * that the expression has not, unknown escapes, rows that cannot be reached.
 * Refuses intervals and back references in expressions (their cost). */
#include "engine/profile.h"

#include "base/exit.h"
#include "base/num.h"
#include "base/record.h"

#include <stdlib.h>

#define TEXT_MAX 65536
#define WORDS_MAX 48
#define PATTERN_MAX 256
#define STATES_MAX 256

struct profile_chunk {
	struct profile_chunk *next;
	max_align_t data[];
};

struct word {
	struct view v;
	bool quoted;
};

struct parse {
	struct profile *p;
	struct profile_state *in; /* rows go here */
	struct word word[WORDS_MAX];
	size_t n, at;
	unsigned long line;
	unsigned states;
	const char *why;
};

static void *own(struct parse *ps, size_t n)
{
	struct profile_chunk *c = calloc(1, sizeof *c + n);
	if (!c) {
		ps->why = "out of memory";
		return NULL;
	}
	c->next = ps->p->own;
	ps->p->own = c;
	return c->data;
}

static const char *own_text(struct parse *ps, struct view v)
{
	char *s = own(ps, v.n + 1);
	if (s && v.n)
		memcpy(s, v.p, v.n);
	return s;
}

static bool bad(struct parse *ps, const char *why)
{
	if (!ps->why)
		ps->why = why;
	return false;
}

/* One line into words: blanks part them, "..." is one (a backslash keeps what
 * follows it), # ends the line. */
static bool split(struct parse *ps, struct view line)
{
	size_t i = 0;
	ps->n = ps->at = 0;
	while (i < line.n) {
		if (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == '\r') {
			i++;
			continue;
		}
		if (line.p[i] == '#')
			break;
		if (ps->n == WORDS_MAX)
			return bad(ps, "too many words");
		struct word *w = &ps->word[ps->n++];
		w->quoted = line.p[i] == '"';
		size_t from = i += w->quoted;
		while (i < line.n && (w->quoted ? line.p[i] != '"' : line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r'))
			i += line.p[i] == '\\' && w->quoted && i + 1 < line.n ? 2 : 1;
		if (w->quoted && i >= line.n)
			return bad(ps, "a \" is not closed");
		w->v = (struct view){ line.p + from, i - from };
		i += w->quoted;
	}
	return true;
}

static bool more(const struct parse *ps)
{
	return ps->at < ps->n;
}

static bool next_is(struct parse *ps, const char *word)
{
	if (!more(ps) || ps->word[ps->at].quoted || !view_is(ps->word[ps->at].v, word))
		return false;
	ps->at++;
	return true;
}

static const char *name(struct parse *ps)
{
	if (!more(ps) || ps->word[ps->at].quoted || ps->word[ps->at].v.n == 0) {
		bad(ps, "a name is missing");
		return NULL;
	}
	return own_text(ps, ps->word[ps->at++].v);
}

static const char *key(struct parse *ps)
{
	if (more(ps) && !record_key_ok(ps->word[ps->at].v)) {
		bad(ps, "not a key of a record");
		return NULL;
	}
	return name(ps);
}

static bool number(struct parse *ps, uint64_t max, uint64_t *n)
{
	if (!more(ps) || !num_u64(ps->word[ps->at].v, 0, max, n))
		return bad(ps, "a number is missing, or too large");
	ps->at++;
	return true;
}

/* \N, %{KEY} and escapes of a text make sense? groups: how many \N there are. */
static bool text_ok(struct parse *ps, struct view v, size_t groups)
{
	for (size_t i = 0; i < v.n; i++) {
		char c = i + 1 < v.n ? v.p[i + 1] : '\0';
		if (v.p[i] == '\\') {
			if (c >= '1' && c <= '9' && (size_t)(c - '0') > groups)
				return bad(ps, "\\N without such a group in the expression");
			if (!((c >= '1' && c <= '9') || (c && strchr("rnte\\\"", c))))
				return bad(ps, "unknown escape");
			i++;
		} else if (v.p[i] == '%') {
			const char *end = c == '{' ? memchr(v.p + i, '}', v.n - i) : NULL;
			struct view k = { v.p + i + 2, end ? (size_t)(end - v.p) - i - 2 : 0 };
			if (c != '%' && !(end && record_key_ok(k)))
				return bad(ps, "neither %{KEY} nor %%");
			i += c == '%' ? 1 : k.n + 2;
		}
	}
	return true;
}

static const char *text(struct parse *ps, size_t groups)
{
	if (!more(ps)) {
		bad(ps, "a text is missing");
		return NULL;
	}
	struct view v = ps->word[ps->at++].v;
	return text_ok(ps, v, groups) ? own_text(ps, v) : NULL;
}

static bool pattern(struct parse *ps, struct profile_row *r)
{
	char s[PATTERN_MAX + 8];
	struct buf b = { .data = s, .cap = sizeof s, .max = sizeof s };
	if (!more(ps) || !ps->word[ps->at].quoted)
		return bad(ps, "an expression in \"\" is missing");
	struct view v = ps->word[ps->at++].v;
	if (v.n == 0 || v.n > PATTERN_MAX)
		return bad(ps, "an expression is empty or over 256 bytes");
	buf_adds(&b, "^(");
	for (size_t i = 0; i < v.n; i++) {
		bool escape = v.p[i] == '\\' && i + 1 < v.n;
		if (v.p[i] == '{')
			return bad(ps, "no intervals: write the repetition out, or \\{ for the brace");
		if (escape && v.p[i + 1] >= '1' && v.p[i + 1] <= '9')
			return bad(ps, "no back references in an expression");
		if (escape && v.p[++i] != '"')
			buf_addc(&b, '\\');
		buf_addc(&b, v.p[i]);
	}
	buf_add(&b, ")$", 3);
	if (memchr(v.p, '\0', v.n) || regcomp(&r->re, s, REG_EXTENDED) != 0)
		return bad(ps, "not a POSIX extended expression");
	r->compiled = true;
	return true;
}

/* What stands behind each verb: k key, w word, n step, t text. */
static const struct { const char *name, *takes; enum profile_verb verb; } verbs[] = {
	{ "send", "t", DO_SEND },      { "put", "t", DO_PUT },     { "set", "kt", DO_SET },
	{ "fields", "t", DO_FIELDS },  { "progress", "", DO_PROGRESS }, { "note", "tw", DO_NOTE },
	{ "ready", "", DO_READY },     { "fail", "ttt", DO_FAIL }, { "down", "t", DO_DOWN },
	{ "done", "", DO_DONE },
};

static bool action(struct parse *ps, struct profile_row *r, struct profile_act ***tail)
{
	size_t i = 0, groups = r->compiled && r->re.re_nsub ? r->re.re_nsub - 1 : 0;
	while (i < sizeof verbs / sizeof *verbs && !next_is(ps, verbs[i].name))
		i++;
	if (i == sizeof verbs / sizeof *verbs)
		return bad(ps, "neither an action nor ->");
	struct profile_act *a = own(ps, sizeof *a);
	if (!a)
		return false;
	a->verb = verbs[i].verb;
	**tail = a;
	*tail = &a->next;
	for (unsigned w = 0; verbs[i].takes[w]; w++) {
		char kind = verbs[i].takes[w];
		a->word[w] = kind == 'k' ? key(ps) : kind == 'w' ? name(ps) : text(ps, groups);
		if (!a->word[w])
			return false;
	}
	return true;
}

static bool row(struct parse *ps, enum profile_on on)
{
	struct profile_row *r = own(ps, sizeof *r);
	if (!r)
		return false;
	if (!ps->in)
		return bad(ps, "a row before the first state");
	*r = (struct profile_row){ .on = on, .where = ps->line };
	*ps->in->tail = r;
	ps->in->tail = &r->next;
	if (on <= ON_PROMPT && !pattern(ps, r))
		return false;
	if (next_is(ps, "if") || (r->unless = next_is(ps, "unless")))
		r->cond = key(ps);
	struct profile_act **tail = &r->act;
	while (!ps->why && more(ps) && !next_is(ps, "->"))
		if (!action(ps, r, &tail))
			return false;
	if (!ps->why && ps->at && !ps->word[ps->at - 1].quoted && view_is(ps->word[ps->at - 1].v, "->"))
		r->next_name = name(ps);
	if (!ps->why && !r->act && !r->next_name)
		return bad(ps, "a row that does nothing");
	return !ps->why;
}

static struct profile_state *find(struct profile *p, const char *state)
{
	struct profile_state *s = p->state;
	while (s && strcmp(s->name, state) != 0)
		s = s->next;
	return s;
}

static bool state(struct parse *ps)
{
	const char *n = name(ps);
	uint64_t step = 0;
	if (!n)
		return false;
	if (find(ps->p, n))
		return bad(ps, "a state of that name exists already");
	if (++ps->states > STATES_MAX)
		return bad(ps, "too many states");
	struct profile_state *s = own(ps, sizeof *s);
	if (!s)
		return false;
	*s = (struct profile_state){ .name = n, .timeout = 30000, .tail = &s->row };
	*ps->p->tail = s;
	ps->p->tail = &s->next;
	ps->in = s;
	if (next_is(ps, "step") && !number(ps, 999, &step))
		return false;
	s->step = (int)step;
	if (!next_is(ps, "timeout"))
		return true;
	if (next_is(ps, "never")) {
		s->timeout = PROFILE_NEVER;
		return true;
	}
	return (more(ps) && num_ms(ps->word[ps->at++].v, &s->timeout)) || bad(ps, "timeout SECONDS or never");
}

static bool secrets(struct parse *ps)
{
	while (more(ps)) {
		if (ps->p->nsecret == PROFILE_SECRETS)
			return bad(ps, "too many secrets");
		const char *k = key(ps);
		if (!k)
			return false;
		ps->p->secret[ps->p->nsecret++] = k;
	}
	return true;
}

static bool statement(struct parse *ps)
{
	static const struct { const char *name; enum profile_on on; } rows[] = {
		{ "line", ON_LINE }, { "prompt", ON_PROMPT }, { "enter", ON_ENTER },
		{ "timeout", ON_TIMEOUT }, { "closed", ON_CLOSED },
	};
	uint64_t ms = 0;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (next_is(ps, rows[i].name))
			return row(ps, rows[i].on);
	if (next_is(ps, "state"))
		return state(ps);
	if (next_is(ps, "any"))
		return ps->in = &ps->p->any, true;
	if (next_is(ps, "start"))
		return (ps->p->start_name = name(ps)) != NULL;
	if (next_is(ps, "hangup"))
		return (ps->p->hangup_name = name(ps)) != NULL;
	if (next_is(ps, "secret"))
		return secrets(ps);
	if (!next_is(ps, "settle"))
		return bad(ps, "not a statement of a profile");
	bool ok = number(ps, 10000, &ms);
	ps->p->settle = (int64_t)ms;
	return ok;
}

static bool one_line(struct parse *ps, struct view line)
{
	if (!split(ps, line))
		return false;
	if (ps->n == 0)
		return true;
	if (!ps->p->name)
		return next_is(ps, "profile") ? (ps->p->name = name(ps)) != NULL : bad(ps, "does not begin with: profile NAME");
	if (!statement(ps))
		return bad(ps, "not understood");
	return !more(ps) || bad(ps, "more than belongs here");
}

static bool link_rows(struct parse *ps, struct profile_state *s)
{
	for (struct profile_row *r = s->row; r; r = r->next) {
		ps->line = r->where;
		if (r->next_name && !(r->to = find(ps->p, r->next_name)))
			return bad(ps, "-> a state that does not exist");
	}
	return true;
}

static bool finish(struct parse *ps)
{
	struct profile *p = ps->p;
	if (!p->name || !p->start_name || !p->hangup_name)
		return ps->line = 0, bad(ps, "profile, start and hangup are needed");
	for (struct profile_state *s = p->state; s; s = s->next)
		if (!link_rows(ps, s))
			return false;
	if (!link_rows(ps, &p->any))
		return false;
	ps->line = 0;
	p->start = find(p, p->start_name);
	p->hangup = find(p, p->hangup_name);
	return (p->start && p->hangup) || bad(ps, "start or hangup names a state that does not exist");
}

struct profile *profile_parse(struct view all, unsigned long *line, const char **why)
{
	struct profile *p = calloc(1, sizeof *p);
	struct parse ps = { .p = p };
	struct view part;
	if (!p) {
		*why = "out of memory";
		return NULL;
	}
	p->tail = &p->state;
	p->any = (struct profile_state){ .name = "any", .tail = &p->any.row };
	bool ok = all.n <= TEXT_MAX || bad(&ps, "over 64 KiB");
	while (ok && view_split(&all, '\n', &part)) {
		ps.line++;
		ok = one_line(&ps, part);
	}
	if (ok && finish(&ps))
		return p;
	*line = ps.line;
	*why = ps.why;
	profile_free(p);
	return NULL;
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
