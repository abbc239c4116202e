/* profile.h - how to talk to a router, as data: a table of states and rows that
 * sp-dial follows (sp-dial(1), PROFILES). One statement a line; # begins a comment:
 *
 *   profile NAME                 first
 *   start STATE   hangup STATE   where it begins; where an orderly end begins
 *   settle MILLISECONDS          a prompt counts when nothing followed it for so long
 *   secret KEY ...               values that are never shown, beside the usual ones
 *   any                          the rows that follow are tried in every state, last
 *   state NAME [step N] [timeout SECONDS|never]
 *     ROW [if KEY|unless KEY] ACTION ... [-> STATE]
 *
 *   ROW     line "RE" | prompt "RE" | enter | timeout | closed
 *   ACTION  send "TEXT" | put "TEXT" | set KEY "TEXT" | fields "TEXT" | progress |
 *           note STEP WORD | ready | fail WORD STEP "TEXT" | down STEP | done
 *
 * RE is a POSIX extended expression for the whole line (no intervals, no back
 * references); TEXT may hold \1..\9, %{KEY}, %%, and \r \n \t \\ \" \e. */
#ifndef SP_ENGINE_PROFILE_H
#define SP_ENGINE_PROFILE_H

#include "base/view.h"

#include <regex.h>
#include <stdint.h>

enum profile_on { ON_LINE, ON_PROMPT, ON_ENTER, ON_TIMEOUT, ON_CLOSED };

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
	struct profile_row *row, **tail;
	struct profile_state *next;
};

#define PROFILE_SECRETS 8
struct profile {
	const char *name, *start_name, *hangup_name;
	const struct profile_state *start, *hangup;
	struct profile_state any, *state, **tail;
	int64_t settle;
	const char *secret[PROFILE_SECRETS];
	unsigned nsecret;
	struct profile_chunk *own;
};

/* NULL with the line (0: the whole) and a constant reason. profile_free it. */
struct profile *profile_parse(struct view text, unsigned long *line, const char **why);
void profile_free(struct profile *p);
/* Whether the value of this key may be shown. */
bool profile_secret(const struct profile *p, struct view key);

#endif
