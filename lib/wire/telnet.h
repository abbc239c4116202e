/* telnet.h - the network virtual terminal, RFC 854, either end: bytes from the
 * network in, user data and bytes for the network out. No descriptor, no clock.
 * libtelnet does the option negotiation; what it lets pass and must not
 * (compression, over-long subnegotiations), line ends and coalescing are ours. */
#ifndef SP_WIRE_TELNET_H
#define SP_WIRE_TELNET_H

#include "base/buf.h"

enum nvt_end { NVT_SERVER, NVT_CLIENT };

struct nvt;

/* What a peer's interrupt, erase and kill-line commands become in user data. */
#define NVT_INTERRUPT '\x03'
#define NVT_ERASE '\x7f'
#define NVT_KILL '\x15'

/* NULL with ENOMEM. A server's first offers (WILL ECHO, WILL SGA) are appended
 * to wire; a client waits to be asked. */
struct nvt *nvt_new(enum nvt_end end, struct buf *wire);
void nvt_free(struct nvt *t);

/* Bytes from the network, in any pieces. User data is appended to user, what
 * must be answered to wire. Line ends outside BINARY: a server's user sees CR
 * for CR NUL, CR LF and CR; a client's sees CR LF as it came, and CR for CR NUL.
 * 0, or -1 with a constant reason: the session must be closed, and every later
 * call fails with the same reason. */
int nvt_recv(struct nvt *t, struct view bytes, struct buf *user, struct buf *wire, const char **why);

/* User data for the network. Outside BINARY LF becomes CR LF and a CR that no LF
 * follows CR NUL. 0/-1 errno (of the buffer). */
int nvt_send(struct nvt *t, struct view user, struct buf *wire);

/* Server: the peer agreed that we echo. */
bool nvt_echo(const struct nvt *t);
/* Both directions are 8-bit clean. */
bool nvt_binary(const struct nvt *t);

#endif
