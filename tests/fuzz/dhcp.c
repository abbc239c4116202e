/* dhcp.c - any bytes as a packet from the link. The first byte says how much of it is
 * made right beforehand. An answer is for the peer, of its question, right in its sums
 * and options, leases nothing, and is no question itself. */
#include "fuzz/fuzz.h"
#include "unit/flow.h"
#include "wire/dhcp.h"

#include <stdlib.h>

#define OWN 0xc0000201u
#define PEER 0xc0000202u

enum { HEADERS = 1, MESSAGE = 2, TO_ALL = 4, NO_SUM = 8 };
enum { AT_UDP = 20, AT_MESSAGE = 28, AT_COOKIE = 264, AT_OPTIONS = 268 };

static void put(uint8_t *p, size_t at, size_t n, uint32_t v)
{
	for (size_t i = 0; i < n; i++)
		p[at + i] = (uint8_t)(v >> 8 * (n - 1 - i));
}

static uint16_t udp_sum(const uint8_t *p, size_t n)
{
	return flow_fold(flow_sum(flow_sum(17 + (uint32_t)n - AT_UDP, p + 12, 8), p + AT_UDP, n - AT_UDP));
}

static void prepare(uint8_t *p, size_t n, uint8_t how)
{
	if (how & MESSAGE && n >= AT_OPTIONS) {
		put(p, AT_MESSAGE, 3, 0x010106);
		put(p, AT_MESSAGE + 12, 4, PEER);
		put(p, AT_MESSAGE + 24, 4, 0);
		put(p, AT_COOKIE, 4, 0x63825363);
	}
	if (!(how & HEADERS) || n < AT_MESSAGE)
		return;
	put(p, 0, 4, 0x45000000u | (uint32_t)n);
	put(p, 4, 4, 0);
	put(p, 8, 4, 0x40110000);
	put(p, 12, 4, PEER);
	put(p, 16, 4, how & TO_ALL ? 0xffffffff : OWN);
	put(p, 10, 2, flow_fold(flow_sum(0, p, AT_UDP)));
	put(p, AT_UDP, 4, 68u << 16 | 67);
	put(p, AT_UDP + 4, 4, (uint32_t)(n - AT_UDP) << 16);
	if (!(how & NO_SUM))
		put(p, AT_UDP + 6, 2, udp_sum(p, n));
}

static void options(struct cur c)
{
	bool seen[256] = { false };
	uint8_t code;
	while ((code = cur_u8(&c)) != 255) {
		struct cur v = cur_sub(&c, cur_u8(&c));
		if (seen[code] || c.bad || (code == 53 && cur_u8(&v) != 5) || code == 51 || code == 55)
			abort();
		seen[code] = true;
	}
	while (cur_left(&c))
		if (cur_u8(&c) != 0)
			abort();
	if (!seen[53] || !seen[54])
		abort();
}

static void answer(const uint8_t *q, const uint8_t *p, size_t n)
{
	static const uint8_t ends[] = { 192, 0, 2, 1, 192, 0, 2, 2 }, none[8];
	size_t message = (size_t)(q[0] & 15) * 4 + 8;
	if (n < 328 || n > DHCP_ANSWER_MAX || n != (size_t)(p[2] << 8 | p[3]) || memcmp(p + 12, ends, 8) != 0)
		abort();
	if (flow_fold(flow_sum(0, p, AT_UDP)) != 0 || udp_sum(p, n) != 0)
		abort();
	if (memcmp(p + AT_MESSAGE + 4, q + message + 4, 4) != 0 || memcmp(p + AT_MESSAGE + 16, none, 8) != 0)
		abort();
	options(cur_of(p + AT_OPTIONS, n - AT_OPTIONS));
}

void fuzz_one(const uint8_t *in, size_t n)
{
	const struct dhcp_link l = { OWN, PEER, 1500, 1500 };
	uint8_t b[DHCP_ANSWER_MAX];
	struct out to = out_of(b, sizeof b), again = to;
	if (n == 0)
		return;
	uint8_t *p = malloc(n); /* one byte is how it is made */
	if (!p)
		abort();
	memcpy(p, in + 1, n - 1);
	prepare(p, n - 1, in[0]);
	enum dhcp_verdict v = dhcp_answer(&l, p, n - 1, &to);
	if (v >= DHCP_SIZE)
		abort();
	if (v == DHCP_ANSWER) {
		answer(p, b, out_len(&to));
		if (dhcp_answer(&l, b, out_len(&to), &again) != DHCP_OTHER)
			abort();
	}
	free(p);
}
