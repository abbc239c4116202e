/* replay.h - a transcript as a test of a profile: what the device said is said
 * again, at its times on a clock that is not real, and what the profile does has
 * to be what stands there. */
#ifndef SP_ENGINE_REPLAY_H
#define SP_ENGINE_REPLAY_H

#include "engine/profile.h"

#define REPLAY_MAX (16u << 20) /* bytes of a transcript */
#define REPLAY_CALLS 1024

struct replay_call {
	const char *call;
	unsigned records;
	unsigned long line; /* of the first difference; 0: none */
	char why[1024];     /* what it is */
};

/* Each call of the transcript. 0, or -1 with the line (0: the whole) and a
 * constant reason when it is none. */
int replay(const struct profile *p, struct view text, void (*each)(void *arg, const struct replay_call *c), void *arg,
           unsigned long *line, const char **why);

#endif
