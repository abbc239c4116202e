/* authcmd.h - sp-auth's filter: records in, RADIUS asked about each, many at
 * once, records with the answer out. */
#ifndef SP_TOOL_AUTHCMD_H
#define SP_TOOL_AUTHCMD_H

#include "engine/radius_client.h"
#include "tool/tool.h"
#include "wire/username.h"

struct auth_options {
	struct opt_list server, groups_from, domains;
	const char *nas_id;     /* NAS-Identifier of records without router= */
	const char *dictionary; /* NULL: the built-in one */
	enum username_form form;
	int64_t dead_time;      /* ms; struct radius_client_conf */
	uint64_t step;          /* of the handshake, for failures and the log */
	bool accounting, old_ports;
	struct secret secret;
	struct ssl_ctx_st *ctx; /* the servers are asked over TLS; then the secret is RADIUS_TLS_SECRET */
};

/* Standard input to its end; the exit status. Exits when it cannot begin. */
enum sp_exit auth_run(struct loop *l, const struct auth_options *o);

#endif
