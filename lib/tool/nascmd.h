/* nascmd.h - what sp-nas takes for its links, and says about its steps and about this machine. */
#ifndef SP_TOOL_NASCMD_H
#define SP_TOOL_NASCMD_H

#include "engine/ppp.h"
#include "tool/tool.h"

/* struct nas_ops' log. */
void nascmd_log(void *arg, struct record *r);
/* The texts of --ppp-auth and --deflate go to *c, whose echo is looked at, too. What is not valid ends the program. */
void nascmd_ppp(struct ppp_conf *c, const char *methods, const char *deflate);
#define NAS_GATEWAYS 8
/* The texts of --gateway as addresses, host order: how many. What is none ends the program. */
unsigned nascmd_gateways(const struct opt_list *texts, uint32_t to[NAS_GATEWAYS]);
/* A machine that does not forward packets is told about. */
void nascmd_forwarding(void);

#endif
