/* nascmd.h - what sp-nas says about its steps and about this machine. */
#ifndef SP_TOOL_NASCMD_H
#define SP_TOOL_NASCMD_H

#include "tool/tool.h"

/* struct nas_ops' log. */
void nascmd_log(void *arg, struct record *r);
/* A machine that does not forward packets is told about. */
void nascmd_forwarding(void);

#endif
