/* codecmd.h - codes that are a user's password once (engine/login_codes.h): both who
 * gets them and who has them checked ask the security server. */
#ifndef SP_TOOL_CODECMD_H
#define SP_TOOL_CODECMD_H

#include "tool/asker.h"

/* sp-login --code: each record of standard input whose router wants a code (dialcode.h), or,
 * where a router is given, each record, gets code= and code_until=, and code2= ... for its
 * further endpoints: as the user of its identity= (asker_of; own: asker_new's), over unix:
 * of its token=. Others pass. The exit status. */
enum sp_exit code_run(struct asker *a, struct ask *own, const char *router);

/* sp-auth --code: what FreeRADIUS's exec module has put into the environment (USER_NAME,
 * USER_PASSWORD and, unless the router is given, NAS_IDENTIFIER) is asked about, at one
 * server after the other. The exit status is for that module, to which 3 would be an
 * acceptance: 0 accepted, 1 refused, 2 anything else. */
int code_check(struct asker *a, struct loop *l, const char *router, int64_t timeout_ms);

#endif
