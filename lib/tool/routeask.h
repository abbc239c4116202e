/* routeask.h - what sp-route does with a session, for tool/hold.h: asks the service processor for a
 * route to here (steps 341, 343), and holds it. */
#ifndef SP_TOOL_ROUTEASK_H
#define SP_TOOL_ROUTEASK_H

#include "tool/hold.h"

/* As of the options. */
extern struct routeask {
	uint64_t port;
	const char *proxy; /* NULL: the record's, if it has one */
	const char *ca, *crl, *identity; /* for that */
} routeask;

void routeask_start(struct hold_session *s);
void routeask_stop(struct hold_session *s);

#endif
