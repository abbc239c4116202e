/* ccp.h - the Compression Control Protocol (RFC 1962) with one algorithm: deflate
 * (RFC 1979, option 26). Each side says what it can expand. All else that a peer may
 * propose is Configure-Rejected; a peer that has nothing left gets packets as they are. */
#ifndef SP_WIRE_CCP_H
#define SP_WIRE_CCP_H

#include "wire/cp.h"

#define CCP_PROTOCOL 0x80fd
enum ccp_row { CCP_ROW_DEFLATE };
enum { CCP_RESET_REQUEST = 14, CCP_RESET_ACK = 15 };

/* In cp->trouble, for the owner, who takes them away: */
enum { CCP_RESET_ASKED = 8, /* begin anew, then ccp_reset_ack() */
       CCP_RESET_DONE = 16  /* the peer did */ };

extern const struct cp_kind ccp_kind;

void ccp_want(struct cp *ccp); /* after cp_init */
unsigned ccp_window(uint32_t v); /* of a row's value: bits, 8 to 15; 0: not compressed */
void ccp_reset_request(struct cp *ccp);
void ccp_reset_ack(struct cp *ccp); /* to the packet that was just read */

#endif
