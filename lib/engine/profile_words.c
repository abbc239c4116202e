/* profile_words.c - a profile's text as words, names and expressions. Refuses
 * intervals and back references in expressions (their cost), unknown escapes,
 * and groups that the expression has not. */
#include "engine/profile_words.h"

#include "base/num.h"
#include "base/record.h"

#include <stdlib.h>

#define PATTERN_MAX 256

void *profile_own(struct profile_parse *ps, size_t n)
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

static const char *profile_own_text(struct profile_parse *ps, struct view v)
{
	char *s = profile_own(ps, v.n + 1);
	if (s && v.n)
		memcpy(s, v.p, v.n);
	return s;
}

bool profile_bad(struct profile_parse *ps, const char *why)
{
	if (!ps->why)
		ps->why = why;
	return false;
}

bool profile_split(struct profile_parse *ps, struct view line)
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
			return profile_bad(ps, "too many words");
		struct profile_word *w = &ps->word[ps->n++];
		w->quoted = line.p[i] == '"';
		size_t from = i += w->quoted;
		while (i < line.n && (w->quoted ? line.p[i] != '"' : line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r'))
			i += line.p[i] == '\\' && w->quoted && i + 1 < line.n ? 2 : 1;
		if (w->quoted && i >= line.n)
			return profile_bad(ps, "a \" is not closed");
		w->v = (struct view){ line.p + from, i - from };
		i += w->quoted;
	}
	return true;
}

bool profile_more(const struct profile_parse *ps)
{
	return ps->at < ps->n;
}

bool profile_next_is(struct profile_parse *ps, const char *word)
{
	if (!profile_more(ps) || ps->word[ps->at].quoted || !view_is(ps->word[ps->at].v, word))
		return false;
	ps->at++;
	return true;
}

const char *profile_name(struct profile_parse *ps)
{
	if (!profile_more(ps) || ps->word[ps->at].quoted || ps->word[ps->at].v.n == 0) {
		profile_bad(ps, "a name is missing");
		return NULL;
	}
	return profile_own_text(ps, ps->word[ps->at++].v);
}

const char *profile_key(struct profile_parse *ps)
{
	if (profile_more(ps) && !record_key_ok(ps->word[ps->at].v)) {
		profile_bad(ps, "not a key of a record");
		return NULL;
	}
	return profile_name(ps);
}

bool profile_number(struct profile_parse *ps, uint64_t max, uint64_t *n)
{
	if (!profile_more(ps) || !num_u64(ps->word[ps->at].v, 0, max, n))
		return profile_bad(ps, "a number is missing, or too large");
	ps->at++;
	return true;
}

/* \N, %{KEY} and escapes of a text make sense? groups: how many \N there are. */
static bool text_ok(struct profile_parse *ps, struct view v, size_t groups)
{
	for (size_t i = 0; i < v.n; i++) {
		char c = i + 1 < v.n ? v.p[i + 1] : '\0';
		if (v.p[i] == '\\') {
			if (c >= '1' && c <= '9' && (size_t)(c - '0') > groups)
				return profile_bad(ps, "\\N without such a group in the expression");
			if (!((c >= '1' && c <= '9') || (c && strchr("rnte\\\"", c))))
				return profile_bad(ps, "unknown escape");
			i++;
		} else if (v.p[i] == '%') {
			const char *end = c == '{' ? memchr(v.p + i, '}', v.n - i) : NULL;
			struct view k = { v.p + i + 2, end ? (size_t)(end - v.p) - i - 2 : 0 };
			if (c != '%' && !(end && record_key_ok(k)))
				return profile_bad(ps, "neither %{KEY} nor %%");
			i += c == '%' ? 1 : k.n + 2;
		}
	}
	return true;
}

const char *profile_text(struct profile_parse *ps, size_t groups)
{
	if (!profile_more(ps)) {
		profile_bad(ps, "a text is missing");
		return NULL;
	}
	struct view v = ps->word[ps->at++].v;
	return text_ok(ps, v, groups) ? profile_own_text(ps, v) : NULL;
}

bool profile_pattern(struct profile_parse *ps, struct profile_row *r)
{
	char s[PATTERN_MAX + 8];
	struct buf b = { .data = s, .cap = sizeof s, .max = sizeof s };
	if (!profile_more(ps) || !ps->word[ps->at].quoted)
		return profile_bad(ps, "an expression in \"\" is missing");
	struct view v = ps->word[ps->at++].v;
	if (v.n == 0 || v.n > PATTERN_MAX || !(r->text = profile_own_text(ps, v)))
		return profile_bad(ps, "an expression is empty or over 256 bytes");
	buf_adds(&b, "^(");
	for (size_t i = 0; i < v.n; i++) {
		bool escape = v.p[i] == '\\' && i + 1 < v.n;
		if (v.p[i] == '{')
			return profile_bad(ps, "no intervals: write the repetition out, or \\{ for the brace");
		if (escape && v.p[i + 1] >= '1' && v.p[i + 1] <= '9')
			return profile_bad(ps, "no back references in an expression");
		if (escape && v.p[++i] != '"')
			buf_addc(&b, '\\');
		buf_addc(&b, v.p[i]);
	}
	buf_add(&b, ")$", 3);
	if (memchr(v.p, '\0', v.n) || regcomp(&r->re, s, REG_EXTENDED) != 0)
		return profile_bad(ps, "not a POSIX extended expression");
	r->compiled = true;
	return true;
}
