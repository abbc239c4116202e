/* transcript.h - the dialogue of a call as typed records, sp-profile(5): what the
 * device said and was told, the states, what was told to others, and the end.
 * In texts "%%" is a percent sign, "%1b" a byte, and "%{KEY}" the value of a
 * secret, which is not there in any other way. */
#ifndef SP_ENGINE_TRANSCRIPT_H
#define SP_ENGINE_TRANSCRIPT_H

#include "base/record.h"
#include "engine/blot.h"
#include "engine/profile.h"

#include <stdint.h>

#define TRANSCRIPT_MAX (8u << 20) /* bytes of one call: a device that says more must not fill a disk */
#define TRANSCRIPT_PIECE 8192      /* bytes of a device that go into one record */

struct transcript;

struct transcript_conf {
	int fd;            /* each record is one write; not closed */
	const char *call;  /* names the call */
	const struct profile *profile;
	const struct blot *blot; /* these two outlive it */
	struct record *vars;
	int64_t now;       /* clock_ms() */
	/* A record could not be written (errno; EFBIG: too many were): the call's are no longer. */
	void (*lost)(void *arg, int error);
	void *arg;
};

/* Writes the record that begins it. NULL with ENOMEM. */
struct transcript *transcript_new(const struct transcript_conf *conf);
void transcript_free(struct transcript *t);

/* What the device said, TRANSCRIPT_PIECE bytes at most, before the talk hears it; and when it has heard it: what
 * the talk did about a piece stands behind all of it. late: a deadline of the talk had passed, and was not looked
 * at yet. */
void transcript_in(struct transcript *t, int64_t now, struct view bytes, bool late);
void transcript_heard(struct transcript *t);
void transcript_out(struct transcript *t, int64_t now, struct view text);
void transcript_state(struct transcript *t, int64_t now, const char *name, int step);
/* note (word), progress and ready (fields). */
void transcript_event(struct transcript *t, int64_t now, const char *event, int step, const char *word, struct record *fields);
/* hangup, closed; lost (detail). */
void transcript_met(struct transcript *t, int64_t now, const char *event, const char *detail, bool late);
void transcript_end(struct transcript *t, int64_t now, const char *status, int step, const char *detail);

/* The bytes of a text, appended to out; a secret's are its "%{KEY}". 1, or -1. */
int transcript_bytes(struct view text, struct buf *out);

#endif
