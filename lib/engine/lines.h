/* lines.h - what the routers have said of their lines (table line_states):
 * whether a line that could be given is out of service. What an operator says
 * of a line is in the table lines. */
#ifndef SP_ENGINE_LINES_H
#define SP_ENGINE_LINES_H

#include "engine/calls.h"

#define LINES_MAX 1024 /* of a router, which has no more: who speaks for it must not fill the store */

/* The state of a router's line: router= line= line_state= phone= reason= detail=.
 * since= is when it got into it. */
enum calls_change lines_state(struct store *s, struct record *said, time_t now);
/* Is there a router of that name? 1/0/-1. */
int lines_router(struct store *s, const char *router);
/* Has it told of so many others that there is no room for this one? 1/0/-1. */
int lines_full(struct store *s, const char *router, const char *line);
/* How many have failed. -1 failed to look. */
int64_t lines_out(struct store *s, const char *router);
/* Has this one? 1/0/-1. */
int lines_failed(struct store *s, const char *router, const char *line);
/* The router's lines that were told and have not failed; -1 when it has told
 * of none, -2 failed. */
int64_t lines_working(struct store *s, const char *router);

#endif
