/* json.c - whatever JSON becomes a record is a valid line, and comes back. */
#include "base/recio.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

static void back(struct buf *line)
{
	struct record r = { 0 };
	struct buf json, again;
	const char *why = NULL;
	buf_init(&json, 1 << 20);
	buf_init(&again, 1 << 20);
	if (record_parse(&r, buf_view(line), &why) != 1 || json_of_record(&r, &json) != 0 ||
	    json_to_line((struct view){ json.data, json.len - 1 }, &again, &why) != 1 ||
	    !view_eq(buf_view(line), buf_view(&again)))
		abort();
	record_clear(&r);
	buf_clear(&json);
	buf_clear(&again);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct buf line;
	const char *why = NULL;
	buf_init(&line, 1 << 20);
	if (json_to_line((struct view){ (const char *)p, n }, &line, &why) == 1)
		back(&line);
	else if (!why || line.len)
		abort();
	buf_clear(&line);
}
