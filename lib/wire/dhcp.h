/* dhcp.h - the one question of DHCP that is answered on a link: DHCPINFORM, of a peer
 * that has its address already (RFC 2131, 3.4 and 4.3.5). Whole IPv4 packets in and out.
 *
 * The answer has what the Parameter Request List asks for, in its order, or all three
 * where there is no list: Subnet Mask (255.255.255.255), Interface MTU (RFC 2132), and
 * a Classless Static Route to our own address, on link (RFC 3442). No Router: a link is
 * nobody's default route. Nothing is leased: no yiaddr, no times. The Client Identifier
 * comes back as it was (RFC 6842). Addresses are numbers (192.0.2.1 = 0xc0000201). */
#ifndef SP_WIRE_DHCP_H
#define SP_WIRE_DHCP_H

#include "base/cursor.h"

enum dhcp_verdict {
	DHCP_OTHER,       /* nothing for UDP port 67, as far as this packet shows */
	DHCP_ANSWER,      /* the answer was written */
	/* For that port, and not answered: */
	DHCP_IP,          /* a fragment, IP options, wrong length or checksum */
	DHCP_UDP,         /* wrong length or checksum */
	DHCP_SOURCE,      /* from neither the peer nor 0.0.0.0 */
	DHCP_DESTINATION, /* to neither us nor 255.255.255.255 */
	DHCP_MESSAGE,     /* not a BOOTREQUEST with DHCP's cookie, cut, or through a relay */
	DHCP_OPTIONS,     /* options that run over their field, of a wrong length, or twice */
	DHCP_TYPE,        /* DHCPDISCOVER, DHCPREQUEST ...: what wants a lease, or ends one */
	DHCP_CLIENT,      /* ciaddr is not the peer's address */
	DHCP_SIZE,        /* the answer is longer than a packet may be */
	DHCP_OFTEN,       /* for who counts how often (engine/inform.h) */
	DHCP_VERDICTS
};

/* "other", "answer" ...: what stands in logs. Never NULL. */
const char *dhcp_verdict_name(enum dhcp_verdict v);

#define DHCP_ANSWER_MAX 576 /* bytes of an answer: every host takes so much (RFC 2131, section 2) */

struct dhcp_link {
	uint32_t own, peer; /* the addresses of its ends */
	uint16_t mru;       /* the largest packet that we take: Interface MTU */
	uint16_t mtu;       /* the largest that the peer takes */
};

/* ip[0..n) came from the link. DHCP_ANSWER: the packet for it is in `to`, which was
 * empty, with room for DHCP_ANSWER_MAX. Anything else: what is in `to` is nothing. */
enum dhcp_verdict dhcp_answer(const struct dhcp_link *l, const uint8_t *ip, size_t n, struct out *to);

#endif
