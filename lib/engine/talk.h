/* talk.h - a dialogue with a device as its profile says: what it says in, what
 * it is told and what happened out. No descriptor, no clock (times are
 * clock_ms()). Lines and prompts are matched whole, so that what looks like one
 * inside other data is none. Values of secrets are never in what is shown. */
#ifndef SP_ENGINE_TALK_H
#define SP_ENGINE_TALK_H

#include "base/exit.h"
#include "base/record.h"
#include "base/secret.h"
#include "engine/profile.h"

struct talk_ops {
	void (*send)(void *arg, struct view text); /* LF is a line end */
	void (*state)(void *arg, const char *name, int step); /* it was entered; may be NULL */
	void (*note)(void *arg, int step, const char *word);
	void (*progress)(void *arg, int step, struct record *fields);
	void (*ready)(void *arg, struct record *fields);
	/* The last one. SP_OK: the orderly end. detail is for people; fields may
	 * hold reason=. */
	void (*end)(void *arg, enum sp_exit status, int step, const char *detail, struct record *fields);
};

struct talk_conf {
	const struct profile *profile; /* outlives the talk, as do the next two */
	struct record *vars;           /* %{KEY} */
	const struct secret *password; /* %{password}; may be NULL */
	const struct talk_ops *ops;
	void *arg;
};

#define TALK_STATE 65536 /* a device that says more in one state goes on for ever */

struct talk;
struct blot;

struct talk *talk_new(const struct talk_conf *conf); /* NULL with ENOMEM */
/* Not from within an op. */
void talk_free(struct talk *t);

/* Ops may be called from within each of these; after `end` they do nothing. */
void talk_start(struct talk *t, int64_t now);
void talk_input(struct talk *t, struct view bytes, int64_t now);
void talk_tick(struct talk *t, int64_t now); /* when talk_deadline has passed */
void talk_closed(struct talk *t, int64_t now); /* the device closed */
void talk_renewed(struct talk *t, int64_t now); /* vars have another permit= */
void talk_hangup(struct talk *t, int64_t now); /* to the hangup state */

int64_t talk_deadline(const struct talk *t); /* look again after each call */
bool talk_ended(const struct talk *t);
/* The secrets of its values. */
const struct blot *talk_blot(const struct talk *t);
/* The state it is in. */
const char *talk_state(const struct talk *t);

#endif
