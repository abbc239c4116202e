/* json.c - records as JSON Lines and back (jansson).
 * A number becomes its text as it stands in the input (1.50, 1e3, twenty
 * digits): before jansson sees them, numbers that are a member's value are put
 * into quotes, because it would make a double or an int64 of them. true and
 * false become their text; null, arrays and objects are refused, and so is
 * what RFC 8259 does not allow. A value that is not UTF-8 cannot be written. */
#include "base/recio.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

static size_t digits(const char *p, size_t n)
{
	size_t i = 0;
	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	return i;
}

/* Length of the number (RFC 8259, section 6) at p, 0 when there is none. */
static size_t number(const char *p, size_t n)
{
	size_t at = n && p[0] == '-', d = digits(p + at, n - at);
	if (d == 0 || (d > 1 && p[at] == '0'))
		return 0;
	at += d;
	if (at < n && p[at] == '.') {
		if ((d = digits(p + at + 1, n - at - 1)) == 0)
			return 0;
		at += 1 + d;
	}
	if (at < n && (p[at] == 'e' || p[at] == 'E')) {
		size_t sign = at + 1 < n && (p[at + 1] == '+' || p[at + 1] == '-');
		if ((d = digits(p + at + 1 + sign, n - at - 1 - sign)) == 0)
			return 0;
		at += 1 + sign + d;
	}
	return at;
}

/* Length of the string token at p, its quotes included; all of it when it has
 * no end (jansson will say so). */
static size_t string(const char *p, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (p[i] == '"')
			return i + 1;
		if (p[i] == '\\')
			i++;
	}
	return n;
}

/* The same JSON with quotes around each number that follows a colon. */
static int quote_numbers(struct view json, struct buf *out)
{
	char before = 0;
	size_t n;
	for (size_t i = 0; i < json.n; i += n) {
		const char *p = json.p + i;
		size_t left = json.n - i, num = before == ':' ? number(p, left) : 0;
		n = *p == '"' ? string(p, left) : num ? num : 1;
		if ((num && buf_addc(out, '"') != 0) || buf_add(out, p, n) != 0 ||
		    (num && buf_addc(out, '"') != 0))
			return -1;
		if (*p != ' ' && *p != '\t' && *p != '\r' && *p != '\n')
			before = *p;
	}
	return 0;
}

static const char *scalar_text(json_t *v, struct view *text)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		*text = (struct view){ json_string_value(v), json_string_length(v) };
		return NULL;
	case JSON_TRUE:
		*text = view_of("true");
		return NULL;
	case JSON_FALSE:
		*text = view_of("false");
		return NULL;
	case JSON_NULL:
		return "JSON null as a value";
	case JSON_ARRAY:
		return "JSON array as a value";
	case JSON_INTEGER:
	case JSON_REAL:
	case JSON_OBJECT:
		break;
	}
	return "JSON object as a value";
}

static const char *object_to_record(json_t *o, struct record *r)
{
	const char *key;
	json_t *v;
	json_object_foreach(o, key, v) {
		struct view text;
		const char *why = scalar_text(v, &text);
		if (why)
			return why;
		if (record_setv(r, view_of(key), text) != 0)
			return errno == EMSGSIZE ? "line over 64 KiB"
			       : errno == EINVAL ? "byte that is not allowed in a key, or NUL in a value"
			                         : "out of memory";
	}
	return r->n ? NULL : "empty JSON object";
}

int json_to_line(struct view json, struct buf *out, const char **why)
{
	struct record r = { 0 };
	struct buf quoted;
	json_error_t e;
	json_t *o = NULL;
	buf_init(&quoted, 2 * json.n + 2);
	bool room = quote_numbers(json, &quoted) == 0;
	if (room)
		o = json_loadb(quoted.data ? quoted.data : "", quoted.len, JSON_REJECT_DUPLICATES, &e);
	if (!room)
		*why = "out of memory";
	else if (!o)
		*why = json_error_code(&e) == json_error_duplicate_key ? "repeated key" : "not valid JSON";
	else if (!json_is_object(o))
		*why = "not a JSON object";
	else
		*why = object_to_record(o, &r);
	if (!*why && record_write(&r, out) != 0)
		*why = "out of memory";
	if (!*why)
		out->len--; /* the LF */
	json_decref(o);
	record_clear(&r);
	buf_clear(&quoted);
	return *why ? -1 : 1;
}

int json_of_record(struct record *r, struct buf *out)
{
	int rc = -1;
	char *text = NULL;
	json_t *o = json_object();
	for (size_t i = 0; o && i < r->n; i++) {
		struct view k = r->field[i].key, v = field_value(r, &r->field[i]);
		char *key = strndup(k.p, k.n);
		int bad = !key || json_object_set_new(o, key, json_stringn(v.n ? v.p : "", v.n)) != 0;
		free(key);
		if (bad) {
			errno = EILSEQ;
			goto out;
		}
	}
	text = o ? json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	if (text)
		rc = buf_adds(out, text) == 0 && buf_addc(out, '\n') == 0 ? 0 : -1;
	else
		errno = ENOMEM;
out:
	free(text);
	json_decref(o);
	return rc;
}
