/* filter.h - the plain filter: a record in, nothing or some records out.
 * Flushes whenever it would block on input; records with error= pass through
 * untouched (unless asked otherwise); a malformed line is refused with the
 * input's name and line number, the others go on, and the exit status is 7.
 * No record at all: exit 1. A failed write: exit 8. A reader that went: SIGPIPE. */
#ifndef SP_TOOL_FILTER_H
#define SP_TOOL_FILTER_H

#include "tool/tool.h"

struct filter {
	/* One record. Write results with recout_add(out, ...). Returns the
	 * record's status; on a failure it has marked r (tool_fail), which is
	 * passed on by the caller of this function. */
	enum sp_exit (*each)(void *arg, struct record *r, struct recout *out);
	void *arg;
	bool errors_too; /* `each` sees records with error= as well */
	bool empty_ok;   /* no record at all is no failure */
};

/* Runs over the files (none: standard input), returns the exit status. */
enum sp_exit filter_run(const struct filter *f, char *const *files);

/* What `each` calls when recout_add failed: EPIPE ends by SIGPIPE, silently; a
 * value that is not UTF-8 (JSON) exits 7, anything else 8, with the cause. */
_Noreturn void filter_write_failed(void);

/* The last act of every main: flushes, checks, returns the status or SP_SYSTEM
 * ("unable to write standard output: CAUSE"). */
enum sp_exit tool_finish(struct recout *out, enum sp_exit status);

#endif
