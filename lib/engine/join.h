/* join.h - two streams as one: what comes in at one goes out at the other, no
 * faster than that takes it. */
#ifndef SP_ENGINE_JOIN_H
#define SP_ENGINE_JOIN_H

#include "sys/stream.h"

enum join_end { JOIN_NEAR, JOIN_FAR };

struct join_ops {
	/* Translates what came in at `from` into what goes out at the other end,
	 * appended to `to` (JOIN_CHUNK at least are free). 0, or -1 with a constant
	 * reason. It may not free the join. NULL: as it came. */
	int (*pass)(void *arg, enum join_end from, struct view bytes, struct buf *to, const char **why);
	/* One end is over and what it had sent is out at the other, or both are over.
	 * Once; why NULL: an orderly end. The other end, if it is still there, goes on
	 * until join_free: what comes in at it is passed, and thrown away. */
	void (*over)(void *arg, enum join_end first, const char *why);
};

struct join;

#define JOIN_CHUNK (64u << 10)

/* Takes both streams over. linger: ms that the second end has, after the first is
 * over, to take what is left for it; -1: any time. NULL with ENOMEM: both are freed. */
struct join *join_new(struct loop *l, struct stream *near, struct stream *far, int64_t linger,
                      const struct join_ops *ops, void *arg);
/* The same with a new socket pair's one end as the near stream; *fd is the other:
 * non-blocking, close-on-exec, the caller's. NULL with errno: far is freed. */
struct join *join_local(struct loop *l, struct stream *far, const struct join_ops *ops, void *arg, int *fd);
/* From now on an end that sends no more is not over yet: the other is told, and what that still sends
 * goes there, until it sends no more, too, or nothing for quiet ms. */
void join_half(struct join *j, int64_t quiet);
/* Bytes of one's own at an end. 0/-1. */
int join_write(struct join *j, enum join_end at, struct view v);
/* Takes nothing in at this end for now. */
void join_hold(struct join *j, enum join_end at, bool hold);
/* Bytes that went out there. */
uint64_t join_count(const struct join *j, enum join_end at);
/* Closes and frees both ends, at once. NULL: nothing. */
void join_free(struct join *j);

#endif
