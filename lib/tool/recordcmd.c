/* recordcmd.c - what sp-record's commands do to one record.
 * Conditions compare a value as it stands in the line, escapes included: there
 * is only one way to write each value, so nothing has to be unescaped. A record
 * with error= passes through untouched unless `error` is one of the keys named. */
#include "tool/recordcmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct verb {
	const char *name;
	const char *(*arg)(struct recordarg *a, const char *text); /* NULL: has no arguments */
	enum sp_exit (*each)(void *arg, struct record *r, struct recout *out);
	bool selects; /* nothing out is exit 1 */
};

static struct view key_of(const char *text)
{
	struct view v = { text, 0 };
	while (record_key_ok((struct view){ text + v.n, 1 }))
		v.n++;
	return v;
}

static const char *arg_key(struct recordarg *a, const char *text)
{
	a->key = key_of(text);
	return a->key.n && !text[a->key.n] ? NULL : "is no key (files come after --)";
}

static const char *set_value(struct recordarg *a, const char *text)
{
	struct record r = { 0 };
	a->value = view_of(text);
	buf_init(&a->raw, RECORD_LINE_MAX);
	int rc = record_setv(&r, a->key, a->value);
	if (rc == 0 && (rc = buf_reserve(&a->raw, r.field[0].raw.n)) == 0)
		rc = buf_addv(&a->raw, r.field[0].raw);
	record_clear(&r);
	return rc == 0 ? NULL : "does not fit in a record";
}

static const char *arg_set(struct recordarg *a, const char *text)
{
	a->key = key_of(text);
	return a->key.n && text[a->key.n] == '=' ? set_value(a, text + a->key.n + 1)
	                                         : "is no KEY=VALUE (files come after --)";
}

static const char *arg_cond(struct recordarg *a, const char *text)
{
	a->negated = *text == '!';
	a->key = key_of(text + a->negated);
	const char *op = a->key.p + a->key.n;
	if (a->key.n && strcmp(op, "?") == 0) {
		a->op = COND_THERE;
		return NULL;
	}
	if (op[0] == '!' && op[1] == '=' && !a->negated)
		a->negated = *op++ == '!';
	if (a->key.n == 0 || (*op != '=' && *op != '~'))
		return "is no condition: KEY=VALUE, KEY!=VALUE, KEY~PART or KEY? (files come after --)";
	a->op = *op == '=' ? COND_IS : COND_PART;
	return set_value(a, op + 1);
}

static bool holds(const struct recordarg *a, struct record *r)
{
	struct field *f = record_find(r, a->key);
	bool is = f != NULL;
	if (f && a->op == COND_IS) {
		is = view_eq(f->raw, buf_view(&a->raw));
	} else if (f && a->op == COND_PART) {
		struct view v = field_value(r, f);
		is = a->value.n == 0 || (v.n && memmem(v.p, v.n, a->value.p, a->value.n));
	}
	return is != a->negated;
}

static enum sp_exit write_out(struct recordcmd *c, struct record *r, struct recout *out)
{
	if (r->n == 0)
		return SP_OK;
	c->out++;
	if (recout_add(out, r) != 0)
		filter_write_failed();
	return SP_OK;
}

static enum sp_exit each_where(void *arg, struct record *r, struct recout *out)
{
	struct recordcmd *c = arg;
	for (unsigned i = 0; i < c->n; i++)
		if (!holds(&c->arg[i], r))
			return SP_OK;
	return write_out(c, r, out);
}

/* The fields asked for, in that order, to the front; the others go. */
static enum sp_exit each_get(void *arg, struct record *r, struct recout *out)
{
	struct recordcmd *c = arg;
	size_t n = 0;
	for (unsigned i = 0; i < c->n; i++) {
		struct field *f = record_find(r, c->arg[i].key);
		if (!f || f < r->field + n)
			continue;
		struct field wanted = *f;
		*f = r->field[n];
		r->field[n++] = wanted;
	}
	r->n = n;
	return write_out(c, r, out);
}

static enum sp_exit each_set(void *arg, struct record *r, struct recout *out)
{
	struct recordcmd *c = arg;
	for (unsigned i = 0; i < c->n; i++)
		if (record_setv(r, c->arg[i].key, c->arg[i].value) != 0) {
			enum sp_exit status = errno == EMSGSIZE ? SP_RECORD : SP_SYSTEM;
			tool_fail(r, status, 0, "unable to set %.*s: %s", (int)c->arg[i].key.n, c->arg[i].key.p,
			          errno == EMSGSIZE ? "the record would be longer than 64 KiB" : strerror(errno));
			return status;
		}
	return write_out(c, r, out);
}

static enum sp_exit each_drop(void *arg, struct record *r, struct recout *out)
{
	struct recordcmd *c = arg;
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++) {
		bool drop = false;
		for (unsigned k = 0; k < c->n && !drop; k++)
			drop = view_eq(r->field[i].key, c->arg[k].key);
		if (!drop)
			r->field[n++] = r->field[i];
	}
	r->n = n;
	return write_out(c, r, out);
}

static enum sp_exit each_json(void *arg, struct record *r, struct recout *out)
{
	return write_out(arg, r, out);
}

static enum sp_exit each_check(void *arg, struct record *r, struct recout *out)
{
	(void)arg, (void)r, (void)out;
	return SP_OK;
}

static const struct verb verbs[] = {
	{ "where", arg_cond, each_where, true }, { "get", arg_key, each_get, true },
	{ "set", arg_set, each_set, false },     { "drop", arg_key, each_drop, true },
	{ "json", NULL, each_json, false },      { "check", NULL, each_check, false },
};

static const struct verb *verb_of(const char *name)
{
	for (size_t i = 0; name && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

const char *recordcmd_parse(struct recordcmd *c, char **argv)
{
	static char text[256];
	*c = (struct recordcmd){ .verb = verb_of(*argv) };
	if (!c->verb)
		return "a command is needed: where, get, set, drop, json or check";
	for (argv++; *argv && c->verb->arg && strcmp(*argv, "--") != 0; argv++) {
		const char *why = c->n < RECORDCMD_MAX ? c->verb->arg(&c->arg[c->n++], *argv) : "is one too many";
		if (!why)
			continue;
		snprintf(text, sizeof text, "%s: %.120s %s", c->verb->name, *argv, why);
		return text;
	}
	if (c->verb->arg && c->n == 0)
		return "where, get, set and drop need at least one argument";
	c->files = *argv && strcmp(*argv, "--") == 0 ? argv + 1 : argv;
	return NULL;
}

enum sp_exit recordcmd_run(struct recordcmd *c, bool empty_ok)
{
	struct filter f = { .each = c->verb->each, .arg = c, .empty_ok = empty_ok, .errors_too = !c->verb->arg };
	for (unsigned i = 0; i < c->n; i++)
		f.errors_too = f.errors_too || view_is(c->arg[i].key, "error");
	if (c->verb->each == each_json)
		tool_common.json = true;
	enum sp_exit status = filter_run(&f, c->files);
	for (unsigned i = 0; i < c->n; i++)
		if (c->arg[i].value.p)
			buf_clear(&c->arg[i].raw);
	return c->verb->selects && c->out == 0 && !empty_ok ? sp_exit_worse(status, SP_NONE) : status;
}
