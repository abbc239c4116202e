/* csv.h - RFC 4180 rows as records. The first row names the fields. */
#ifndef SP_BASE_CSV_H
#define SP_BASE_CSV_H

#include "base/record.h"

#define CSV_COLUMNS_MAX 128

/* One row: its fields, unquoted, lie one behind the other in text. */
struct csv_row {
	struct buf text;
	size_t end[CSV_COLUMNS_MAX]; /* where field i ends in text */
	unsigned n;
};

void csv_row_init(struct csv_row *row);
void csv_row_clear(struct csv_row *row);
struct view csv_field(const struct csv_row *row, unsigned i);

/* Takes one row from the front of *in. last: nothing follows behind *in.
 * 1 got it (*in and *lines are moved on), 0 need more, -1 malformed with a
 * constant reason. Rows end with CR LF or LF, which the last may lack. */
int csv_parse(struct view *in, bool last, struct csv_row *row, unsigned long *lines, const char **why);

/* A file of rows. */
struct csvin {
	int fd;
	const char *name;
	unsigned long line; /* on which the last row began */
	unsigned long next;
	struct csv_row head, row;
	struct buf in;
	size_t at;
	bool eof;
	int error; /* errno of a read that failed; 0: none did */
};

void csvin_init(struct csvin *in, int fd, const char *name);
void csvin_clear(struct csvin *in);
/* The next row as a record; an empty field is left out. Reads (blocking) as
 * needed. 1 got it, 0 the end, -1 malformed or unreadable with a reason; after
 * -1 the file is not read on. */
int csvin_next(struct csvin *in, struct record *r, const char **why);

/* Appends one value, quoted when it must be. 0/-1. */
int csv_write(struct buf *out, struct view value);

#endif
