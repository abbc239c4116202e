/* syn.c - the options of a SYN, RFC 9293, 3.1. All are looked at before one is
 * changed. An option may stand at an odd offset, so bytes are set one by one, each
 * in the 16-bit word that the checksum knows. */
#include "wire/syn.h"

#include "wire/sum.h"

enum { IP_HEADER = 20, TCP_HEADER = 20, TCP = 6, SYN = 2 };
enum { TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_SUM = 16 };
enum { OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_TIMESTAMPS = 8, OPT_AO = 29 };
enum { MSS_N = 4, TIMESTAMPS_N = 10 };

uint16_t syn_mss(uint64_t speed)
{
	static const struct { uint64_t under; uint16_t mtu; } mtus[] = {
		{ 1, 40 }, { 19200, 296 }, { 64000, 576 }, { SYN_SLOW, 1006 },
	};
	for (size_t i = 0; i < sizeof mtus / sizeof *mtus; i++)
		if (speed < mtus[i].under)
			return (uint16_t)(mtus[i].mtu - IP_HEADER - TCP_HEADER);
	return 0;
}

/* The TCP header of a SYN: its length, and where it begins. 0: it is none. */
static size_t syn_header(const uint8_t *p, size_t n, size_t *at)
{
	if (n < IP_HEADER + TCP_HEADER || p[0] >> 4 != 4 || p[9] != TCP || (get16(p, 6) & 0x1fff) != 0)
		return 0;
	size_t ip = (size_t)(p[0] & 15) * 4, total = get16(p, 2);
	if (total < n)
		n = total;
	if (ip < IP_HEADER || n < ip + TCP_HEADER || !(p[ip + TCP_FLAGS] & SYN))
		return 0;
	size_t tcp = (size_t)(p[ip + TCP_OFFSET] >> 4) * 4;
	*at = ip;
	return tcp >= TCP_HEADER && tcp <= n - ip ? tcp : 0;
}

static void set(uint8_t *tcp, size_t at, uint8_t v)
{
	size_t word = at & ~(size_t)1;
	uint16_t was = get16(tcp, word);
	tcp[at] = v;
	put16(tcp, TCP_SUM, sum_carry(get16(tcp, TCP_SUM), was, get16(tcp, word)));
}

/* The length of the option at `at`; 0: malformed, or everything is signed. */
static size_t option(const uint8_t *tcp, size_t n, size_t at)
{
	if (tcp[at] == OPT_NOP)
		return 1;
	if (at + 1 >= n || tcp[at + 1] < 2 || tcp[at + 1] > n - at || tcp[at] == OPT_AO)
		return 0;
	if ((tcp[at] == OPT_MSS && tcp[at + 1] != MSS_N) || (tcp[at] == OPT_TIMESTAMPS && tcp[at + 1] != TIMESTAMPS_N))
		return 0;
	return tcp[at + 1];
}

static bool change(uint8_t *tcp, size_t at, uint16_t mss, bool blank)
{
	if (tcp[at] == OPT_MSS && mss && (tcp[at + 2] << 8 | tcp[at + 3]) > mss) {
		set(tcp, at + 2, (uint8_t)(mss >> 8));
		set(tcp, at + 3, (uint8_t)mss);
		return true;
	}
	if (tcp[at] != OPT_TIMESTAMPS || !blank)
		return false;
	for (size_t i = 0; i < TIMESTAMPS_N; i++)
		set(tcp, at + i, OPT_NOP);
	return true;
}

bool syn_rewrite(uint8_t *p, size_t n, uint16_t mss, bool blank)
{
	size_t start = 0, len, header = syn_header(p, n, &start);
	uint8_t *tcp = header ? &p[start] : NULL;
	bool changed = false;
	for (size_t at = TCP_HEADER; at < header && tcp[at] != OPT_END; at += len)
		if ((len = option(tcp, header, at)) == 0)
			return false;
	for (size_t at = TCP_HEADER; at < header && tcp[at] != OPT_END; at += len) {
		len = option(tcp, header, at);
		changed = change(tcp, at, mss, blank) || changed;
	}
	return changed;
}
