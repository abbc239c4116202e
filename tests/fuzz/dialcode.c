/* dialcode.c - any record's codes: each is had once, in its order, and none is left in it. */
#include "fuzz/fuzz.h"

#include "tool/dialcode.h"

#include <stdio.h>
#include <stdlib.h>

static void none_left(struct record *r)
{
	char key[16] = "code";
	for (unsigned n = 2; n <= 10; n++) {
		if (record_has(r, key))
			abort();
		snprintf(key, sizeof key, "code%u", n);
	}
	if (record_has(r, "code_until"))
		abort();
}

static void had(struct dialcodes *d, const struct record *before)
{
	struct record copy = { 0 };
	char key[16] = "code";
	if (record_copy(&copy, before) != 0)
		abort();
	for (unsigned n = 2;; n++) {
		const struct secret *s = dialcodes_next(d);
		if (!s)
			break;
		if (n > DIALCODES_MAX + 1 || !view_eq(secret_view(s), record_get(&copy, key)))
			abort();
		snprintf(key, sizeof key, "code%u", n);
	}
	record_clear(&copy);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct record r = { 0 }, before = { 0 };
	struct dialcodes d;
	const char *why;
	char *line = malloc(n + 1); /* the record wipes it */
	if (!line)
		abort();
	memcpy(line, p, n);
	if (record_parse(&r, (struct view){ line, n }, &why) == 1) {
		if (record_copy(&before, &r) != 0)
			abort();
		dialcode_wanted(&r);
		dialcodes_take(&d, &r);
		none_left(&r);
		had(&d, &before);
		dialcodes_clear(&d);
	}
	record_clear(&before);
	record_clear(&r);
	free(line);
}
