/* rascall_dhcp.c - packets of a call's link: to the TUN device, but for questions of
 * DHCP, which are answered here (engine/inform.h). */
#include "tool/rascall_impl.h"

/* Each kind the first time, and how many at the end: a caller that asks without end
 * does not fill the disk. */
static void log_dhcp(const struct call *c, enum dhcp_verdict v)
{
	if (c->inform.count[v] > 1)
		return;
	bool answered = v == DHCP_ANSWER;
	tool_log(RAS_ADDRESS, answered ? "DHCPINFORM answered" : "DHCP not answered", "user", c->caller.user,
	         "detail", answered ? NULL : dhcp_verdict_name(v), NULL);
}

void call_packet(void *arg, const uint8_t *ip, size_t n)
{
	struct call *c = arg;
	uint8_t b[DHCP_ANSWER_MAX];
	struct out answer = out_of(b, sizeof b);
	enum dhcp_verdict v = inform_input(&c->inform, clock_ms(), ip, n, &answer);
	if (v != DHCP_OTHER)
		log_dhcp(c, v);
	else if (call_source(c, ip))
		pppio_packet(&c->io, ip, n);
	if (v == DHCP_ANSWER)
		pppio_send(&c->io, b, out_len(&answer));
}
