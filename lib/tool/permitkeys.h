/* permitkeys.h - the keys of monitors whose permits count, as programs' options name them. */
#ifndef SP_TOOL_PERMITKEYS_H
#define SP_TOOL_PERMITKEYS_H

#include "sys/keyring.h"
#include "tool/tool.h"

/* Adds those of each file; one that cannot be used ends the program. */
void permitkeys_load(struct keyring *k, const struct opt_list *files);

#endif
