/* alloccmd.h - what sp-alloc does with a session, for tool/hold.h. */
#ifndef SP_TOOL_ALLOCCMD_H
#define SP_TOOL_ALLOCCMD_H

#include "tool/asker.h"
#include "tool/hold.h"

/* Filled by main and hold's setup. */
extern struct alloccmd {
	struct asker *asker, *gate;
	struct ask *monitor, *server; /* server NULL: nobody is shown the permit */
	bool proxied; /* server is a gateway's proxy, which gives us the workstation's address */
	const char *workstation, *router; /* as of the options; NULL: nothing is said, any */
} alloccmd;

void alloccmd_start(struct hold_session *s);
void alloccmd_stop(struct hold_session *s);

#endif
