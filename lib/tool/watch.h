/* watch.h - one session's states as records, as the monitor tells them. */
#ifndef SP_TOOL_WATCH_H
#define SP_TOOL_WATCH_H

#include "base/secret.h"
#include "engine/ask.h"

/* Writes a record of the last state, then of each change, to standard output,
 * until the session is down (the status of its reason=) or the monitor refuses.
 * The first must come within tool_common.timeout. */
enum sp_exit watch_run(struct ask *monitor, const char *session, const struct secret *token);

#endif
