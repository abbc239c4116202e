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
	blot_seen_init(&x->seen);
	if (password)
		blot_add(&x->blot, view_of("password"), secret_view(password));
	for (size_t i = 0; i < vars->n; i++) /* one that is too long is refused when it is to be sent */
		if (profile_secret(p, vars->field[i].key))
			blot_add(&x->blot, vars->field[i].key, field_value(vars, &vars->field[i]));
}

void talk_text_clear(struct talk_text *x)
{
	for (unsigned i = 0; i < PROFILE_WORDS; i++) {
		if (x->out[i].data)
			explicit_bzero(x->out[i].data, x->out[i].cap);
		buf_clear(&x->out[i]);
	}
	blot_seen_clear(&x->seen);
	blot_clear(&x->blot);
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
	if (!v.p && view_is(key, "seen") && !sent)
		return blot_seen_show(&x->seen, &x->blot, b), true;
	if (!v.p) {
		snprintf(x->why, sizeof x->why, "the profile needs %.*s=, which the record has not", (int)(key.n > 64 ? 64 : key.n), key.p);
		return false;
	}
	if (sent && control(v)) {
		snprintf(x->why, sizeof x->why, "%.*s= holds a control character and is not sent", (int)(key.n > 64 ? 64 : key.n), key.p);
		return false;
	}
	if (profile_secret(x->profile, key) && !blot_add(&x->blot, key, v)) {
		snprintf(x->why, sizeof x->why, "%.*s= is a secret too long, or one too many", (int)(key.n > 64 ? 64 : key.n), key.p);
		return false;
	}
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
	if (b->data)
		explicit_bzero(b->data, b->len);
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

void talk_text_tame(struct talk_text *x)
{
	struct view detail = record_get(x->fields, "detail");
	struct buf b;
	buf_init(&b, OUT_MAX);
	if (detail.n && (blot_show(&x->blot, detail, &b) != 0 || record_setv(x->fields, view_of("detail"), buf_view(&b)) != 0))
		record_drop(x->fields, "detail");
	buf_clear(&b);
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
