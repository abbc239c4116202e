/* talk_text.c - the texts of a dialogue.
 * Values come from records, that is from other people: one that holds a control
 * character is not sent. */
#include "engine/talk_text.h"

#include <stdio.h>

#define OUT_MAX 8192

void talk_text_init(struct talk_text *x, const struct profile *p, struct record *vars, struct record *fields,
                    const struct secret *password)
{
	*x = (struct talk_text){ .profile = p, .vars = vars, .fields = fields, .password = password };
	for (unsigned i = 0; i < PROFILE_WORDS; i++)
		buf_init(&x->out[i], OUT_MAX);
}

void talk_text_clear(struct talk_text *x)
{
	for (unsigned i = 0; i < PROFILE_WORDS; i++) {
		if (x->out[i].data)
			explicit_bzero(x->out[i].data, x->out[i].cap);
		buf_clear(&x->out[i]);
	}
	explicit_bzero(x->given, sizeof x->given);
}

static struct view value(struct talk_text *x, struct view key)
{
	struct record *from[] = { x->fields, x->vars };
	if (x->password && view_is(key, "password"))
		return secret_view(x->password);
	for (unsigned i = 0; i < 2; i++) {
		struct field *f = record_find(from[i], key);
		if (f)
			return field_value(from[i], f);
	}
	return (struct view){ NULL, 0 };
}

bool talk_text_has(struct talk_text *x, const char *key)
{
	return value(x, view_of(key)).n > 0;
}

static void remember(struct talk_text *x, struct view v)
{
	const unsigned max = sizeof x->given / sizeof *x->given;
	for (unsigned i = 0; i < x->ngiven; i++)
		if (view_eq(secret_view(&x->given[i]), v))
			return;
	if (x->ngiven < max && v.n && secret_set(&x->given[x->ngiven], v))
		x->ngiven++;
}

static bool control(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == '\x7f')
			return true;
	return false;
}

static bool add_value(struct talk_text *x, struct buf *b, struct view key, bool sent)
{
	struct view v = value(x, key);
	if (!v.p) {
		snprintf(x->why, sizeof x->why, "the profile needs %.*s=, which the record has not", (int)(key.n > 64 ? 64 : key.n), key.p);
		return false;
	}
	if (sent && control(v)) {
		snprintf(x->why, sizeof x->why, "%.*s= holds a control character and is not sent", (int)(key.n > 64 ? 64 : key.n), key.p);
		return false;
	}
	if (profile_secret(x->profile, key))
		remember(x, v);
	return buf_addv(b, v) == 0;
}

static bool add_group(struct buf *b, const struct talk_groups *g, unsigned n)
{
	const regmatch_t *m = &g->at[n + 1];
	if (m->rm_so < 0)
		return true;
	return buf_add(b, g->text + m->rm_so, (size_t)(m->rm_eo - m->rm_so)) == 0;
}

static bool add_escape(struct buf *b, char c, const struct talk_groups *g)
{
	switch (c) {
	case 'r': return buf_addc(b, '\r') == 0;
	case 'n': return buf_addc(b, '\n') == 0;
	case 't': return buf_addc(b, '\t') == 0;
	case 'e': return buf_addc(b, '\x1b') == 0;
	default:
		if (c >= '1' && c <= '9')
			return add_group(b, g, (unsigned)(c - '0'));
		return buf_addc(b, c) == 0;
	}
}

const char *talk_text_expand(struct talk_text *x, unsigned slot, const char *s, const struct talk_groups *g, bool sent)
{
	struct buf *b = &x->out[slot];
	bool ok = true;
	b->len = 0;
	snprintf(x->why, sizeof x->why, "a text grew over its limit");
	for (; *s && ok; s++) {
		if (*s == '\\') {
			ok = add_escape(b, *++s, g);
		} else if (*s == '%' && s[1] == '{') {
			struct view key = { s + 2, strcspn(s + 2, "}") };
			ok = add_value(x, b, key, sent);
			s += key.n + 2;
		} else {
			s += *s == '%';
			ok = buf_addc(b, *s) == 0;
		}
	}
	return ok && buf_addc(b, '\0') == 0 ? b->data : NULL;
}

const char *talk_text_why(const struct talk_text *x)
{
	return x->why;
}

struct view talk_text_line(struct talk_text *x)
{
	struct buf *b = &x->out[0];
	b->data[b->len - 1] = '\n';
	return buf_view(b);
}

void talk_text_fields(const char *text, struct record *fields)
{
	while (*text) {
		size_t n = strcspn(text, " ");
		struct view word = { text, n }, key;
		if (view_starts(word, "detail="))
			word.n = n = strlen(text);
		struct view rest = word;
		if (view_split(&rest, '=', &key) && rest.p && record_key_ok(key))
			record_setv(fields, key, rest);
		text += n;
		text += strspn(text, " ");
	}
}

/* The length of the longest given secret that v begins with. */
static size_t secret_at(const struct talk_text *x, struct view v)
{
	size_t best = 0;
	for (unsigned i = 0; i < x->ngiven; i++) {
		struct view s = secret_view(&x->given[i]);
		if (s.n > best && s.n <= v.n && memcmp(s.p, v.p, s.n) == 0)
			best = s.n;
	}
	return best;
}

void talk_text_blot(const struct talk_text *x, struct view seen, size_t max, struct buf *out)
{
	struct buf b;
	buf_init(&b, 4 * seen.n + 16);
	for (size_t i = 0; i < seen.n;) {
		struct view v = { seen.p + i, seen.n - i };
		size_t n = secret_at(x, v);
		if ((n ? buf_adds(&b, "***") : buf_addc(&b, *v.p ? *v.p : ' ')) != 0)
			break;
		i += n ? n : 1;
	}
	if (b.len > max)
		buf_consume(&b, b.len - max);
	if (buf_addv(out, buf_view(&b)) != 0)
		buf_adds(out, "(too long to be shown)");
	buf_clear(&b);
}
