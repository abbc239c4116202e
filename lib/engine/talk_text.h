/* talk_text.h - the texts of a dialogue: templates filled in, what is secret in
 * them known so that it can be blotted out of what the device says. */
#ifndef SP_ENGINE_TALK_TEXT_H
#define SP_ENGINE_TALK_TEXT_H

#include "base/record.h"
#include "engine/blot.h"
#include "engine/profile.h"

#define TALK_GROUPS 11 /* the whole, our own brackets, \1 to \9 */
struct talk_groups {
	const char *text;
	regmatch_t at[TALK_GROUPS];
};

struct talk_text {
	const struct profile *profile;
	struct record *vars, *fields;
	const struct secret *password;
	struct blot blot;      /* the secrets among them */
	struct blot_seen seen; /* %{seen} */
	struct buf out[PROFILE_WORDS];
	char why[128];
};

void talk_text_init(struct talk_text *x, const struct profile *p, struct record *vars, struct record *fields,
                    const struct secret *password);
void talk_text_clear(struct talk_text *x); /* wipes */

/* Is there a value, and not an empty one? Fields first, then vars. */
bool talk_text_has(struct talk_text *x, const char *key);
/* The template filled in, in place `slot`; valid until that slot's next one. NULL:
 * talk_text_why says why (a key that is missing; sent: a control character). */
const char *talk_text_expand(struct talk_text *x, unsigned slot, const char *tmpl, const struct talk_groups *g, bool sent);
const char *talk_text_why(const struct talk_text *x);
/* Slot 0 with a line end. */
struct view talk_text_line(struct talk_text *x);

/* "a=b c=d detail=all the rest": sets what has the form of a field. */
void talk_text_fields(const char *text, struct record *fields);
/* What was said for people has no secrets in it: the field detail=, which a device may have
 * filled. */
void talk_text_tame(struct talk_text *x);
#endif
