/* tool.h - what every main() has in common: options, messages, the way out. Only this layer and bin print and exit. */
#ifndef SP_TOOL_TOOL_H
#define SP_TOOL_TOOL_H

#include "base/exit.h"
#include "base/recio.h"
#include "base/secret.h"

#include <stdint.h>

enum opt_kind {
	OPT_FLAG,    /* bool */
	OPT_STR,     /* const char * */
	OPT_NUM,     /* uint64_t, decimal */
	OPT_SECONDS, /* int64_t milliseconds, given as "2.5" */
	OPT_LIST     /* struct opt_list: may be given several times */
};

#define OPT_LIST_MAX 256
struct opt_list {
	const char *v[OPT_LIST_MAX];
	unsigned n;
};

struct opt {
	const char *name; /* long name without -- */
	char letter;      /* short name or 0 */
	enum opt_kind kind;
	void *to;
	const char *arg;  /* the argument's name in --help; NULL for flags */
	const char *help; /* one line */
};

struct tool {
	const char *name;
	const char *summary;   /* one line: what it does */
	const char *operands;  /* "" or "FILE ..." or "[-- COMMAND ...]" */
	const struct opt *opt; /* ends with a NULL name */
	bool holds;            /* knows --no-hold, --max and -- COMMAND */
};

/* Set by tool_options from the options that every tool has. */
struct tool_common {
	bool json;       /* --json */
	int64_t timeout; /* --timeout, ms; as the program set it before, -1 = none */
	const char *log; /* --log FILE: what happened, one record an event */
	bool no_hold;    /* --no-hold (tools that hold) */
	uint64_t max;    /* --max, default 1 (tools that hold) */
};
extern struct tool_common tool_common;
extern const char *tool_name;

/* Options come from the command line, else from the configuration (INI): the
 * section [TOOL], then [sp], of $SP_CONFIG, or of ~/.config/sp/sp.conf and
 * /etc/sp/sp.conf; keys are long option names; sections may hold options of
 * other tools, but an unknown key in [TOOL] is an error.
 * Reads the options; --help, --version print and exit 0; an error prints the
 * cause and exits 2. Ignores SIGPIPE for holders and servers only if they ask.
 * Returns the index of the first operand ("--" is skipped). */
int tool_options(const struct tool *t, int argc, char **argv);

/* "tool: TEXT" on standard error. */
void tool_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, then exit(status). */
_Noreturn void tool_die(enum sp_exit status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Marks a record as failed: error=, step= (0: none), detail=; says the same
 * once on standard error, with the record's serial or ticket where it has one. */
void tool_fail(struct record *r, enum sp_exit status, int step, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* On record: appends one record to the --log file (no file: nothing), in one
 * write (FILE fd:N: to that descriptor): time= tool= pid= step= (0: none) event= and the further fields, given
 * as key, value, ..., NULL (a NULL value leaves its field out). Secrets are
 * never given to it. A log that cannot be written ends the program (8). */
void tool_log(int step, const char *event, ...) __attribute__((sentinel));

/* What a program must have: prints "tool: --NAME is needed" and exits 2. */
void tool_need(const void *value, const char *option);

/* A password: from --password-file, --password-fd (a descriptor's number) or,
 * with neither, the terminal (no echo). Exits 2 or 8 on failure. */
void tool_password(struct secret *s, const char *file, const char *fd, const char *prompt);
/* The answer to somebody's question, in the same way, by --code-file or --code-fd; the
 * descriptor stays open: its next line is the next answer. The prompt is shown tamed. */
void tool_code(struct secret *s, const char *file, const char *fd, const char *prompt, bool echo);

/* A server is ready: one record, flushed: ready=NAME address=... port=...;
 * further fields as key, value, ..., NULL. Exits 8 when it cannot be written. */
void tool_ready(struct recout *out, const char *key, ...) __attribute__((sentinel));

/* A server that holds up to n things, for which it wants so many descriptors: the limit
 * is raised to that, as far as it may be; if that is not enough, it is said. */
void tool_descriptors(uint64_t want, uint64_t n, const char *things);

/* No core dumps, no new privileges: call once at start when secrets are held. */
void tool_confine(void);
void tool_hide(void); /* no core dumps, but of what we start */

#endif
