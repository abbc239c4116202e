/* vj.c - any bytes to the expanding end: first byte the slots, then packets, each
 * behind its length and kind. What comes out fits, has a right IP checksum, and goes
 * through both ends again unchanged. */
#include "fuzz/fuzz.h"
#include "unit/flow.h"
#include "wire/vj.h"

#include <stdlib.h>

static void again(struct vj_tx *tx, struct vj_rx *rx, const uint8_t *ip, size_t n)
{
	uint8_t line[1500], b[1500];
	struct out to = out_of(line, sizeof line), back = out_of(b, sizeof b);
	const char *why;
	if (n > sizeof b || n < 40 || n != (size_t)(ip[2] << 8 | ip[3]))
		abort();
	if (flow_fold(flow_sum(0, ip, (ip[0] & 15u) * 4)) != 0)
		abort();
	uint16_t as = vj_compress(tx, ip, n, &to);
	if (as == VJ_IP)
		return;
	if (to.bad || out_len(&to) > n || vj_expand(rx, as, line, out_len(&to), &back, &why) != 1 || out_len(&back) != n ||
	    memcmp(b, ip, n) != 0)
		abort();
}

void fuzz_one(const uint8_t *p, size_t n)
{
	static struct vj_rx rx, rx2;
	static struct vj_tx tx;
	struct cur in = cur_of(p, n);
	unsigned how = cur_u8(&in);
	vj_rx_init(&rx, how % VJ_SLOTS + 1);
	vj_rx_init(&rx2, how % 3 + 1);
	vj_tx_init(&tx, how % 3 + 1, how & 128);
	while (cur_left(&in) > 3) {
		uint8_t kind = cur_u8(&in), b[1500];
		size_t len = cur_u16(&in) % 1600, left = cur_left(&in);
		struct out to = out_of(b, sizeof b);
		const char *why;
		len = len < left ? len : left;
		if (kind & 8)
			vj_rx_lost(&rx);
		if (vj_expand(&rx, kind & 1 ? VJ_UNCOMPRESSED : VJ_COMPRESSED, cur_bytes(&in, len), len, &to, &why) == 1)
			again(&tx, &rx2, b, out_len(&to));
		else if (!why)
			abort();
	}
}
