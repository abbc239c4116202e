/* record.c - a line that parses can be written, read again and changed. */
#include "base/record.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

static void same(const struct record *r, struct view line)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	if (record_write(r, &b) != 0 || !view_eq((struct view){ b.data, b.len - 1 }, line))
		abort();
	buf_clear(&b);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct record r = { 0 }, copy = { 0 };
	struct view line = { (const char *)p, n };
	const char *why = NULL;
	if (record_parse(&r, line, &why) == 1) {
		same(&r, line);
		for (size_t i = 0; i < r.n; i++)
			if (record_setv(&copy, r.field[i].key, field_value(&r, &r.field[i])) != 0)
				abort();
		same(&copy, line);
		if (record_merge(&copy, &r) != 0 || record_copy(&r, &copy) != 0)
			abort();
		same(&r, line);
	} else if (!why) {
		abort();
	}
	record_clear(&r);
	record_clear(&copy);
}
