/* lcp.h - the Link Control Protocol (RFC 1661): its options and its codes. */
#ifndef SP_WIRE_LCP_H
#define SP_WIRE_LCP_H

#include "wire/cp.h"

#define LCP_PROTOCOL 0xc021
#define LCP_MRU 1500     /* what everybody must be able to receive, and our maximum */
#define LCP_MRU_MIN 128  /* less is Nakked */

enum lcp_row { LCP_ROW_MRU, LCP_ROW_ACCM, LCP_ROW_AUTH, LCP_ROW_MAGIC, LCP_ROW_PFC, LCP_ROW_ACFC };

/* The value of the Authentication-Protocol option: protocol and algorithm. */
#define LCP_AUTH_PAP 0xc02300u
#define LCP_AUTH_CHAP 0xc22305u
#define LCP_AUTH_MSCHAP 0xc22381u /* version 2 */
enum { LCP_PAP = 1, LCP_CHAP = 2, LCP_MSCHAP = 4 }; /* methods as bits, the stronger the higher */
unsigned lcp_auth_method(uint32_t value); /* one of them, or 0 */
uint32_t lcp_auth_value(unsigned methods); /* the best of them; 0: none */

extern const struct cp_kind lcp_kind;

struct lcp_wish {
	uint16_t mru;
	uint32_t accm;
	unsigned demand; /* methods, one of which the peer must use; 0: none */
	unsigned allow;  /* methods that we would use if the peer demands it */
};
/* What to ask and what to allow; chooses a magic number. After cp_init. */
void lcp_want(struct cp *lcp, const struct lcp_wish *w);

void lcp_echo(struct cp *lcp);
/* rejects a packet of that protocol, when LCP is Opened. */
void lcp_reject_protocol(struct cp *lcp, uint16_t protocol, const void *info, size_t n);

#endif
