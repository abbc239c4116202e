/* recordcmd.h - the commands of sp-record: where, get, set, drop, json, check.
 * A command line is `COMMAND ARGUMENT ... [-- FILE ...]`; json and check have
 * no arguments, so that files may follow at once. */
#ifndef SP_TOOL_RECORDCMD_H
#define SP_TOOL_RECORDCMD_H

#include "tool/filter.h"

#define RECORDCMD_MAX 64 /* arguments */

enum cond_op { COND_IS, COND_PART, COND_THERE };

struct recordarg {
	struct view key;
	struct view value; /* as the user wrote it */
	struct buf raw;    /* the value as it stands in a line */
	enum cond_op op;
	bool negated;
};

struct recordcmd {
	const struct verb *verb;
	struct recordarg arg[RECORDCMD_MAX];
	unsigned n;
	char *const *files;
	unsigned long out; /* records that went out */
};

/* Reads the command line (NULL-terminated, borrowed). NULL, or what is wrong
 * with it (valid until the next call). */
const char *recordcmd_parse(struct recordcmd *c, char **argv);
/* Runs the filter. SP_NONE when nothing went out of where, get or drop,
 * unless empty_ok. */
enum sp_exit recordcmd_run(struct recordcmd *c, bool empty_ok);

#endif
