/* lease.h - a lease of a router, asked of the monitor(s), kept by a heartbeat,
 * given back. A session that is up does not fall because no monitor answers:
 * renewing goes on, beyond the lease's end, until a monitor says that the lease
 * is gone. A permit that came with it is asked for anew when half of its time is over,
 * as long as that makes it end later. */
#ifndef SP_ENGINE_LEASE_H
#define SP_ENGINE_LEASE_H

#include "engine/ask.h"

struct lease;

struct lease_ops {
	/* The answer, with session=, lease=, router=, router_address=, router_port= and ttl=. */
	void (*granted)(void *arg, struct record *answer);
	/* With a later permit= and its until=; may be NULL. */
	void (*renewed)(void *arg, struct record *answer);
	void (*refused)(void *arg, const struct ask_end *end);
	void (*overdue)(void *arg, const char *why); /* once; it is still renewed */
	void (*gone)(void *arg, const struct ask_end *end); /* a monitor said so */
	/* After lease_release: NULL, or why the monitor does not know of it. */
	void (*released)(void *arg, const char *why);
};

/* Sends `question` (op=alloc, token=, system= ...; copied; request= is added),
 * once more when it was lost with its connection. NULL with errno.
 * Calls back from within the loop only. */
struct lease *lease_ask(struct ask *monitor, const struct record *question, int64_t deadline,
                        const struct lease_ops *ops, void *arg);
/* Gives it back, or takes the question back; then released() once, within 3
 * seconds and not after `by`, perhaps at once; nothing else is called any more. */
void lease_release(struct lease *l, int64_t by);
void lease_free(struct lease *l); /* leaves the lease as it is */

#endif
