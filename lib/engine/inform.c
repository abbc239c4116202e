/* inform.c - DHCPINFORM on a link: addresses from the link's event, counts, and a
 * bound to the answers, kept as the time that they are paid up to: questions without
 * end do not fill a slow line with answers. */
#include "engine/inform.h"

#include "base/ration.h"
#include "wire/lcp.h"

void inform_begin(struct inform *f, const struct ppp_event *up, uint16_t mru)
{
	*f = (struct inform){ .link = { .own = ntohl(up->local.s_addr), .peer = ntohl(up->peer.s_addr), .mtu = up->mtu } };
	f->link.mru = mru == 0 || mru > LCP_MRU ? LCP_MRU : mru < LCP_MRU_MIN ? LCP_MRU_MIN : mru;
}

enum dhcp_verdict inform_input(struct inform *f, int64_t now, const uint8_t *ip, size_t n, struct out *to)
{
	enum dhcp_verdict v = f->link.own ? dhcp_answer(&f->link, ip, n, to) : DHCP_OTHER;
	if (v == DHCP_ANSWER && !ration_take(&f->paid, now, INFORM_EVERY, INFORM_AT_ONCE))
		v = DHCP_OFTEN;
	if (v != DHCP_OTHER)
		f->count[v]++;
	return v;
}

uint64_t inform_packets(const struct inform *f)
{
	uint64_t n = 0;
	for (int v = 0; v < DHCP_VERDICTS; v++)
		n += f->count[v];
	return n;
}
