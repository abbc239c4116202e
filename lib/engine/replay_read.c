/* replay_read.c - reads a transcript, and refuses what is none: records without
 * call= and at=, calls that did not begin, texts that are not encoded. */
#include "engine/replay_impl.h"

#include "base/num.h"
#include "engine/transcript.h"

#include <stdlib.h>

void replay_vars(struct record *begin, struct record *vars)
{
	struct buf b;
	buf_init(&b, 2 * RECORD_LINE_MAX);
	record_init(vars);
	for (size_t i = 0; i < begin->n; i++) {
		struct view k = begin->field[i].key;
		if (!view_starts(k, "v.") || k.n == 2)
			continue;
		b.len = 0;
		transcript_bytes(field_value(begin, &begin->field[i]), &b);
		record_setv(vars, (struct view){ k.p + 2, k.n - 2 }, b.len ? buf_view(&b) : view_of(""));
	}
	buf_clear(&b);
}

/* Is it a record of a transcript? NULL, or why not. */
static const char *row_fault(struct replay *r, struct row *row)
{
	uint64_t at;
	struct buf b;
	const char *call = record_str(&row->rec, "call"), *event = record_str(&row->rec, "event"), *why = NULL;
	if (!call || !*call || !num_u64(record_get(&row->rec, "at"), 0, INT64_MAX / 4, &at))
		return "a record of a transcript has call= and at=";
	row->at = (int64_t)at;
	while (row->call < r->calls && strcmp(r->call[row->call], call) != 0)
		row->call++;
	if (row->call == r->calls && (!event || strcmp(event, "begin") != 0))
		return "a call that has not begun";
	if (row->call == r->calls && r->calls == REPLAY_CALLS)
		return "too many calls";
	if (row->call == r->calls)
		r->call[r->calls++] = call;
	else if (event && strcmp(event, "begin") == 0)
		return "a call that begins twice";
	buf_init(&b, 2 * RECORD_LINE_MAX);
	for (size_t i = 0; i < row->rec.n && !why; i++) {
		struct view k = row->rec.field[i].key;
		b.len = 0;
		if ((view_is(k, "text") || view_starts(k, "v.") || view_starts(k, "f.")) &&
		    transcript_bytes(field_value(&row->rec, &row->rec.field[i]), &b) < 0)
			why = "a % that is no %%, %1b or %{KEY}";
	}
	buf_clear(&b);
	return why;
}

int replay_read(struct replay *r, struct view text, unsigned long *line, const char **why)
{
	struct view part;
	for (*line = 1; text.n && view_split(&text, '\n', &part); ++*line) {
		if (r->n == r->cap) {
			size_t cap = r->cap ? 2 * r->cap : 256;
			struct row *more = realloc(r->row, cap * sizeof *more);
			if (!more)
				return *why = "out of memory", -1;
			r->row = more;
			r->cap = cap;
		}
		struct row *row = &r->row[r->n++];
		*row = (struct row){ .line = *line };
		if (record_parse(&row->rec, part, why) < 0 || (*why = row_fault(r, row)))
			return -1;
	}
	return 0;
}
