/* csv.c - any bytes as CSV: rows in two parts are the rows of the whole, and
 * a row that was written is read back. */
#include "base/csv.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

static int one(struct view *in, struct csv_row *row)
{
	const char *why;
	unsigned long lines = 0;
	int rc = csv_parse(in, true, row, &lines, &why);
	if ((rc < 0) != (why != NULL))
		abort();
	return rc;
}

static void again(const struct csv_row *row, struct csv_row *other)
{
	struct buf b;
	buf_init(&b, 4 * RECORD_LINE_MAX);
	for (unsigned i = 0; i < row->n; i++)
		if ((i && buf_addc(&b, ',') != 0) || csv_write(&b, csv_field(row, i)) != 0)
			abort();
	buf_addc(&b, '\n');
	struct view v = buf_view(&b);
	if (one(&v, other) != 1 || v.n != 0 || other->n != row->n)
		abort();
	for (unsigned i = 0; i < row->n; i++)
		if (!view_eq(csv_field(row, i), csv_field(other, i)))
			abort();
	buf_clear(&b);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	static struct csv_row row, part;
	if (!row.text.max) {
		csv_row_init(&row);
		csv_row_init(&part);
	}
	struct view in = { (const char *)p, n };
	while (in.n) {
		struct view cut = { in.p, in.n / 2 };
		const char *why;
		unsigned long lines = 0;
		int first = csv_parse(&cut, false, &part, &lines, &why);
		int whole = one(&in, &row);
		if (first == 1 && whole != 1)
			abort();
		if (whole != 1)
			return;
		again(&row, &part);
	}
}
