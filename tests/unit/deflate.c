/* deflate.c - RFC 1979: packets through both ends, of every kind and order; losses,
 * and beginning anew; what would grow without end; CCP's option. */
#include "unit/flow.h"
#include "unit/tap.h"
#include "wire/ccp.h"
#include "wire/deflate.h"

static struct deflate_tx *tx;
static struct deflate_rx *rx;

static void begin(unsigned window)
{
	deflate_tx_free(tx);
	deflate_rx_free(rx);
	tx = deflate_tx_new(window);
	rx = deflate_rx_new(window);
}

/* 1 it came out as it went in, 0 not; adds up what was on the line. */
static int through(uint16_t protocol, const uint8_t *p, size_t n, size_t *line_n)
{
	uint8_t line[1500], b[1500];
	struct out to = out_of(line, sizeof line), back = out_of(b, sizeof b);
	uint16_t got = 0;
	const char *why = NULL;
	int rc = deflate_pack(tx, protocol, p, n, &to);
	*line_n += rc == 1 ? out_len(&to) : n;
	if (rc == 0)
		deflate_pass(rx, protocol, p, n);
	if (rc != 1)
		return rc == 0;
	return out_len(&to) < n && deflate_unpack(rx, line, out_len(&to), &got, &back, &why) == 1 && got == protocol &&
	       out_len(&back) == n && memcmp(b, p, n) == 0;
}

static void packets(unsigned window)
{
	struct flow f;
	uint8_t b[1500];
	uint32_t seed = window;
	size_t line = 0, all = 0;
	unsigned wrong = 0;
	begin(window);
	flow_init(&f, window);
	for (int i = 0; i < 4000; i++) {
		size_t n = flow_next(&f, b);
		for (size_t j = 0; j < n && i % 3 == 0; j++) /* noise: goes as it is */
			b[j] = (uint8_t)flow_draw(&seed, 256);
		wrong += !through(i % 5 ? 0x0021 : 0x2041, b, n, &line);
		all += n;
	}
	check(wrong == 0 && line < (window < 11 ? all : all * 2 / 3), "window %u: 4000 packets, %zu bytes for %zu, %u wrong", window, line, all, wrong);
}

static const char *unpack(const void *p, size_t n)
{
	uint8_t b[1500];
	struct out to = out_of(b, sizeof b);
	uint16_t protocol;
	const char *why;
	return deflate_unpack(rx, p, n, &protocol, &to, &why) == 1 ? "taken" : why;
}

static void losses(void)
{
	static const uint8_t text[1000] = "all the same";
	uint8_t line[1500];
	size_t sum = 0;
	struct out to = out_of(line, sizeof line);
	begin(15);
	check(through(0x0021, text, sizeof text, &sum), "a packet");
	deflate_pack(tx, 0x0021, text, sizeof text, &to); /* is lost */
	to = out_of(line, sizeof line);
	deflate_pack(tx, 0x0021, text, sizeof text, &to);
	check_str(unpack(line, out_len(&to)), "wrong sequence number", "the one after a lost one");
	check_str(unpack("\0\1x", 3), "after a loss", "no other either, even with the right number");
	deflate_tx_reset(tx);
	deflate_rx_reset(rx);
	sum = 0;
	check(through(0x0021, text, sizeof text, &sum) && through(0x0021, text, sizeof text, &sum) && sum < 60,
	      "until both begin anew: %zu bytes for 2000", sum);
	begin(15);
	check_str(unpack("\0\0\xff\xff\xff", 5), "no deflate", "no deflate");
	begin(15);
	check_str(unpack("\0\0\x03\0", 4), "no deflate", "the end of a stream");
	begin(15);
	check_str(unpack("\0", 1), "empty", "half a sequence number");
	begin(15);
	check_str(unpack("\0\0\0\2\0\xfd\xff\xc0\x21", 9), "no protocol that is compressed", "LCP in it");
	check(!deflate_takes(0x00fd) && !deflate_takes(0x80fd) && deflate_takes(0x0021), "nor what is compressed already");
}

/* 1500 zeros, again and again: some bytes on the line, and each would be 1501. */
static void bomb(void)
{
	static const uint8_t zeros[1500];
	uint8_t line[1500];
	struct out to = out_of(line, sizeof line);
	begin(15);
	deflate_pack(tx, 0x0021, zeros, sizeof zeros, &to);
	check_str(unpack(line, out_len(&to)), "taken", "1500 bytes");
	begin(15);
	to = out_of(line, sizeof line);
	deflate_pack(tx, 0x2041, zeros, sizeof zeros, &to);
	check_str(unpack(line, out_len(&to)), "taken", "the same with a long protocol number");
	begin(15);
	uint8_t twice[3000];
	struct out all = out_of(twice, sizeof twice);
	to = out_of(line, sizeof line);
	deflate_pack(tx, 0x0021, zeros, sizeof zeros, &to);
	out_bytes(&all, line, out_len(&to));
	out_bytes(&all, "\0\0\xff\xff", 4);
	to = out_of(line, sizeof line);
	deflate_pack(tx, 0x0021, zeros, sizeof zeros, &to);
	out_bytes(&all, line + 2, out_len(&to) - 2);
	check_str(unpack(twice, out_len(&all)), "too long", "3002 bytes in one packet");
	check_str(unpack("\0\1x", 3), "after a loss", "and nothing more until it begins anew");
}

int main(void)
{
	for (unsigned w = DEFLATE_WINDOW_MIN; w <= DEFLATE_WINDOW_MAX; w++)
		packets(w);
	losses();
	bomb();
	check(ccp_window(0x7800) == 15 && ccp_window(0x0800) == 8 && ccp_window(0x8800) == 0 && ccp_window(0x7900) == 0 &&
	      ccp_window(0x7801) == 0, "the option's values");
	begin(9);
	deflate_tx_free(tx);
	deflate_rx_free(rx);
	return tap_done();
}
