/* syn.h - what is changed in the first packets of a TCP connection over a slow line,
 * in place, checksum carried on, length as it was: the largest segment (RFC 9293's
 * MSS option), so that no packet keeps the line for long, and the timestamps option
 * (RFC 7323), without which headers can be compressed (RFC 1144). */
#ifndef SP_WIRE_SYN_H
#define SP_WIRE_SYN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYN_SLOW 128000 /* bit/s; from there on nothing is changed */

/* The largest segment for a line of so many bit/s: that of an MTU of 296 under 19200,
 * of 576 under 64000, of 1006 under SYN_SLOW; 0: any, also when speed is 0. */
uint16_t syn_mss(uint64_t speed);

/* A packet p[0..n), whole or not, IPv4 or not: when it is a SYN, segments over mss
 * (0: none) become mss and timestamps (blank) become NOPs. A SYN whose options are
 * malformed, or signed (TCP-AO, RFC 5925), stays as it is; one without an MSS stays
 * without. true: it was changed. */
bool syn_rewrite(uint8_t *p, size_t n, uint16_t mss, bool blank);

#endif
