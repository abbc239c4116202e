/* transcript.c - writes the dialogue of a call. What a device said is kept back as
 * long as it may be the beginning of a secret, and until the talk has heard it; what
 * is written about anything else has all of it before. */
#include "engine/transcript.h"

#include "base/num.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CUT 3      /* bytes from which on the beginning of a secret is seen as one */
#define HELD_MAX (4 * TRANSCRIPT_PIECE)

struct transcript {
	struct transcript_conf c;
	char call[64];
	struct buf held;  /* not written yet, */
	size_t skip;      /* but for so many: a secret may have begun there */
	int64_t held_at;
	bool late, lost;
	uint64_t written;
};

static void put(struct transcript *t, struct record *r)
{
	struct buf b;
	buf_init(&b, RECORD_LINE_MAX + 1);
	ssize_t n = -1;
	bool whole = record_write(r, &b) == 0;
	t->written += b.len;
	if (!t->lost && t->written > TRANSCRIPT_MAX) {
		errno = EFBIG;
	} else if (!t->lost && whole) {
		do
			n = write(t->c.fd, b.data, b.len);
		while (n < 0 && errno == EINTR);
		if (n >= 0 && (size_t)n < b.len)
			errno = ENOSPC;
	}
	if (!t->lost && (n < 0 || (size_t)n < b.len)) {
		t->lost = true;
		t->c.lost(t->c.arg, errno);
	}
	buf_clear(&b);
}

static void begin(struct transcript *t, struct record *r, int64_t at)
{
	record_init(r);
	record_set(r, "call", t->call);
	record_setf(r, "at", "%lld", (long long)(at - t->c.now));
}

static void finish(struct transcript *t, struct record *r)
{
	put(t, r);
	record_clear(r);
}

static int encode(struct buf *out, char c)
{
	if (c == '%')
		return buf_adds(out, "%%");
	if ((c >= ' ' && c < 0x7f) || c == '\r' || c == '\n' || c == '\t')
		return buf_addc(out, c);
	return buf_printf(out, "%%%02x", (unsigned)(unsigned char)c);
}

/* As much of v as can be told to be no secret, or to be one. Returns its length. What
 * is before skip is in the transcript already: of a secret that goes on behind it, only
 * a beginning that was not seen as one (CUT) makes it named again. */
static size_t encode_all(struct transcript *t, struct view v, size_t skip, enum blot_end end, struct buf *out)
{
	size_t i = 0, n;
	const char *key;
	for (; i < v.n && (n = blot_next(t->c.blot, (struct view){ v.p + i, v.n - i }, end, &key)) > 0; i += n) {
		if (i + n <= skip || (i < skip && skip - i >= CUT))
			continue;
		if (key)
			buf_printf(out, "%%{%s}", key);
		else
			encode(out, v.p[i]);
	}
	return i;
}

static void set(struct transcript *t, struct record *r, const char *prefix, struct view key, struct view value)
{
	char name[128];
	struct buf b;
	buf_init(&b, RECORD_LINE_MAX);
	int n = snprintf(name, sizeof name, "%s%.*s", prefix, (int)(key.n > 100 ? 100 : key.n), key.p);
	if (profile_secret(t->c.profile, key))
		buf_printf(&b, value.n ? "%%{%.*s}" : "", (int)(key.n > 100 ? 100 : key.n), key.p);
	else
		encode_all(t, value, 0, BLOT_WHOLE, &b);
	record_setv(r, (struct view){ name, (size_t)n }, b.len ? buf_view(&b) : view_of(""));
	buf_clear(&b);
}

/* What may be the beginning of a secret is still known when the rest of it comes. */
static void flush(struct transcript *t, enum blot_end end)
{
	struct buf text, none;
	struct record r;
	buf_init(&text, RECORD_LINE_MAX);
	buf_init(&none, 8 * TRANSCRIPT_PIECE);
	size_t all = encode_all(t, buf_view(&t->held), t->skip, end, &text);
	size_t n = end == BLOT_LAST ? encode_all(t, buf_view(&t->held), t->held.len, BLOT_MORE, &none) : all;
	buf_clear(&none);
	if (text.len > 0) {
		begin(t, &r, t->held_at);
		record_set(&r, "dir", "in");
		if (t->late)
			record_set(&r, "late", "yes");
		record_setv(&r, view_of("text"), buf_view(&text));
		finish(t, &r);
		t->late = false;
	}
	t->skip = all > t->skip ? all : t->skip;
	t->skip -= n < t->skip ? n : t->skip;
	if (n > 0) {
		explicit_bzero(t->held.data, n);
		buf_consume(&t->held, n);
	}
	buf_clear(&text);
}

void transcript_in(struct transcript *t, int64_t now, struct view bytes, bool late)
{
	if (!t)
		return;
	t->held_at = now;
	t->late |= late;
	if (t->held.len + bytes.n > HELD_MAX) {
		flush(t, BLOT_LAST);
		t->held.len = t->skip = 0;
	}
	buf_addv(&t->held, bytes);
}

void transcript_heard(struct transcript *t)
{
	if (t)
		flush(t, BLOT_MORE);
}

void transcript_out(struct transcript *t, int64_t now, struct view text)
{
	struct record r;
	if (!t)
		return;
	flush(t, BLOT_LAST);
	begin(t, &r, now);
	record_set(&r, "dir", "out");
	set(t, &r, "", view_of("text"), text);
	finish(t, &r);
}

void transcript_state(struct transcript *t, int64_t now, const char *name, int step)
{
	struct record r;
	if (!t)
		return;
	flush(t, BLOT_LAST);
	begin(t, &r, now);
	record_set(&r, "state", name);
	record_setf(&r, "step", "%d", step);
	finish(t, &r);
}

void transcript_event(struct transcript *t, int64_t now, const char *event, int step, const char *word, struct record *fields)
{
	struct record r;
	if (!t)
		return;
	flush(t, BLOT_LAST);
	begin(t, &r, now);
	record_set(&r, "event", event);
	if (step)
		record_setf(&r, "step", "%d", step);
	if (word)
		record_set(&r, "word", word);
	for (size_t i = 0; fields && i < fields->n; i++)
		set(t, &r, "f.", fields->field[i].key, field_value(fields, &fields->field[i]));
	finish(t, &r);
}

void transcript_met(struct transcript *t, int64_t now, const char *event, const char *detail, bool late)
{
	struct record r;
	if (!t)
		return;
	flush(t, BLOT_LAST);
	begin(t, &r, now);
	record_set(&r, "event", event);
	if (late)
		record_set(&r, "late", "yes");
	if (detail)
		set(t, &r, "", view_of("detail"), view_of(detail));
	finish(t, &r);
}

void transcript_end(struct transcript *t, int64_t now, const char *status, int step, const char *detail)
{
	struct record r;
	if (!t)
		return;
	flush(t, BLOT_LAST);
	begin(t, &r, now);
	record_set(&r, "event", "end");
	record_set(&r, "status", status);
	if (step)
		record_setf(&r, "step", "%d", step);
	set(t, &r, "", view_of("detail"), view_of(detail));
	finish(t, &r);
}

struct vars {
	struct transcript *t;
	struct record *r;
};

static void add_var(void *arg, struct view key)
{
	struct vars *v = arg;
	struct field *f = record_find(v->t->c.vars, key);
	bool password = view_is(key, "password");
	if (f || password) /* which is no field, but always there */
		set(v->t, v->r, "v.", key, f ? field_value(v->t->c.vars, f) : key);
}

struct transcript *transcript_new(const struct transcript_conf *conf)
{
	char now[TIME_TEXT];
	struct record r;
	struct transcript *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->c = *conf;
	snprintf(t->call, sizeof t->call, "%s", conf->call);
	buf_init(&t->held, 4 * TRANSCRIPT_PIECE);
	begin(t, &r, conf->now);
	record_set(&r, "event", "begin");
	time_text(time(NULL), now);
	record_set(&r, "time", now);
	record_set(&r, "profile", conf->profile->name);
	struct vars v = { t, &r };
	profile_keys(conf->profile, add_var, &v);
	add_var(&v, view_of("router"));
	finish(t, &r);
	return t;
}

void transcript_free(struct transcript *t)
{
	if (!t)
		return;
	flush(t, BLOT_LAST);
	if (t->held.data)
		explicit_bzero(t->held.data, t->held.cap);
	buf_clear(&t->held);
	free(t);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int transcript_bytes(struct view s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		const char *end = NULL;
		char c = i + 1 < s.n ? s.p[i + 1] : '\0', d = i + 2 < s.n ? s.p[i + 2] : '\0';
		if (s.p[i] != '%') {
			buf_addc(out, s.p[i]);
		} else if (c == '%') {
			buf_addc(out, s.p[i++]);
		} else if (c == '{' && (end = memchr(s.p + i, '}', s.n - i))) {
			buf_add(out, s.p + i, (size_t)(end - s.p) - i + 1);
			i = (size_t)(end - s.p);
		} else if (hex(c) >= 0 && hex(d) >= 0) {
			buf_addc(out, (char)(hex(c) * 16 + hex(d)));
			i += 2;
		} else {
			return -1;
		}
	}
	return 1;
}
