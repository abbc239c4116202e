/* deflate.h - packets compressed one after the other by what went before them
 * (RFC 1979, zlib). Both ends must see the same packets in the same order: sequence
 * numbers tell when they did not, and then both begin anew. */
#ifndef SP_WIRE_DEFLATE_H
#define SP_WIRE_DEFLATE_H

#include "base/cursor.h"

#define DEFLATE_PROTOCOL 0x00fd
#define DEFLATE_WINDOW_MIN 9
#define DEFLATE_WINDOW_MAX 15
#define DEFLATE_PACKET_MAX 1500 /* of one that is expanded, without its protocol number */

/* Is it of those that are compressed? All but control protocols and the compressed. */
bool deflate_takes(uint16_t protocol);

struct deflate_tx;
struct deflate_tx *deflate_tx_new(unsigned window); /* NULL with errno */
void deflate_tx_free(struct deflate_tx *tx);        /* NULL: nothing */
void deflate_tx_reset(struct deflate_tx *tx);
/* 1: what to send as DEFLATE_PROTOCOL is appended to `to`, and is shorter than the
 * packet; 0: send it as it is, the other side learns from that, too; -1: something is
 * wrong with zlib, nothing may be compressed any more. Only of what deflate_takes. */
int deflate_pack(struct deflate_tx *tx, uint16_t protocol, const uint8_t *p, size_t n, struct out *to);

struct deflate_rx;
struct deflate_rx *deflate_rx_new(unsigned window);
void deflate_rx_free(struct deflate_rx *rx);
void deflate_rx_reset(struct deflate_rx *rx);
/* A packet of DEFLATE_PROTOCOL. 1: its protocol and, in `to`, its packet; -1 with the
 * reason: lost the thread, all others are refused until deflate_rx_reset. */
int deflate_unpack(struct deflate_rx *rx, const uint8_t *p, size_t n, uint16_t *protocol, struct out *to, const char **why);
/* A packet came as it is, of those that deflate_takes. */
void deflate_pass(struct deflate_rx *rx, uint16_t protocol, const uint8_t *p, size_t n);

#endif
