/* flow.h - the filter that asks somebody: records in, each asked about on its
 * own, many at once, records out as the answers come. Otherwise it keeps the
 * rules of filter.h: error= passes through, a malformed line is refused with its
 * number, no record is exit 1. */
#ifndef SP_TOOL_FLOW_H
#define SP_TOOL_FLOW_H

#include "sys/loop.h"
#include "tool/tool.h"

struct flow_item {
	struct record rec; /* own copy of the input record: change it, then flow_done */
	void *tool;        /* the tool's own state */
	struct flow_impl *impl;
};

struct flow {
	/* Begins; flow_done is called later, or from within. */
	void (*start)(void *arg, struct flow_item *it);
	void *arg;
	unsigned max; /* at most so many at once: what comes then waits in the pipe */
};

/* Reads standard input to its end, returns the exit status when all is done; what
 * the tool itself watches in the loop does not keep it. */
enum sp_exit flow_run(struct loop *l, const struct flow *f);
/* Writes the record and forgets the item. On a failure tool_fail has marked it. */
void flow_done(struct flow_item *it, enum sp_exit status);

#endif
