/* record.c - look up, change and write one record, sp-record(5). What is set
 * lives in chunks of the record's own, wiped when they go; a field's value that
 * would make the line longer than a reader takes is refused. */
#include "base/record_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct chunk {
	struct chunk *next;
	size_t used, size;
	char b[];
};

void record_init(struct record *r)
{
	*r = (struct record){ 0 };
}

static void chunks_free(struct record *r)
{
	while (r->own) {
		struct chunk *c = r->own;
		r->own = c->next;
		explicit_bzero(c->b, c->used);
		free(c);
	}
}

void record_reset(struct record *r)
{
	chunks_free(r);
	r->n = 0;
}

bool record_grow(struct record *r)
{
	size_t cap = r->cap ? r->cap * 2 : 16;
	struct field *f = realloc(r->field, cap * sizeof *f);
	if (!f)
		return false;
	r->field = f;
	r->cap = cap;
	return true;
}

void record_clear(struct record *r)
{
	chunks_free(r);
	free(r->field);
	record_init(r);
}

static char *own_room(struct record *r, size_t n)
{
	struct chunk *c = r->own;
	if (!c || c->size - c->used < n) {
		size_t size = n > 1024 ? n : 1024;
		c = malloc(sizeof *c + size);
		if (!c)
			return NULL;
		*c = (struct chunk){ .next = r->own, .size = size };
		r->own = c;
	}
	char *at = c->b + c->used;
	c->used += n;
	return at;
}

static bool own_view(struct record *r, struct view *v)
{
	char *p = own_room(r, v->n + 1);
	if (!p)
		return false;
	if (v->n)
		memcpy(p, v->p, v->n);
	p[v->n] = '\0';
	v->p = p;
	return true;
}

bool record_key_secret(struct view key)
{
	if (key.n && key.p[key.n - 1] >= '2' && key.p[key.n - 1] <= '9')
		key.n--; /* secret2=: of a system's second endpoint */
	return view_is(key, "secret") || view_is(key, "token") || view_is(key, "permit") ||
	       view_is(key, "password") || view_is(key, "code");
}

int record_own(struct record *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (!own_view(r, &r->field[i].key) || !own_view(r, &r->field[i].raw))
			return -1;
	return 0;
}

int record_copy(struct record *to, const struct record *from)
{
	record_clear(to);
	for (size_t i = 0; i < from->n; i++) {
		struct field *f = record_field_new(to);
		if (!f)
			return -1;
		*f = from->field[i];
	}
	return record_own(to);
}

struct field *record_find(const struct record *r, struct view key)
{
	for (size_t i = 0; i < r->n; i++)
		if (view_eq(r->field[i].key, key))
			return &r->field[i];
	return NULL;
}

bool record_has(const struct record *r, const char *key)
{
	return record_find(r, view_of(key)) != NULL;
}

size_t record_unescape(struct view raw, char *out)
{
	char *o = out;
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];
		if (c == '\\' && i + 1 < raw.n) {
			c = raw.p[++i];
			c = c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
		}
		*o++ = c;
	}
	return (size_t)(o - out);
}

struct view field_value(struct record *r, struct field *f)
{
	if (f->plain)
		return f->raw;
	char *p = own_room(r, f->raw.n + 1);
	if (!p)
		return (struct view){ NULL, 0 };
	size_t n = record_unescape(f->raw, p);
	p[n] = '\0';
	return (struct view){ p, n };
}

struct view record_get(struct record *r, const char *key)
{
	struct field *f = record_find(r, view_of(key));
	return f ? field_value(r, f) : (struct view){ NULL, 0 };
}

/* Everything in the record's own memory is followed by NUL. */
static bool is_own(const struct record *r, const char *p)
{
	for (const struct chunk *c = r->own; c; c = c->next)
		if ((uintptr_t)p >= (uintptr_t)c->b && (uintptr_t)p < (uintptr_t)(c->b + c->size))
			return true;
	return false;
}

const char *record_str(struct record *r, const char *key)
{
	struct view v = record_get(r, key);
	return v.p && (is_own(r, v.p) || own_view(r, &v)) ? v.p : NULL;
}

static size_t escaped_size(struct view v)
{
	size_t n = v.n;
	for (size_t i = 0; i < v.n; i++)
		n += v.p[i] == '\t' || v.p[i] == '\n' || v.p[i] == '\r' || v.p[i] == '\\';
	return n;
}

static void escape(struct view v, char *o)
{
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];
		char e = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\\' ? '\\' : 0;
		if (e)
			*o++ = '\\';
		*o++ = e ? e : c;
	}
	*o = '\0';
}

static size_t line_size(const struct record *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++)
		n += r->field[i].key.n + r->field[i].raw.n + 2;
	return n;
}

int record_setv(struct record *r, struct view key, struct view value)
{
	if (!record_key_ok(key) || (value.n && memchr(value.p, '\0', value.n))) {
		errno = EINVAL;
		return -1;
	}
	struct field *f = record_find(r, key);
	size_t size = escaped_size(value), was = f ? f->raw.n : 0;
	if (line_size(r) - was + size + (f ? 0 : key.n + 2) > RECORD_LINE_MAX + 1) {
		errno = EMSGSIZE;
		return -1;
	}
	char *p = own_room(r, size + 1);
	bool fresh = f == NULL;
	if (!p || (fresh && !own_view(r, &key)) || (fresh && !(f = record_field_new(r)))) {
		errno = ENOMEM;
		return -1;
	}
	escape(value, p);
	if (fresh)
		f->key = key;
	f->raw = (struct view){ p, size };
	f->plain = size == value.n;
	return 0;
}

int record_set(struct record *r, const char *key, const char *value)
{
	return record_setv(r, view_of(key), view_of(value));
}

int record_setf(struct record *r, const char *key, const char *fmt, ...)
{
	char text[2048];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof text) {
		errno = EMSGSIZE;
		return -1;
	}
	return record_setv(r, view_of(key), (struct view){ text, (size_t)n });
}

void record_drop(struct record *r, const char *key)
{
	struct field *f = record_find(r, view_of(key));
	if (!f)
		return;
	size_t at = (size_t)(f - r->field);
	memmove(f, f + 1, (r->n - at - 1) * sizeof *f);
	r->n--;
}

void record_wipe(struct record *r, const char *key)
{
	struct field *f = record_find(r, view_of(key));
	if (!f)
		return;
	explicit_bzero((void *)(uintptr_t)f->raw.p, f->raw.n); /* the line's or the record's own bytes */
	record_drop(r, key);
}

int record_merge(struct record *to, const struct record *from)
{
	struct record copy = { 0 };
	int rc = record_copy(&copy, from);
	for (size_t i = 0; rc == 0 && i < copy.n; i++)
		rc = record_setv(to, copy.field[i].key, field_value(&copy, &copy.field[i]));
	record_clear(&copy);
	return rc;
}

static char *put(char *o, struct view v)
{
	if (v.n)
		memcpy(o, v.p, v.n);
	return o + v.n;
}

/* Is b where a line has it behind a, with only `between` between them? Own
 * memory has NUL there. */
static bool follows(struct view a, char between, struct view b)
{
	return a.p + a.n + 1 == b.p && a.p[a.n] == between;
}

int record_write(const struct record *r, struct buf *out)
{
	if (buf_reserve(out, line_size(r) + 1) != 0)
		return -1;
	char *o = out->data + out->len;
	for (size_t i = 0; i < r->n; i++) {
		const struct field *f = &r->field[i];
		struct view run = f->key;
		if (follows(run, '=', f->raw)) {
			run.n += 1 + f->raw.n;
			for (; i + 1 < r->n && follows(run, '\t', r->field[i + 1].key) &&
			       follows(r->field[i + 1].key, '=', r->field[i + 1].raw); i++)
				run.n += 2 + r->field[i + 1].key.n + r->field[i + 1].raw.n;
			o = put(o, run);
		} else {
			o = put(o, run);
			*o++ = '=';
			o = put(o, f->raw);
		}
		*o++ = '\t';
	}
	o[r->n ? -1 : 0] = '\n';
	out->len = (size_t)(o - out->data) + (r->n == 0);
	return 0;
}
