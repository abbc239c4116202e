/* recparse.c - a line becomes a record, sp-record(5).
 * Refuses what that page calls malformed: a field without '=', an empty or
 * repeated or oddly spelled key, NUL, CR, a bad escape, a line over 64 KiB.
 * Parsing copies nothing and looks at sixteen bytes at a time where the
 * machine can: this is the inner loop of every filter. */
#include "base/record_impl.h"

#include <stdint.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define PAIRWISE 24 /* up to so many fields, repeated keys are looked for pair by pair */

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

/* Sixty-four bytes of a line, looked at once: a bit for each that does not
 * belong to a key, and for each that a value may not simply contain. Bytes
 * behind the line's end have both. */
struct look {
	const char *line, *end, *from; /* the line, and where these bytes are */
	uint64_t key, value;
};

#ifdef __SSE2__
static inline __m128i within(__m128i b, char from, char count)
{
	__m128i d = _mm_sub_epi8(b, _mm_set1_epi8(from));
	return _mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(count)), d);
}

/* Sixteen bytes at p; without the first `skip` they stand `at` bytes behind l->from. */
static inline void look_sixteen(struct look *l, const char *p, size_t at, size_t skip)
{
	__m128i b = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i alpha = within(_mm_or_si128(b, _mm_set1_epi8(0x20)), 'a', 25);
	__m128i other = _mm_or_si128(within(b, '-', 1), _mm_cmpeq_epi8(b, _mm_set1_epi8('_')));
	__m128i key = _mm_or_si128(_mm_or_si128(alpha, within(b, '0', 9)), other);
	__m128i stop = _mm_or_si128(within(b, 0, 0x1f), _mm_cmpeq_epi8(b, _mm_set1_epi8('\\')));
	l->key |= (uint64_t)((~(unsigned)_mm_movemask_epi8(key) & 0xffff) >> skip) << at;
	l->value |= (uint64_t)((unsigned)_mm_movemask_epi8(stop) >> skip) << at;
}
#else
static inline void look_sixteen(struct look *l, const char *p, size_t at, size_t skip)
{
	for (size_t i = 0; i + skip < 16; i++) {
		unsigned char c = (unsigned char)p[i + skip];
		l->key |= (uint64_t)!key_byte[c] << (at + i);
		l->value |= (uint64_t)(c <= 0x1f || c == '\\') << (at + i);
	}
}
#endif

/* The line's last bytes are the end of its last sixteen: nothing behind it is
 * read, and of what may be a secret there is no second copy. */
static inline void look_at(struct look *l, const char *from)
{
	size_t left = (size_t)(l->end - from), at = 0;
	l->from = from;
	l->key = l->value = left < 64 ? ~(uint64_t)0 << left : 0;
	for (; at < 64 && at + 16 <= left; at += 16)
		look_sixteen(l, from + at, at, 0);
	if (at == 64 || at == left)
		return;
	if (l->end - l->line >= 16) {
		look_sixteen(l, l->end - 16, at, at + 16 - left);
		return;
	}
	char pad[16] = "";
	look_sixteen(l, memcpy(pad, from, left), at, 0);
	explicit_bzero(pad, sizeof pad);
}

/* The next byte from p on that does not belong to a key, or that a value may
 * not simply contain; the line's end at the latest. */
static inline const char *stop(struct look *l, const char *p, bool key)
{
	for (;; p = l->from + 64) {
		if (p - l->from >= 64)
			look_at(l, p);
		uint64_t m = (key ? l->key : l->value) >> (p - l->from);
		if (m)
			return p + __builtin_ctzll(m);
	}
}

static bool escape_ok(const char *p, const char *end)
{
	return end - p >= 2 && (p[1] == 't' || p[1] == 'n' || p[1] == 'r' || p[1] == '\\');
}

/* Reads a value from *p to its TAB or the end. Returns NULL or the reason. */
static inline const char *value_read(const char **p, struct look *l, struct field *f)
{
	const char *start = *p, *at = *p, *end = l->end;
	f->plain = true;
	for (;; at++) {
		at = stop(l, at, false);
		if (at == end || *at == '\t')
			break;
		if (*at == '\\') {
			if (!escape_ok(at, end))
				return "bad escape (only \\t \\n \\r \\\\ are known)";
			f->plain = false;
			at++;
		} else if (*at == '\0') {
			return "NUL byte in a value";
		} else if (*at == '\r') {
			return "carriage return in a value (write \\r)";
		} else if (*at == '\n') {
			return "line feed in a value (write \\n)";
		}
	}
	f->raw = (struct view){ start, (size_t)(at - start) };
	*p = at;
	return NULL;
}

static inline const char *key_read(const char **p, struct look *l, struct field *f)
{
	const char *start = *p, *at = stop(l, start, true), *end = l->end;
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

/* Most keys differ in length, first or last byte: only those that share a bit
 * with an earlier one are compared. */
static int repeated(const struct record *r)
{
	uint64_t seen = 0;
	if (r->n > PAIRWISE)
		return repeated_hashed(r);
	for (size_t i = 0; i < r->n; i++) {
		struct view k = r->field[i].key;
		unsigned h = (unsigned)k.n + 5u * (unsigned char)k.p[0] + 11u * (unsigned char)k.p[k.n - 1];
		uint64_t bit = (uint64_t)1 << (h & 63);
		for (size_t j = 0; (seen & bit) && j < i; j++)
			if (view_eq(r->field[j].key, k))
				return 1;
		seen |= bit;
	}
	return 0;
}

int record_parse(struct record *r, struct view line, const char **why)
{
	const char *p = line.p, *end = line.p + line.n;
	struct look look = { .line = p, .end = end };
	record_reset(r);
	*why = line.n == 0 ? "empty line" : line.n > RECORD_LINE_MAX ? "line over 64 KiB" : NULL;
	if (!*why)
		look_at(&look, p);
	while (!*why) {
		struct field *f = record_field_new(r);
		if (!f)
			*why = "out of memory";
		else if (!(*why = key_read(&p, &look, f)))
			*why = value_read(&p, &look, f);
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
