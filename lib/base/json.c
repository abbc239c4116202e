/* json.c - records as JSON Lines and back (jansson).
 * Numbers, true and false become their text as it stands in the input; null,
 * arrays and objects are refused. A value that is not UTF-8 cannot be written. */
#include "base/recio.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *scalar_text(json_t *v, char num[64], struct view *text)
{
	*text = (struct view){ num, 0 };
	switch (json_typeof(v)) {
	case JSON_STRING:
		*text = (struct view){ json_string_value(v), json_string_length(v) };
		return NULL;
	case JSON_INTEGER:
		text->n = (size_t)snprintf(num, 64, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		return NULL;
	case JSON_REAL:
		text->n = (size_t)snprintf(num, 64, "%.17g", json_real_value(v));
		return NULL;
	case JSON_TRUE:
	case JSON_FALSE:
		*text = view_of(json_is_true(v) ? "true" : "false");
		return NULL;
	case JSON_NULL:
		return "JSON null as a value";
	case JSON_ARRAY:
		return "JSON array as a value";
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
		char num[64];
		struct view text;
		const char *why = scalar_text(v, num, &text);
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
	json_error_t e;
	json_t *o = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &e);
	if (!o)
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
