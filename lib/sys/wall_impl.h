/* wall_impl.h - nft's language, as wall*.c write it; nobody else includes it. */
#ifndef SP_SYS_WALL_IMPL_H
#define SP_SYS_WALL_IMPL_H

#include "base/buf.h"
#include "sys/wall.h"

#define WALL "inet sp_wall"

struct wall_text { /* commands; what did not fit is remembered */
	struct buf b;
	bool bad;
};

void wall_begin(struct wall_text *t);
void wall_put(struct wall_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void wall_end(struct wall_text *t);

/* All of the commands or none, once; out (may be NULL) gets what they print, with a NUL behind it.
 * 0, or -1 with what nftables says. */
int wall_run(struct wall_text *t, struct buf *out, const char **why);

/* Elements of one set. */
struct wall_elements {
	struct wall_text timed, bare; /* with their time-out and without */
	unsigned seconds, n;
};
void wall_elements(struct wall_elements *e, unsigned seconds);
void wall_element(struct wall_elements *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Opens or shuts them, however many of them are there; of none nothing comes. */
enum wall_deed { WALL_OPEN, WALL_SHUT };
void wall_elements_put(struct wall_elements *e, struct wall_text *t, const char *set, enum wall_deed deed);

/* A reason of its own, in the one place that there is for it. Returns -1. */
int wall_fails(const char **why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Ports that a session walls off have a set and two chains of its own, by its tunnel's number. */
void wall_walled_frame(struct wall_text *t, unsigned tunnel);
void wall_walled_delete(struct wall_text *t, unsigned tunnel);

/* Deletes the answers that are waited for on these devices, and on those that are gone. 0/-1. */
int wall_forget(unsigned link, unsigned tunnel, const char **why);

/* Is this port permitted inwards? */
bool wall_permits(const struct wall_session *s, unsigned proto, unsigned port);

#endif
