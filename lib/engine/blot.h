/* blot.h - secrets that are never shown, found in what a device says: whole, in
 * an echo that was wrapped, scrolled sideways or redrawn, or cut off. */
#ifndef SP_ENGINE_BLOT_H
#define SP_ENGINE_BLOT_H

#include "base/buf.h"
#include "base/secret.h"

#define BLOT_MAX 16
#define BLOT_KEY 32
struct blot {
	struct {
		char key[BLOT_KEY]; /* whose value it is */
		struct secret value;
	} one[BLOT_MAX];
	unsigned n;
	size_t longest;
};

/* Adds one, unless it is known or empty; when there are too many, in place of the oldest of
 * several of this key. False: there is none, or it is too long, and it is not known now. */
bool blot_add(struct blot *b, struct view key, struct view value);
void blot_clear(struct blot *b); /* wipes */

enum blot_end {
	BLOT_MORE,  /* more may follow */
	BLOT_LAST,  /* none: the beginning of a secret, three bytes and more, is taken for it */
	BLOT_WHOLE  /* no device said it: there are no pieces of secrets in it */
};
/* What stands at the beginning of v (not empty): its length, and in *key whose
 * value it is, or NULL when it may be shown. 0: more bytes are needed to tell;
 * only with BLOT_MORE. */
size_t blot_next(const struct blot *b, struct view v, enum blot_end end, const char **key);

/* Appends v, with "***" for secrets and what may be the beginning of one at its end. 0/-1. */
int blot_show(const struct blot *b, struct view v, struct buf *out);

/* The last that was seen. */
#define BLOT_SEEN 1024 /* so much is shown of it */
struct blot_seen {
	struct buf raw;
	bool cut; /* there was more before */
};
void blot_seen_init(struct blot_seen *s);
void blot_seen_clear(struct blot_seen *s); /* wipes */
void blot_seen_add(struct blot_seen *s, struct view v);
/* Appends its last BLOT_SEEN bytes, with "***" for secrets. */
void blot_seen_show(const struct blot_seen *s, const struct blot *b, struct buf *out);

#endif
