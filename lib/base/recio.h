/* recio.h - records from and to descriptors, as lines or as JSON Lines.
 * The reader never blocks by itself: rec_fill does one read(2). The writer
 * collects whole records and flushes them in one write where it can. */
#ifndef SP_BASE_RECIO_H
#define SP_BASE_RECIO_H

#include "base/record.h"

struct recin {
	int fd;
	const char *name;   /* for messages: "stdin" or a file's name */
	unsigned long line; /* number of the line that was taken last, from 1 */
	struct buf in;
	size_t at;          /* bytes of `in` that were taken */
	size_t wiped;       /* bytes of `in` that are wiped since */
	size_t seen;        /* bytes behind `at` that hold no LF */
	struct buf json;    /* the line made of a JSON one */
	bool eof, skip;
};

void recin_init(struct recin *in, int fd, const char *name);
void recin_clear(struct recin *in);
/* One read(2). 1 got some, 0 end of input, -1 errno. */
int recin_fill(struct recin *in);
/* The next record of what was read. 1 got it (valid until the next call of
 * recin_fill or recin_next), 0 need recin_fill (or, when in->eof, the end), -1
 * malformed with the reason: in->line tells where, the next call goes on
 * behind it. A last line without LF is malformed (it may have been cut) unless
 * it is a complete JSON object. Blank lines are malformed too. */
int recin_next(struct recin *in, struct record *r, const char **why);
/* Is a whole line buffered, so that recin_next needs no recin_fill? */
bool recin_ready(const struct recin *in);

struct recout {
	int fd;
	bool json;    /* write JSON Lines */
	bool shorten; /* a terminal: secrets are cut to a few characters */
	struct buf out;
};

void recout_init(struct recout *out, int fd, bool json);
void recout_clear(struct recout *out);
/* Queues one record; flushes when much is queued. 0, or -1 with errno;
 * EILSEQ: JSON was asked for and a value is not UTF-8. */
int recout_add(struct recout *out, struct record *r);
/* Queues it, and writes nothing yet. 0/-1 as above. */
int recout_queue(struct recout *out, struct record *r);
/* Queues a line that is known to be a valid record, LF included, as it stands:
 * not for a writer with json or shorten. */
int recout_line(struct recout *out, struct view line);
/* Writes all that is queued, waiting as long as the descriptor takes. 0/-1. */
int recout_flush(struct recout *out);
/* Writes what the descriptor takes without waiting, though it may be a blocking
 * one (it may be shared, so its flags stay). 0 all, 1 some is left, -1. */
int recout_push(struct recout *out);

/* JSON (jansson). json_to_line: a JSON object as a record line without LF,
 * appended to out. 1, or -1 with a constant reason. json_of_record: the
 * object and LF appended. 0/-1 errno (EILSEQ). */
int json_to_line(struct view json, struct buf *out, const char **why);
int json_of_record(struct record *r, struct buf *out);

#endif
