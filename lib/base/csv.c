/* csv.c - RFC 4180: quoted fields, doubled quotes, line ends inside quotes.
 * Refuses a quote in the middle of a field, text behind a closing quote, NUL,
 * a row over 64 KiB, more than 128 columns, a row whose number of fields is
 * not the header's. A byte order mark in front is taken off. */
#include "base/csv.h"

#include <errno.h>
#include <unistd.h>

#define READ_SIZE 65536
#define IN_MAX (4 * RECORD_LINE_MAX)

void csv_row_init(struct csv_row *row)
{
	row->n = 0;
	buf_init(&row->text, RECORD_LINE_MAX);
}

void csv_row_clear(struct csv_row *row)
{
	buf_clear(&row->text);
	row->n = 0;
}

struct view csv_field(const struct csv_row *row, unsigned i)
{
	size_t from = i ? row->end[i - 1] : 0;
	return (struct view){ row->text.data ? row->text.data + from : "", row->end[i] - from };
}

/* What may happen at a byte; a state is where in the field we are. */
enum state { FIELD, PLAIN, QUOTED, CLOSED, STATES };
enum klass { COMMA, QUOTE, CR, LF, NUL, OTHER, CLASSES };
enum action { ADD, OPEN, CLOSE, TWICE, NEXT, END, BAD_QUOTE, BAD_TEXT, BAD_NUL };

static const enum action table[STATES][CLASSES] = {
	/*            COMMA QUOTE      CR   LF   NUL      OTHER */
	[FIELD]  = { NEXT, OPEN,      END, END, BAD_NUL, ADD },
	[PLAIN]  = { NEXT, BAD_QUOTE, END, END, BAD_NUL, ADD },
	[QUOTED] = { ADD,  CLOSE,     ADD, ADD, BAD_NUL, ADD },
	[CLOSED] = { NEXT, TWICE,     END, END, BAD_NUL, BAD_TEXT },
};

static enum klass class_of(char c)
{
	return c == ',' ? COMMA : c == '"' ? QUOTE : c == '\r' ? CR : c == '\n' ? LF : c ? OTHER : NUL;
}

static const char *next_field(struct csv_row *row)
{
	if (row->n == CSV_COLUMNS_MAX)
		return "more than 128 columns";
	row->end[row->n++] = row->text.len;
	return NULL;
}

/* One byte: the state that follows, STATES at the row's end. */
static enum state step(enum state s, char c, struct csv_row *row, const char **why)
{
	switch (table[s][class_of(c)]) {
	case TWICE:
	case ADD:
		if (buf_addc(&row->text, c) != 0)
			*why = "row over 64 KiB";
		return s == FIELD ? PLAIN : s == CLOSED ? QUOTED : s;
	case OPEN: return QUOTED;
	case CLOSE: return CLOSED;
	case NEXT: *why = next_field(row); return FIELD;
	case END: *why = next_field(row); return STATES;
	case BAD_QUOTE: *why = "quote inside a field that does not begin with one"; break;
	case BAD_TEXT: *why = "text behind a closing quote"; break;
	case BAD_NUL: *why = "NUL byte"; break;
	}
	return s;
}

int csv_parse(struct view *in, bool last, struct csv_row *row, unsigned long *lines, const char **why)
{
	enum state s = FIELD;
	unsigned long seen = 0;
	size_t i = 0;
	row->n = 0;
	row->text.len = 0;
	*why = NULL;
	while (i < in->n && s != STATES && !*why) {
		char c = in->p[i++];
		if (c == '\r' && s != QUOTED) {
			if (i == in->n && !last)
				return 0;
			if (i == in->n || in->p[i++] != '\n')
				*why = "carriage return without line feed";
		}
		seen += c == '\n' || (c == '\r' && s != QUOTED);
		if (!*why)
			s = step(s, c, row, why);
	}
	if (!*why && s != STATES) {
		if (!last || in->n == 0)
			return in->n > IN_MAX - READ_SIZE ? (*why = "row over 64 KiB", -1) : 0;
		*why = s == QUOTED ? "quote that is never closed" : next_field(row);
	}
	if (*why)
		return -1;
	*lines += seen;
	*in = (struct view){ in->p + i, in->n - i };
	return 1;
}

void csvin_init(struct csvin *in, int fd, const char *name)
{
	*in = (struct csvin){ .fd = fd, .name = name, .next = 1 };
	csv_row_init(&in->head);
	csv_row_init(&in->row);
	buf_init(&in->in, IN_MAX);
}

void csvin_clear(struct csvin *in)
{
	csv_row_clear(&in->head);
	csv_row_clear(&in->row);
	buf_clear(&in->in);
}

static int fill(struct csvin *in, const char **why)
{
	buf_consume(&in->in, in->at);
	in->at = 0;
	ssize_t n = -1;
	if (buf_reserve(&in->in, READ_SIZE) == 0)
		do
			n = read(in->fd, in->in.data + in->in.len, READ_SIZE);
		while (n < 0 && errno == EINTR);
	if (n < 0) {
		in->error = errno == ENOBUFS ? 0 : errno;
		*why = in->error ? strerror(in->error) : "row over 64 KiB";
		return -1;
	}
	in->in.len += (size_t)n;
	in->eof = n == 0;
	return 0;
}

static int next_row(struct csvin *in, struct csv_row *row, const char **why)
{
	for (;;) {
		struct view rest = { in->in.data ? in->in.data + in->at : "", in->in.len - in->at };
		unsigned long lines = 0;
		size_t was = rest.n;
		in->line = in->next;
		int rc = csv_parse(&rest, in->eof, row, &lines, why);
		in->at += was - rest.n;
		in->next += lines;
		if (rc != 0 || in->eof)
			return rc;
		if (fill(in, why) != 0)
			return -1;
	}
}

static int head_read(struct csvin *in, const char **why)
{
	if (fill(in, why) != 0)
		return -1;
	if (in->in.len >= 3 && memcmp(in->in.data, "\xef\xbb\xbf", 3) == 0)
		in->at = 3;
	int rc = next_row(in, &in->head, why);
	for (unsigned i = 0; rc == 1 && i < in->head.n; i++) {
		if (!record_key_ok(csv_field(&in->head, i)))
			*why = "the first line must name the columns";
		for (unsigned j = 0; j < i; j++)
			if (view_eq(csv_field(&in->head, i), csv_field(&in->head, j)))
				*why = "a column is named twice";
	}
	return rc == 1 && *why ? -1 : rc;
}

int csvin_next(struct csvin *in, struct record *r, const char **why)
{
	*why = NULL;
	record_clear(r);
	int rc = in->head.n ? 1 : head_read(in, why);
	if (rc == 1)
		rc = next_row(in, &in->row, why);
	if (rc != 1)
		return rc;
	if (in->row.n != in->head.n)
		*why = in->row.n < in->head.n ? "fewer fields than the first line has" : "more fields than the first line has";
	for (unsigned i = 0; !*why && i < in->row.n; i++) {
		struct view v = csv_field(&in->row, i);
		if (v.n && record_setv(r, csv_field(&in->head, i), v) != 0)
			*why = "row too long";
	}
	return *why ? -1 : 1;
}

int csv_write(struct buf *out, struct view value)
{
	bool quote = false;
	for (size_t i = 0; i < value.n; i++)
		quote |= strchr(",\"\r\n", value.p[i]) != NULL;
	int rc = quote ? buf_addc(out, '"') : 0;
	for (size_t i = 0; rc == 0 && i < value.n; i++)
		rc = value.p[i] == '"' ? buf_adds(out, "\"\"") : buf_addc(out, value.p[i]);
	return rc == 0 && quote ? buf_addc(out, '"') : rc;
}
