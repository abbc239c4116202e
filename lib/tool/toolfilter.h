/* toolfilter.h - a filter that a tool runs beside itself, named by an option. */
#ifndef SP_TOOL_TOOLFILTER_H
#define SP_TOOL_TOOLFILTER_H

#include "engine/worker.h"

/* Running. What cannot be run ends the program with 8. Of the caller; worker_free. */
struct worker *tool_filter(struct loop *l, const char *option, const char *command);

#endif
