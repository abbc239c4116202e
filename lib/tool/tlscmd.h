/* tlscmd.h - sp-tls's connection: what comes in on standard input goes to the peer, and
 * what it sends to standard output. */
#ifndef SP_TOOL_TLSCMD_H
#define SP_TOOL_TLSCMD_H

#include "base/exit.h"
#include "sys/loop.h"
#include "sys/sock.h"

struct httpconnect;
struct ssl_ctx_st;

struct tls_command {
	const struct addr *addr; /* tls:, or fd: a socket that is connected, or is about to be */
	struct ssl_ctx_st *ctx;
	const char *host; /* what the certificate must be made out to; NULL: ctx judges alone */
	const struct httpconnect *connect; /* the server is a proxy, which is asked for that first; NULL: it is not */
	int64_t deadline; /* for being open */
};

/* Until the peer has ended and what it sent is written, nobody reads that any more, a
 * signal to end, or a failure, which is said. The log has the events open, closed and
 * failed. The exit status. */
enum sp_exit tls_run(struct loop *l, const struct tls_command *c);

#endif
