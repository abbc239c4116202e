/* deflate.c - any bytes to the expanding end: first byte the window, then packets, each
 * behind its kind and length. Then the input, packed, comes out as it went in. */
#include "fuzz/fuzz.h"
#include "wire/deflate.h"

#include <stdlib.h>
#include <string.h>

static void expand(struct deflate_rx *rx, struct cur in)
{
	uint16_t sequence = 0;
	while (cur_left(&in) > 3) {
		uint8_t kind = cur_u8(&in), b[1 + DEFLATE_PACKET_MAX], packet[1602];
		size_t len = cur_u16(&in) % 1600, left = cur_left(&in);
		struct out to = out_of(b, DEFLATE_PACKET_MAX), o = out_of(packet, sizeof packet);
		uint16_t protocol;
		const char *why;
		len = len < left ? len : left;
		if (kind & 8) {
			deflate_rx_reset(rx);
			sequence = 0;
		}
		out_u16(&o, sequence++); /* else no mutation would come further */
		out_bytes(&o, cur_bytes(&in, len), len);
		b[DEFLATE_PACKET_MAX] = 0x5a;
		if (kind & 1)
			deflate_pass(rx, (uint16_t)(kind & 2 ? 0x0021 : 0x2041), packet, out_len(&o));
		else if (deflate_unpack(rx, packet, out_len(&o), &protocol, &to, &why) == 1 && (!deflate_takes(protocol) || !(protocol & 1)))
			abort();
		if (b[DEFLATE_PACKET_MAX] != 0x5a)
			abort();
	}
}

static void again(struct deflate_tx *tx, struct deflate_rx *rx, const uint8_t *p, size_t n)
{
	for (size_t at = 0, step = n % 900 + 20; at < n; at += step) {
		uint8_t line[DEFLATE_PACKET_MAX], b[DEFLATE_PACKET_MAX];
		struct out to = out_of(line, sizeof line), back = out_of(b, sizeof b);
		size_t len = n - at < step ? n - at : step;
		uint16_t protocol = 0;
		const char *why;
		int rc = deflate_pack(tx, 0x0021, p + at, len, &to);
		if (rc < 0 || out_len(&to) > len)
			abort();
		if (rc == 0)
			deflate_pass(rx, 0x0021, p + at, len);
		else if (deflate_unpack(rx, line, out_len(&to), &protocol, &back, &why) != 1 || protocol != 0x0021 ||
		         out_len(&back) != len || memcmp(b, p + at, len) != 0)
			abort();
	}
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct cur in = cur_of(p, n);
	unsigned how = cur_u8(&in);
	struct deflate_rx *rx = deflate_rx_new(8 + how % 8);
	struct deflate_tx *tx = deflate_tx_new(9 + how % 7);
	if (!rx || !tx)
		abort();
	expand(rx, in);
	deflate_rx_free(rx);
	rx = deflate_rx_new(9 + how % 7);
	again(tx, rx, p, n);
	deflate_rx_free(rx);
	deflate_tx_free(tx);
}
