/* replay_impl.h - a transcript as its records: between replay.c and replay_read.c. */
#ifndef SP_ENGINE_REPLAY_IMPL_H
#define SP_ENGINE_REPLAY_IMPL_H

#include "base/record.h"
#include "engine/replay.h"

#include <stdint.h>

struct row {
	unsigned long line;
	struct record rec;
	unsigned call;
	int64_t at;
};

struct replay {
	struct row *row;
	size_t n, cap;
	const char *call[REPLAY_CALLS];
	unsigned calls;
	/* of the call that is replayed: */
	size_t next; /* the record that is expected, or n */
	unsigned now;
	struct talk *talk;
	struct replay_call got;
	char there[512];
	bool ended;
	unsigned long ticks;
};

/* All records. 0, or -1 with the line and a constant reason. */
int replay_read(struct replay *r, struct view text, unsigned long *line, const char **why);
/* The values that the call had, of the record that begins it: a secret's is its
 * own name in "%{}". */
void replay_vars(struct record *begin, struct record *vars);

#endif
