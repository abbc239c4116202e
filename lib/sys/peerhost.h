/* peerhost.h - is a TLS peer's certificate made out to a host? For servers that are not
 * the vendor's own, and are known by where they are. */
#ifndef SP_SYS_PEERHOST_H
#define SP_SYS_PEERHOST_H

#include "sys/stream.h"

/* host: a name or an address, as in the subject alternative names (RFC 6125, 9525). false
 * also for a stream without TLS, or whose peer showed no certificate that holds. */
bool stream_peer_host(const struct stream *s, const char *host);

#endif
