/* ticket.c - fuzz target: tickets in two pieces; whatever comes out is a
 * record that parses again. */
#include "engine/ticket.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

static void must(struct ticketin *t, bool eof)
{
	struct record r = { 0 }, again = { 0 };
	const char *why;
	int rc;
	while ((rc = ticketin_next(t, eof, &r, &why)) != 0) {
		struct buf line;
		if (rc < 0 || r.n == 0)
			continue;
		buf_init(&line, RECORD_LINE_MAX * 2);
		if (record_write(&r, &line) != 0 ||
		    record_parse(&again, (struct view){ line.data, line.len - 1 }, &why) != 1)
			abort();
		ticket_identity(&r);
		buf_clear(&line);
	}
	record_clear(&r);
	record_clear(&again);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct ticketin t;
	struct view v = { (const char *)p, n };
	ticketin_init(&t);
	if (ticketin_add(&t, (struct view){ v.p, n / 2 }) == 0)
		must(&t, false);
	if (ticketin_add(&t, (struct view){ v.p + n / 2, n - n / 2 }) == 0)
		must(&t, true);
	ticketin_clear(&t);
}
