/* logincmd.h - the asking side of sp-login: records in, who the user is added. */
#ifndef SP_TOOL_LOGINCMD_H
#define SP_TOOL_LOGINCMD_H

#include "engine/ask.h"
#include "tool/tool.h"

struct login_options {
	const char *user, *domain, *group; /* NULL: from the record; user: then $USER */
	const char *password_file, *password_fd;
	const char *code_file, *code_fd; /* the answer to a challenge */
	const char *group_password_file, *group_password_fd;
	bool group_password; /* ask for it at the terminal */
	const char *identity; /* where key and certificate are kept; NULL: identity.h's place */
};

/* Steps 301 to 305 for every record of standard input; the exit status. */
enum sp_exit login_run(struct ask *a, const struct login_options *o);

#endif
