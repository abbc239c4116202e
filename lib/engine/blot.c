/* blot.c - finds secrets in a device's output. What devices put into a long echo
 * (line ends, backspaces, escape sequences) may stand between the bytes of one;
 * of one that was scrolled to the left, its end stands behind the mark for that. */
#include "engine/blot.h"

#include <stdlib.h>

#define CUT 3       /* a piece of a secret is one from so many bytes on */
#define SUFFIX 128  /* pieces that begin so far inside it are looked for */
#define REACH(n) (2 * (n) + 64) /* a secret of n bytes is not spread over more */
#define SEEN_MAX (BLOT_SEEN + REACH(SECRET_MAX))

enum { NO, PART, FULL };

/* Room in place of the oldest of several of this key, which was renewed since; BLOT_MAX:
 * there are not several. */
static unsigned oldest(struct blot *b, struct view key)
{
	unsigned at = 0, same = 0;
	for (unsigned i = 0; i < b->n; i++)
		same += view_is(key, b->one[i].key);
	while (at < b->n && !view_is(key, b->one[at].key))
		at++;
	if (same < 2)
		return BLOT_MAX;
	for (unsigned i = at; i + 1 < b->n; i++) /* those that came later stay in their order */
		b->one[i] = b->one[i + 1];
	b->n--;
	return b->n;
}

bool blot_add(struct blot *b, struct view key, struct view value)
{
	if (value.n == 0)
		return true;
	for (unsigned i = 0; i < b->n; i++)
		if (view_eq(secret_view(&b->one[i].value), value))
			return true;
	unsigned at = b->n < BLOT_MAX ? b->n : oldest(b, key);
	if (at == BLOT_MAX || !secret_set(&b->one[at].value, value))
		return false;
	if (!view_str(key, b->one[at].key, BLOT_KEY))
		view_str(view_of("secret"), b->one[at].key, BLOT_KEY);
	b->n += at == b->n;
	if (value.n > b->longest)
		b->longest = value.n;
	return true;
}

void blot_clear(struct blot *b)
{
	explicit_bzero(b, sizeof *b);
}

/* The length of what only moves the cursor, at i. */
static size_t noise(struct view v, size_t i)
{
	char c = v.p[i];
	if (c == '\r' || c == '\n' || c == '\b' || c == '\a' || c == '\0')
		return 1;
	if (c == ' ') /* at the right margin: a blank and CR */
		return i + 1 == v.n || v.p[i + 1] == '\r';
	if (c != '\x1b')
		return 0;
	size_t n = 1;
	if (i + n < v.n && v.p[i + n++] == '[')
		while (i + n < v.n && v.p[i + n] >= ' ' && v.p[i + n++] < '@')
			continue;
	return n;
}

/* Does v begin with s? *len: how much of v that is. Backspaces may take bytes of it
 * back, which then come again. */
static int match(struct view s, struct view v, size_t *len)
{
	size_t i = 0, j = 0, n, back = 0;
	bool redrawn = false;
	*len = 0;
	while (i < s.n && j < v.n && j < REACH(s.n)) {
		if (v.p[j] != s.p[i] && back && back <= i && s.p[i - back] == v.p[j])
			i -= back;
		if (v.p[j] == s.p[i]) {
			i++;
			*len = ++j;
			back = 0;
		} else if (i > 0 && back && v.p[j] == ' ') {
			back--;
			j++;
		} else if (i > 0 && (n = noise(v, j)) > 0) {
			redrawn |= v.p[j] == '\b' || (v.p[j] == '\r' && j + 1 < v.n && v.p[j + 1] != '\n');
			back += v.p[j] == '\b';
			j += n;
		} else {
			return i >= CUT && redrawn ? FULL : NO; /* the rest is drawn again elsewhere */
		}
	}
	if (i == s.n)
		return FULL;
	if (j < v.n)
		return NO;
	return i >= CUT ? PART : i > 0 ? PART + FULL : NO;
}

/* Keeps the longer of two findings. */
static void better(int found, size_t n, const char *key, int *best, size_t *len, const char **whose)
{
	if (found == FULL && (*best != FULL || n > *len)) {
		*best = FULL;
		*len = n;
		*whose = key;
	} else if (found != NO && *best != FULL && *best != PART) {
		*best = found;
		*len = n;
		*whose = key;
	}
}

size_t blot_next(const struct blot *b, struct view v, enum blot_end end, const char **key)
{
	int best = NO;
	size_t len = 0, n;
	const char *whose = NULL;
	bool mark = end != BLOT_WHOLE && (*v.p == '$' || *v.p == '<');
	bool hungry = false; /* more bytes could make it one, or a longer one */
	for (unsigned i = 0; i < b->n; i++) {
		struct view s = secret_view(&b->one[i].value);
		int found = match(s, v, &n);
		hungry |= found != NO && found != FULL;
		better(found, n, b->one[i].key, &best, &len, &whose);
		for (size_t k = 1; mark && k <= SUFFIX && k + CUT <= s.n; k++) {
			struct view tail = { s.p + k, s.n - k }, after = { v.p + 1, v.n - 1 };
			found = after.n ? match(tail, after, &n) : PART + FULL;
			hungry |= found != NO && found != FULL;
			better(found, n + 1, b->one[i].key, &best, &len, &whose);
		}
	}
	*key = NULL;
	if (hungry && end == BLOT_MORE)
		return 0;
	if (best != FULL && (best != PART || end == BLOT_WHOLE))
		return 1;
	*key = whose;
	return len;
}

void blot_seen_init(struct blot_seen *s)
{
	buf_init(&s->raw, 2 * SEEN_MAX);
	s->cut = false;
}

void blot_seen_clear(struct blot_seen *s)
{
	if (s->raw.data)
		explicit_bzero(s->raw.data, s->raw.cap);
	buf_clear(&s->raw);
}

void blot_seen_add(struct blot_seen *s, struct view v)
{
	s->cut |= s->raw.len + v.n > SEEN_MAX;
	if (v.n > SEEN_MAX)
		v = (struct view){ v.p + v.n - SEEN_MAX, SEEN_MAX };
	if (s->raw.len + v.n > 2 * SEEN_MAX)
		buf_consume(&s->raw, s->raw.len + v.n - SEEN_MAX);
	if (buf_addv(&s->raw, v) != 0)
		s->raw.len = 0;
}

/* What of v is behind its first bytes. */
static int show(const struct blot *b, struct view v, size_t from, struct buf *out)
{
	int rc = 0;
	for (size_t i = 0, n; i < v.n && rc == 0; i += n) {
		const char *key;
		n = blot_next(b, (struct view){ v.p + i, v.n - i }, BLOT_LAST, &key);
		if (i >= from)
			rc = key ? buf_adds(out, "***") : buf_addc(out, v.p[i] ? v.p[i] : ' ');
	}
	return rc;
}

int blot_show(const struct blot *b, struct view v, struct buf *out)
{
	return show(b, v, 0, out);
}

void blot_seen_show(const struct blot_seen *s, const struct blot *b, struct buf *out)
{
	/* What was cut off before may have been the beginning of a secret. */
	size_t from = s->cut && s->raw.len > REACH(b->longest) ? REACH(b->longest) : 0;
	struct buf shown;
	buf_init(&shown, 4 * s->raw.len + 16);
	show(b, buf_view(&s->raw), from, &shown);
	if (shown.len > BLOT_SEEN)
		buf_consume(&shown, shown.len - BLOT_SEEN);
	if (buf_addv(out, buf_view(&shown)) != 0)
		buf_adds(out, "(too long to be shown)");
	buf_clear(&shown);
}
