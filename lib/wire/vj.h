/* vj.h - TCP/IP header compression for slow lines (Van Jacobson, RFC 1144), both
 * directions: 40 bytes become 3 to 6 while a connection runs straight on. */
#ifndef SP_WIRE_VJ_H
#define SP_WIRE_VJ_H

#include "base/cursor.h"

enum { VJ_IP = 0x0021, VJ_COMPRESSED = 0x002d, VJ_UNCOMPRESSED = 0x002f }; /* PPP's protocol numbers */

#define VJ_SLOTS 16       /* connections that are remembered, the most */
#define VJ_HEADER_MAX 120 /* IP's and TCP's, each with all options */

struct vj_header { /* the last one of a connection */
	uint8_t fixed[VJ_HEADER_MAX]; /* with zeros where the fields below were */
	uint8_t n, ip_n;              /* bytes: both headers; IP's. n is 0: none yet */
	uint8_t flags;
	uint16_t length, id, ip_sum, window, sum, urgent;
	uint32_t seq, ack;
};

struct vj_tx {
	struct vj_header slot[VJ_SLOTS];
	uint8_t order[VJ_SLOTS]; /* the connection that was used last stands first */
	unsigned slots;
	unsigned last;   /* slot that was sent last; VJ_SLOTS: must be said */
	bool may_omit;   /* the peer reads packets that do not say their slot */
};
/* slots: what the peer has; we use VJ_SLOTS of them at most. 0: not for vj_compress. */
void vj_tx_init(struct vj_tx *tx, unsigned slots, bool may_omit);
/* Which of the three a packet is to be sent as. VJ_IP: as it is, nothing is
 * written. Else what to send is appended to `to`, and is not longer than n. What
 * was compressed must be sent next. */
uint16_t vj_compress(struct vj_tx *tx, const uint8_t *ip, size_t n, struct out *to);

struct vj_rx {
	struct vj_header slot[VJ_SLOTS];
	unsigned slots;
	unsigned last;
	bool toss; /* until a packet says its slot */
};
void vj_rx_init(struct vj_rx *rx, unsigned slots); /* 0 to VJ_SLOTS */
/* A frame was damaged or lost: which slot goes on is not known any more. */
void vj_rx_lost(struct vj_rx *rx);
/* p is of protocol VJ_COMPRESSED or VJ_UNCOMPRESSED. 1: the IP packet is appended
 * to `to`; -1: dropped, with the reason; one for which `to` has no room, too. */
int vj_expand(struct vj_rx *rx, uint16_t protocol, const uint8_t *p, size_t n, struct out *to, const char **why);

#endif
