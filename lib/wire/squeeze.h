/* squeeze.h - packets within a tunnel over a slow way: TCP/IP headers compressed as RFC 1144
 * does it, between two ends that datagrams may be lost between. Each has a number, so that
 * a loss is seen, and what depends on it is dropped until TCP sends it again, whole.
 *
 *   0x1c NUMBER, compressed    0x1f NUMBER, not compressed, from now on this connection may be
 * No packet of IP, and no record, begins like that. */
#ifndef SP_WIRE_SQUEEZE_H
#define SP_WIRE_SQUEEZE_H

#include "base/view.h"
#include "wire/vj.h"

#define SQUEEZE_MORE 2 /* bytes that a datagram may have more than its packet */

struct squeeze { /* one end: what it sends, what it is sent */
	struct vj_tx tx;
	struct vj_rx rx;
	uint8_t sent, seen; /* numbers */
};
void squeeze_init(struct squeeze *s);

/* Into to, which has room for n + SQUEEZE_MORE: the datagram's bytes; 0: the packet goes as it is. */
size_t squeeze_out(struct squeeze *s, const uint8_t *ip, size_t n, uint8_t *to);
/* Is a datagram one of these? */
bool squeeze_is(const uint8_t *p, size_t n);
/* 1 and the packet, appended to `to`; -1 with a constant reason: it is dropped. */
int squeeze_in(struct squeeze *s, const uint8_t *p, size_t n, struct out *to, const char **why);

/* A packet as it goes, in its room if it is compressed; and what came as a packet: n 0, it is
 * dropped. */
#define SQUEEZE_ROOM 2048
struct view squeeze_pack(struct squeeze *s, struct view ip, uint8_t room[SQUEEZE_ROOM + SQUEEZE_MORE]);
struct view squeeze_unpack(struct squeeze *s, struct view datagram, uint8_t room[SQUEEZE_ROOM]);

#endif
