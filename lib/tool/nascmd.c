/* nascmd.c - the router's links, its log, and the one setting of the machine that it needs. */
#include "tool/nascmd.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <stdio.h>

void nascmd_log(void *arg, struct record *r)
{
	static const char *const keys[] = { "session", "user",  "workstation", "group",  "groups", "permitted", "dial",
		                            "line",    "value", "reason",      "detail", "error",  "role",      "name", "certificate_id", "count" };
	const char *v[sizeof keys / sizeof *keys];
	uint64_t step = 0;
	(void)arg;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		v[i] = record_str(r, keys[i]);
	num_u64(record_get(r, "step"), 0, 999, &step);
	tool_log((int)step, record_str(r, "event"), keys[0], v[0], keys[1], v[1], keys[2], v[2], keys[3], v[3], keys[4], v[4],
	         keys[5], v[5], keys[6], v[6], keys[7], v[7], keys[8], v[8], keys[9], v[9], keys[10], v[10], keys[11], v[11],
	         keys[12], v[12], keys[13], v[13], keys[14], v[14], keys[15], v[15], NULL);
}

void nascmd_ppp(struct ppp_conf *c, const char *methods, const char *deflate)
{
	c->auth = ppp_methods(methods);
	if (c->auth == 0)
		tool_die(SP_USAGE, "--ppp-auth %s: mschapv2, chap, pap, both (chap,pap) and any are known", methods);
	if (!ppp_deflate(deflate, &c->deflate))
		tool_die(SP_USAGE, "--deflate: %s is none of auto, yes, no", deflate);
	if (c->echo < PPP_ECHO_MIN)
		tool_die(SP_USAGE, "--echo: at least 0.1");
}

void nascmd_forwarding(void)
{
	char c = '0';
	FILE *f = fopen("/proc/sys/net/ipv4/ip_forward", "r");
	if (f && fread(&c, 1, 1, f) == 1 && c == '0')
		tool_say("this machine does not forward packets: set net.ipv4.ip_forward=1");
	if (f)
		fclose(f);
}

unsigned nascmd_gateways(const struct opt_list *texts, uint32_t to[NAS_GATEWAYS])
{
	struct in_addr a;
	if (texts->n > NAS_GATEWAYS)
		tool_die(SP_USAGE, "at most %d gateways", NAS_GATEWAYS);
	for (unsigned i = 0; i < texts->n; i++) {
		if (inet_pton(AF_INET, texts->v[i], &a) != 1)
			tool_die(SP_USAGE, "--gateway %s: not an IPv4 address", texts->v[i]);
		to[i] = ntohl(a.s_addr);
	}
	return texts->n;
}
