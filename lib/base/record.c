/* record.c - parse, look up, change and write one record, sp-record(5).
 * Refuses what that page calls malformed: a field without '=', an empty or
 * repeated or oddly spelled key, NUL, CR, a bad escape, a line over 64 KiB.
 * Parsing looks at each byte once, sixteen at a time where the machine can. */
#include "base/record.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct chunk {
	struct chunk *next;
	size_t used, size;
	char b[];
};

#define PAIRWISE 24 /* up to so many fields, repeated keys are looked for pair by pair */

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

__extension__ static const unsigned char key_byte[256] = {
	['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['_'] = 1, ['.'] = 1, ['-'] = 1,
};

bool record_key_ok(struct view key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!key_byte[(unsigned char)key.p[i]])
			return false;
	return key.n > 0;
}

bool record_key_secret(struct view key)
{
	return view_is(key, "secret") || view_is(key, "token") || view_is(key, "permit") ||
	       view_is(key, "password");
}

/* The next byte that a value may not simply contain: a control or a backslash. */
static const char *value_stop(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i limit = _mm_set1_epi8(0x1f), back = _mm_set1_epi8('\\');
	for (; end - p >= 16; p += 16) {
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i low = _mm_cmpeq_epi8(_mm_max_epu8(b, limit), limit);
		int m = _mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(b, back)));
		if (m)
			return p + __builtin_ctz((unsigned)m);
	}
#endif
	while (p < end && (unsigned char)*p > 0x1f && *p != '\\')
		p++;
	return p;
}

static bool escape_ok(const char *p, const char *end)
{
	return end - p >= 2 && (p[1] == 't' || p[1] == 'n' || p[1] == 'r' || p[1] == '\\');
}

/* Reads a value from *p to its TAB or the end. Returns NULL or the reason. */
static const char *value_read(const char **p, const char *end, struct field *f)
{
	const char *start = *p, *at = *p;
	f->plain = true;
	for (;;) {
		at = value_stop(at, end);
		if (at == end || *at == '\t')
			break;
		if (*at == '\\') {
			if (!escape_ok(at, end))
				return "bad escape (only \\t \\n \\r \\\\ are known)";
			f->plain = false;
			at += 2;
		} else if (*at == '\0') {
			return "NUL byte in a value";
		} else if (*at == '\r') {
			return "carriage return in a value (write \\r)";
		} else if (*at == '\n') {
			return "line feed in a value (write \\n)";
		} else {
			at++;
		}
	}
	f->raw = (struct view){ start, (size_t)(at - start) };
	*p = at;
	return NULL;
}

static const char *key_read(const char **p, const char *end, struct field *f)
{
	const char *start = *p, *at = *p;
	while (at < end && key_byte[(unsigned char)*at])
		at++;
	if (at == end || *at != '=')
		return at < end && *at != '\t' ? "byte that is not allowed in a key" : "field without '='";
	if (at == start)
		return "empty key";
	f->key = (struct view){ start, (size_t)(at - start) };
	*p = at + 1;
	return NULL;
}

static uint32_t key_hash(struct view k)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < k.n; i++)
		h = (h ^ (unsigned char)k.p[i]) * 16777619u;
	return h ^ h >> 15;
}

/* Repeated keys among many fields: a table of indices, so that a hostile line
 * of twenty thousand fields costs no more than its length. 1/0/-1 ENOMEM. */
static int repeated_hashed(const struct record *r)
{
	size_t size = 64;
	while (size < r->n * 2)
		size *= 2;
	uint32_t *slot = calloc(size, sizeof *slot);
	if (!slot)
		return -1;
	int found = 0;
	for (size_t i = 0; i < r->n && !found; i++) {
		size_t h = key_hash(r->field[i].key) & (size - 1);
		while (slot[h] && !view_eq(r->field[slot[h] - 1].key, r->field[i].key))
			h = (h + 1) & (size - 1);
		found = slot[h] != 0;
		slot[h] = (uint32_t)i + 1;
	}
	free(slot);
	return found;
}

static int repeated(const struct record *r)
{
	if (r->n > PAIRWISE)
		return repeated_hashed(r);
	for (size_t i = 1; i < r->n; i++) {
		struct view k = r->field[i].key;
		for (size_t j = 0; j < i; j++) {
			struct view o = r->field[j].key;
			if (o.n == k.n && o.p[0] == k.p[0] && memcmp(o.p, k.p, k.n) == 0)
				return 1;
		}
	}
	return 0;
}

static struct field *field_new(struct record *r)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		struct field *f = realloc(r->field, cap * sizeof *f);
		if (!f)
			return NULL;
		r->field = f;
		r->cap = cap;
	}
	return &r->field[r->n++];
}

int record_parse(struct record *r, struct view line, const char **why)
{
	const char *p = line.p, *end = line.p + line.n;
	chunks_free(r);
	r->n = 0;
	*why = line.n == 0 ? "empty line" : line.n > RECORD_LINE_MAX ? "line over 64 KiB" : NULL;
	while (!*why) {
		struct field *f = field_new(r);
		if (!f)
			*why = "out of memory";
		else if (!(*why = key_read(&p, end, f)))
			*why = value_read(&p, end, f);
		if (*why || p == end)
			break;
		p++; /* the TAB */
	}
	if (!*why) {
		int again = repeated(r);
		*why = again < 0 ? "out of memory" : again ? "repeated key" : NULL;
	}
	if (*why)
		r->n = 0;
	return *why ? -1 : 1;
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
		struct field *f = field_new(to);
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
	if (!p || (fresh && !own_view(r, &key)) || (fresh && !(f = field_new(r)))) {
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

int record_merge(struct record *to, const struct record *from)
{
	struct record copy = { 0 };
	int rc = record_copy(&copy, from);
	for (size_t i = 0; rc == 0 && i < copy.n; i++)
		rc = record_setv(to, copy.field[i].key, field_value(&copy, &copy.field[i]));
	record_clear(&copy);
	return rc;
}

int record_write(const struct record *r, struct buf *out)
{
	size_t was = out->len;
	int rc = 0;
	for (size_t i = 0; i < r->n && rc == 0; i++) {
		const struct field *f = &r->field[i];
		if ((i && buf_addc(out, '\t') != 0) || buf_addv(out, f->key) != 0 ||
		    buf_addc(out, '=') != 0 || buf_addv(out, f->raw) != 0)
			rc = -1;
	}
	if (rc == 0)
		rc = buf_addc(out, '\n');
	if (rc != 0)
		out->len = was;
	return rc;
}
