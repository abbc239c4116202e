/* profile_words.h - a profile's text as words, names and expressions: what
 * profile.c reads statements with. */
#ifndef SP_ENGINE_PROFILE_WORDS_H
#define SP_ENGINE_PROFILE_WORDS_H

#include "engine/profile.h"

#include <stddef.h>

#define WORDS_MAX 48

struct profile_chunk { /* memory of a profile */
	struct profile_chunk *next;
	max_align_t data[];
};

struct profile_word {
	struct view v;
	bool quoted;
};

struct profile_parse {
	struct profile *p;
	struct profile_state *in; /* rows go here */
	struct profile_word word[WORDS_MAX];
	size_t n, at;
	unsigned long line;
	const char *why, *what; /* the line's fault; what it is about */
	profile_fault *fault;
	void *arg;
	bool bad;
};

/* Memory that lives as long as the profile; NULL (and why is set) without any. */
void *profile_own(struct profile_parse *ps, size_t n);
/* Sets why, unless it is set; always false. */
bool profile_bad(struct profile_parse *ps, const char *why);

/* One line into words: blanks part them, "..." is one (a backslash keeps what
 * follows it), # ends the line. */
bool profile_split(struct profile_parse *ps, struct view line);
bool profile_more(const struct profile_parse *ps);
/* The next word is this one (not in quotes)? Then it is taken. */
bool profile_next_is(struct profile_parse *ps, const char *word);

/* The next word as what is asked for; NULL or false, and why, when it is not. */
const char *profile_name(struct profile_parse *ps);
const char *profile_key(struct profile_parse *ps);
bool profile_number(struct profile_parse *ps, uint64_t max, uint64_t *n);
/* groups: how many \N it may name. */
const char *profile_text(struct profile_parse *ps, size_t groups);
bool profile_pattern(struct profile_parse *ps, struct profile_row *r);

#endif
