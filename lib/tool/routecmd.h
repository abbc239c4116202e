/* routecmd.h - sp-route -l: the route service over records on standard input. */
#ifndef SP_TOOL_ROUTECMD_H
#define SP_TOOL_ROUTECMD_H

#include "engine/prefix.h"
#include "tool/tool.h"

struct routecmd {
	struct prefix prefix[OPT_LIST_MAX];
	unsigned nprefix;
	uint32_t table;
	uint16_t port;
};

/* Serves the links that the records name (interface=, address=) until their end
 * or a signal. */
enum sp_exit routecmd_serve(const struct routecmd *c);

#endif
