/* table_check.c - is a record a row of its table, and what are its values?
 * Refuses unknown columns (a typing error in an export must not lose data
 * silently), values that are not of the column's kind, missing ones. */
#include "base/fold.h"
#include "base/num.h"
#include "engine/dialstring.h"
#include "engine/table.h"
#include "engine/window.h"
#include "sys/zone.h"
#include "wire/ports.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool word_in(const char *words, struct view v)
{
	struct view rest = view_of(words), part;
	while (view_split(&rest, ' ', &part))
		if (view_eq(part, v))
			return true;
	return false;
}

static bool number_ok(const struct col *c, struct view v)
{
	char text[32], *end;
	if (!view_str(v, text, sizeof text) || text[strspn(text, "-.0123456789")])
		return false;
	double d = strtod(text, &end);
	return end != text && !*end && isfinite(d) && d >= c->min && d <= c->max &&
	       (c->kind == COL_REAL || !strchr(text, '.'));
}

static bool phone_ok(struct view v)
{
	size_t digits = 0;
	for (size_t i = 0; i < v.n; i++) {
		if (!strchr("0123456789+-()./ ", v.p[i]))
			return false;
		digits += v.p[i] >= '0' && v.p[i] <= '9';
	}
	return digits >= 2;
}

static bool dial_ok(struct view v)
{
	size_t n = 0;
	char text[256];
	struct dialstring d;
	const char *why;
	if (view_str(v, text, sizeof text) && dialstring_parse(text, &d, &why) && *d.number)
		return true;
	while (n < v.n && v.p[n] >= 'a' && v.p[n] <= 'z')
		n++;
	return n > 0 && n + 1 < v.n && v.p[n] == ':';
}

static bool window_ok(struct view v)
{
	struct window w;
	const char *why;
	return window_parse(v, &w, &why);
}

static bool zone_ok(struct view v)
{
	char name[ZONE_NAME];
	long offset;
	return view_str(v, name, sizeof name) && zone_offset(name, 0, &offset);
}

static bool ports_ok(struct view v)
{
	struct ports p;
	const char *why;
	return ports_parse(v, &p, &why);
}

/* NULL, or what the value should have been. */
static const char *kind_wrong(const struct col *c, struct view v)
{
	time_t t;
	switch (c->kind) {
	case COL_WORD: return word_in(c->spec, v) ? NULL : c->spec;
	case COL_INT: return number_ok(c, v) ? NULL : "a whole number";
	case COL_REAL: return number_ok(c, v) ? NULL : "a number";
	case COL_TIME: return time_parse(v, &t) ? NULL : "a time like 2026-11-22T18:47:07Z";
	case COL_PHONE: return phone_ok(v) ? NULL : "a telephone number";
	case COL_DIAL: return dial_ok(v) ? NULL : "a telephone number, or a line address like tcp:HOST:PORT";
	case COL_WINDOW: return window_ok(v) ? NULL : "days and hours like mon-fri 08:00-18:00; sat 09:00-12:00, at most 8 parts";
	case COL_ZONE: return zone_ok(v) ? NULL : "a time zone of this machine, like Europe/Berlin";
	case COL_PORTS: return ports_ok(v) ? NULL : "at most 16 ranges of ports like tcp/22,tcp/8000-8099,udp/161:both";
	case COL_NAMES: return memchr(v.p, ',', v.n) ? "a name without comma" : NULL;
	default: return NULL;
	}
}

static bool say(char *why, size_t size, const char *col, const char *text)
{
	snprintf(why, size, "%s: %s", col, text);
	return false;
}

static bool column_check(const struct col *c, struct record *r, char *why, size_t size)
{
	char text[160];
	struct view v = record_get(r, c->name);
	if (v.n == 0)
		return !(c->flags & COL_NEED) || c->unset || say(why, size, c->name, "is missing");
	const char *want = kind_wrong(c, v);
	if (!want)
		return true;
	if (c->min < c->max)
		snprintf(text, sizeof text, "must be %s from %g to %g", want, c->min, c->max);
	else
		snprintf(text, sizeof text, "must be %s%s", c->kind == COL_WORD ? "one of: " : "", want);
	return say(why, size, c->name, text);
}

/* How many of the two columns named in `pair` are given. */
static unsigned given(const char *pair, struct record *r)
{
	unsigned n = 0;
	char name[64];
	struct view rest = view_of(pair), part;
	while (view_split(&rest, ' ', &part))
		n += view_str(part, name, sizeof name) && record_get(r, name).n > 0;
	return n;
}

static bool object_ok(struct record *r)
{
	const char *scope = record_str(r, "scope");
	bool wants = scope && table_of_scope(scope);
	return (record_get(r, "object").n > 0) == wants;
}

bool table_check(const struct table *t, struct record *r, char *why, size_t size)
{
	char name[64];
	for (size_t i = 0; i < r->n; i++) {
		const struct col *c = view_str(r->field[i].key, name, sizeof name) ? table_col(t, name) : NULL;
		if (!c || col_derived(c)) {
			snprintf(why, size, "%.*s: no such column in %s", (int)r->field[i].key.n, r->field[i].key.p, t->name);
			return false;
		}
	}
	for (const struct col *c = t->col; c->name; c++)
		if (!col_derived(c) && !column_check(c, r, why, size))
			return false;
	if (t->one_of && given(t->one_of, r) != 1)
		return say(why, size, t->one_of, "exactly one of these is needed");
	if (t->any_of && given(t->any_of, r) == 0)
		return say(why, size, t->any_of, "one of these is needed");
	if (table_col(t, "object") && !object_ok(r))
		return say(why, size, "object", "is needed with the scopes customer, site and system, and with no other");
	return true;
}

static int derive(const struct col *c, struct view v, struct buf *out)
{
	size_t from = out->len;
	bool full;
	int rc = c->kind == COL_FOLDED       ? fold_text(v, out)
	         : c->kind == COL_PHONE_BACK ? fold_phone(v, out, &full)
	                                     : fold_serial(v, out);
	if (rc == 0 && c->kind != COL_FOLDED && c->kind != COL_SERIAL)
		fold_reverse(out, from);
	return rc;
}

int table_value(const struct table *t, const struct col *c, struct record *r, struct buf *out)
{
	struct buf made;
	if (!col_derived(c)) {
		struct view v = record_get(r, c->name);
		if (v.n == 0 && c->unset && c->unset[0] == '=')
			v = record_get(r, c->unset + 1);
		else if (v.n == 0 && c->unset)
			v = view_of(c->unset);
		return buf_addv(out, v);
	}
	buf_init(&made, RECORD_LINE_MAX);
	int rc = table_value(t, table_col(t, c->spec), r, &made);
	if (rc == 0)
		rc = derive(c, buf_view(&made), out);
	buf_clear(&made);
	return rc;
}
