/* toolfilter.c - begins a filter, or says why not. */
#include "tool/toolfilter.h"

#include "tool/tool.h"

#include <errno.h>
#include <string.h>

struct worker *tool_filter(struct loop *l, const char *option, const char *command)
{
	struct worker *w = worker_new(l, command);
	if (w && worker_start(w) == 0)
		return w;
	int e = errno;
	worker_free(w);
	tool_die(SP_SYSTEM, "unable to run --%s %s: %s", option, command, strerror(e));
}
