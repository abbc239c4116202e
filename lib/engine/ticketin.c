/* ticketin.c - where one ticket ends and the next begins, and what a JSON one
 * says (jansson). A scan that knows strings and brackets only finds a
 * document's end, so that tickets come out while the input still runs. Refuses
 * documents over 8 MiB, repeated keys and what is not an object. */
#include "engine/ticket.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

void ticketin_init(struct ticketin *t)
{
	*t = (struct ticketin){ .line = 1 };
	buf_init(&t->in, (size_t)TICKET_DOCUMENT_MAX + (1u << 20));
}

void ticketin_clear(struct ticketin *t)
{
	json_decref(t->doc);
	buf_clear(&t->in);
	ticketin_init(t);
}

static struct view rest(const struct ticketin *t)
{
	if (t->in.len == t->at)
		return (struct view){ "", 0 };
	return (struct view){ t->in.data + t->at, t->in.len - t->at };
}

static void take(struct ticketin *t, size_t n)
{
	struct view v = rest(t);
	for (size_t i = 0; i < n; i++)
		t->line += v.p[i] == '\n';
	t->at += n;
	t->scanned = 0;
	t->depth = 0;
	t->string = t->escape = false;
}

int ticketin_add(struct ticketin *t, struct view bytes)
{
	buf_consume(&t->in, t->at);
	t->at = 0;
	return buf_addv(&t->in, bytes);
}

/* Goes on scanning; the length of the document when its end is there, else 0. */
static size_t scan(struct ticketin *t, struct view v)
{
	for (; t->scanned < v.n; t->scanned++) {
		char c = v.p[t->scanned];
		if (t->string) {
			t->string = t->escape || c != '"';
			t->escape = !t->escape && c == '\\';
		} else if (c == '"') {
			t->string = true;
		} else if (c == '{' || c == '[') {
			t->depth++;
		} else if ((c == '}' || c == ']') && --t->depth == 0) {
			return t->scanned + 1;
		}
	}
	return 0;
}

static void scalar(json_t *v, char num[64], struct view *text)
{
	*text = (struct view){ num, 0 };
	if (json_is_string(v))
		*text = (struct view){ json_string_value(v), json_string_length(v) };
	else if (json_is_integer(v))
		text->n = (size_t)snprintf(num, 64, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v))
		text->n = (size_t)snprintf(num, 64, "%.15g", json_real_value(v));
	else if (json_is_boolean(v))
		*text = view_of(json_is_true(v) ? "true" : "false");
}

static bool is_scalar(json_t *v)
{
	return !json_is_object(v) && !json_is_array(v);
}

/* An array of scalars joined by ",". -1 when there is another thing in it. */
static int joined(json_t *array, struct buf *out)
{
	size_t i, n = 0;
	json_t *v;
	json_array_foreach(array, i, v) {
		char num[64];
		struct view text;
		if (!is_scalar(v))
			return -1;
		scalar(v, num, &text);
		if (json_is_null(v))
			continue;
		if ((n++ && buf_addc(out, ',') != 0) || buf_addv(out, text) != 0)
			return -1;
	}
	return 0;
}

static const char *put_value(struct record *r, struct view key, json_t *v)
{
	char num[64];
	struct view text;
	if (json_is_null(v))
		return NULL;
	if (is_scalar(v)) {
		scalar(v, num, &text);
		return ticket_put(r, key, text, true);
	}
	struct buf b;
	const char *why = "out of memory";
	buf_init(&b, TICKET_DOCUMENT_MAX);
	if (json_is_array(v) && joined(v, &b) == 0) {
		why = ticket_put(r, key, buf_view(&b), true);
	} else {
		char *deep = json_dumps(v, JSON_COMPACT);
		if (deep)
			why = ticket_put(r, key, view_of(deep), true);
		free(deep);
	}
	buf_clear(&b);
	return why;
}

static const char *put_object(struct record *r, const char *outer, json_t *o)
{
	char name[512];
	const char *key, *why = NULL;
	json_t *v;
	json_object_foreach(o, key, v) {
		int n = snprintf(name, sizeof name, "%s.%s", outer, key);
		if (n < 0 || (size_t)n >= sizeof name)
			return "key over 250 bytes";
		why = put_value(r, view_of(name), v);
		if (why)
			break;
	}
	return why;
}

static const char *of_object(json_t *o, struct record *r)
{
	const char *key, *why = NULL;
	json_t *v;
	if (!json_is_object(o))
		return "not a JSON object";
	json_object_foreach(o, key, v) {
		why = json_is_object(v) ? put_object(r, key, v) : put_value(r, view_of(key), v);
		if (why)
			return why;
	}
	ticket_settle(r);
	return r->n ? NULL : "empty JSON object";
}

/* The next object of the document that was read. 1, -1, or 0: it is used up. */
static int next_object(struct ticketin *t, struct record *r, const char **why)
{
	json_t *o = t->doc;
	if (!o)
		return 0;
	if (json_is_array(o))
		o = json_array_get(o, t->element++);
	else if (t->element++)
		o = NULL;
	if (!o) {
		json_decref(t->doc);
		t->doc = NULL;
		return 0;
	}
	record_clear(r);
	*why = of_object(o, r);
	return *why ? -1 : 1;
}

/* Reads the document in v. 0, or -1 malformed. */
static int read_json(struct ticketin *t, struct view v, const char **why)
{
	json_error_t e;
	t->where = t->line;
	t->element = 0;
	t->doc = json_loadb(v.p, v.n, JSON_REJECT_DUPLICATES, &e);
	take(t, v.n);
	t->json_before = true;
	if (t->doc)
		return 0;
	if (e.line > 0)
		t->where += (unsigned long)e.line - 1;
	snprintf(t->why, sizeof t->why, "not valid JSON: %s", e.text);
	*why = t->why;
	return -1;
}

static int json_document(struct ticketin *t, bool eof, const char **why)
{
	struct view v = rest(t);
	size_t n = scan(t, v);
	if (n)
		return read_json(t, (struct view){ v.p, n }, why) == 0 ? 1 : -1;
	if (v.n > TICKET_DOCUMENT_MAX) {
		t->where = t->line;
		t->json_before = t->skip = true; /* where it ends cannot be known: the input's rest is lost */
		*why = "JSON document over 8 MiB";
		return -1;
	}
	return eof ? read_json(t, v, why) : 0; /* cut: jansson says where and what is missing */
}

static int of_record(struct record *from, struct record *r, const char **why)
{
	record_clear(r);
	if (record_has(from, "error")) {
		*why = record_copy(r, from) == 0 ? NULL : "out of memory";
		return *why ? -1 : 1;
	}
	for (size_t i = 0; i < from->n; i++) {
		*why = ticket_put(r, from->field[i].key, field_value(from, &from->field[i]), false);
		if (*why)
			return -1;
	}
	ticket_settle(r);
	return 1;
}

static int record_line(struct ticketin *t, bool eof, struct record *r, const char **why)
{
	struct view v = rest(t);
	const char *lf = v.n ? memchr(v.p, '\n', v.n) : NULL;
	struct record line = { 0 };
	if (!lf && !eof && v.n <= RECORD_LINE_MAX)
		return 0;
	t->where = t->line;
	t->json_before = false;
	*why = !lf && v.n > RECORD_LINE_MAX ? "line over 64 KiB" : "last line has no line feed (cut?)";
	int rc = -1;
	if (lf)
		rc = record_parse(&line, (struct view){ v.p, (size_t)(lf - v.p) }, why);
	if (rc == 1)
		rc = of_record(&line, r, why);
	record_clear(&line);
	take(t, lf ? (size_t)(lf - v.p) + 1 : v.n);
	t->skip = !lf && !eof;
	return rc;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Leaves what belongs to a line or document that was refused for its length. */
static void skip_rest(struct ticketin *t)
{
	struct view v = rest(t);
	const char *lf = v.n && !t->json_before ? memchr(v.p, '\n', v.n) : NULL;
	take(t, lf ? (size_t)(lf - v.p) + 1 : v.n);
	t->skip = !lf;
}

int ticketin_next(struct ticketin *t, bool eof, struct record *r, const char **why)
{
	for (;;) {
		int rc = next_object(t, r, why);
		if (rc != 0)
			return rc;
		if (t->skip)
			skip_rest(t);
		struct view v = rest(t);
		size_t n = 0;
		while (n < v.n && blank(v.p[n]))
			n++;
		bool json = n < v.n && (v.p[n] == '{' || v.p[n] == '[');
		if (n == v.n && !eof && n <= RECORD_LINE_MAX)
			return 0; /* what follows says what the blanks are */
		if (n && (json || t->json_before))
			take(t, n);
		if (rest(t).n == 0)
			return 0;
		if (!json)
			return record_line(t, eof, r, why);
		rc = json_document(t, eof, why);
		if (rc != 1)
			return rc;
	}
}
