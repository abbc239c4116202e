/* radius_server.h - a RADIUS server as it is named on the command line. */
#ifndef SP_ENGINE_RADIUS_SERVER_H
#define SP_ENGINE_RADIUS_SERVER_H

#include "sys/sock.h"

enum { RADIUS_AUTH, RADIUS_ACCT };

struct radius_server {
	bool tls;
	struct addr addr; /* tls: resolved when connected to */
	struct sockaddr_storage to[2];
	socklen_t size[2];
	struct radius_tls *conn; /* of radius_client.c */
	int64_t dead_until;
};

/* "HOST[:AUTH-PORT[:ACCT-PORT]]" (1812 and 1813, old_ports: 1645 and 1646), or
 * "tls:HOST[:PORT]" (2083); HOST may be [v6]. Resolves the first, blocking.
 * false with a constant reason. */
bool radius_server_parse(struct radius_server *s, const char *text, bool old_ports, const char **why);

#endif
