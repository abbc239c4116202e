/* profile.h - how to talk to a router, as data: a table of states and rows that
 * sp-dial follows; sp-profile(5) has its statements. An expression is a POSIX
 * extended one for the whole line (no intervals, no back references); texts may
 * hold \1..\9, %{KEY}, %%, and \r \n \t \\ \" \e. */
#ifndef SP_ENGINE_PROFILE_H
#define SP_ENGINE_PROFILE_H

#include "base/view.h"

#include <regex.h>
#include <stdint.h>

enum profile_on { ON_LINE, ON_PROMPT, ON_ENTER, ON_SPENT, ON_TIMEOUT, ON_CLOSED, ON_RENEWED };

enum profile_verb {
	DO_SEND,     /* text and a line end */
	DO_PUT,      /* text alone */
	DO_SET,      /* field key = text */
	DO_FIELDS,   /* the text's key=value words as fields; detail= takes the rest */
	DO_PROGRESS, /* tell the fields */
	DO_NOTE,     /* log step, word */
	DO_READY,    /* what was wanted is held */
	DO_FAIL,     /* word, step, text */
	DO_DOWN,     /* the fields error=, step= or this one, detail= say why */
	DO_DONE      /* the orderly end */
};

#define PROFILE_WORDS 3
struct profile_act {
	enum profile_verb verb;
	const char *word[PROFILE_WORDS];
	struct profile_act *next;
};

struct profile_state;

struct profile_row {
	enum profile_on on;
	regex_t re;          /* line, prompt; group 0 is the whole, group N+1 is \N */
	bool compiled;
	const char *text;    /* the expression */
	const char *cond;    /* KEY of if or unless, or NULL */
	bool unless;
	struct profile_act *act;
	const char *next_name;
	const struct profile_state *to; /* NULL: stays */
	unsigned long where; /* line of the file */
	struct profile_row *next;
};

#define PROFILE_NEVER INT64_MAX
struct profile_state {
	const char *name;
	int step;
	int64_t timeout; /* ms */
	uint64_t tries;  /* entered more often: spent */
	unsigned number; /* from 0 */
	unsigned long where;
	struct profile_row *row, **tail;
	struct profile_state *next;
};

#define PROFILE_SECRETS 8
struct profile {
	const char *name, *start_name, *hangup_name;
	const struct profile_state *start, *hangup;
	struct profile_state any, *state, **tail;
	int64_t settle;
	bool plain; /* is spoken to in the clear, unless a record says otherwise */
	const char *secret[PROFILE_SECRETS], *need[PROFILE_SECRETS];
	unsigned nsecret, nneed, states, rows;
	struct profile_chunk *own;
};

/* One thing that is wrong with a profile: the line (0: the whole), a constant
 * reason, and what it is about, or "". */
typedef void profile_fault(void *arg, unsigned long line, const char *why, const char *what);

/* NULL, after it has told each line that cannot be used. profile_free it. */
struct profile *profile_read(struct view text, profile_fault *fault, void *arg);
/* The same, with the first that is wrong. */
struct profile *profile_parse(struct view text, unsigned long *line, const char **why);
void profile_free(struct profile *p);

/* What can be used, but cannot be meant: states that are never reached, waiting
 * that never ends, rows that are never tried ... */
void profile_lint(const struct profile *p, profile_fault *fault, void *arg);

/* Whether the value of this key is never shown. */
bool profile_secret(const struct profile *p, struct view key);
/* Calls f for each KEY that is asked for, some of them several times. */
void profile_keys(const struct profile *p, void (*f)(void *arg, struct view key), void *arg);

#endif
