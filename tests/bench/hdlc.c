/* hdlc.c - framing, one core: packets of 1500 bytes of text, and of nothing but
 * bytes that are escaped; beside the loops that RFC 1662 prints (a byte at a time,
 * its table), and memcpy as the limit. MB/s of packets, best of 15. */
#include "wire/hdlc.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N HDLC_INFO_MAX
#define PACKETS 200
#define ROUNDS 15

static uint8_t info[N], line[2 * N + 64], copy[N + 64];
static size_t line_n;
static uint16_t table[256];
static struct hdlc_tx tx = { .pfc = true, .acfc = true };
static struct hdlc_rx rx;
static struct buf out;
static volatile unsigned sink;

static void ours_encode(void)
{
	out.len = 0;
	hdlc_encode(&out, &tx, 0x0021, info, N);
}

static void ours_decode(void)
{
	struct hdlc_frame f;
	struct cur in = cur_of(line, line_n);
	const char *why;
	if (hdlc_next(&rx, &in, &f, &why) != 1 || f.n != N)
		abort();
}

static size_t put(size_t at, uint8_t c)
{
	if (c == 0x7e || c == 0x7d || (c < 32 && tx.map.accm >> c & 1)) {
		line[at++] = 0x7d;
		c ^= 0x20;
	}
	line[at] = c;
	return at + 1;
}

static void peer_encode(void)
{
	uint16_t fcs = (uint16_t)(0xffff >> 8 ^ table[(0xffff ^ 0x21) & 0xff]);
	size_t at = 0;
	line[at++] = 0x7e;
	at = put(at, 0x21);
	for (size_t i = 0; i < N; i++) {
		fcs = (uint16_t)(fcs >> 8 ^ table[(fcs ^ info[i]) & 0xff]);
		at = put(at, info[i]);
	}
	at = put(at, (uint8_t)~fcs);
	at = put(at, (uint8_t)(~fcs >> 8));
	line[at++] = 0x7e;
	line_n = at;
}

static void peer_decode(void)
{
	uint16_t fcs = 0xffff;
	size_t n = 0;
	for (size_t i = 1; i < line_n && line[i] != 0x7e; i++) {
		uint8_t c = line[i];
		if (c < 32 && tx.map.accm >> c & 1)
			continue;
		if (c == 0x7d)
			c = line[++i] ^ 0x20;
		copy[n++] = c;
		fcs = (uint16_t)(fcs >> 8 ^ table[(fcs ^ c) & 0xff]);
	}
	if (fcs != 0xf0b8 || n != N + 3)
		abort();
}

static void limit(void)
{
	memcpy(copy, info, N);
	sink += copy[sink % N];
}

static double rate(void (*what)(void))
{
	double best = 0;
	for (int r = 0; r < ROUNDS; r++) {
		struct timespec a, b;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		for (int i = 0; i < PACKETS; i++)
			what();
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		double s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
		if ((double)PACKETS * N / s / 1e6 > best)
			best = (double)PACKETS * N / s / 1e6;
	}
	return best;
}

static void row(const char *what, double ours, double peer)
{
	printf("%s, MB/s\t%.0f\t%.0f\t%.0f\t%.2f\n", what, ours, peer, rate(limit), ours / peer);
}

static void rows(const char *encode, const char *decode, uint32_t accm)
{
	hdlc_map(&tx.map, accm);
	hdlc_rx_init(&rx);
	hdlc_map(&rx.map, accm);
	double encoded = rate(ours_encode);
	row(encode, encoded, rate(peer_encode)); /* which leaves the frame on the line */
	double decoded = rate(ours_decode);
	row(decode, decoded, rate(peer_decode));
}

int main(void)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog, 0123456789 times.\n";
	for (unsigned i = 0; i < 256; i++)
		for (unsigned b = i, k = 0; k <= 8; k++, b = b & 1 ? b >> 1 ^ 0x8408 : b >> 1)
			table[i] = (uint16_t)b;
	buf_init(&out, 8192);
	for (size_t i = 0; i < N; i++)
		info[i] = (uint8_t)text[i % (sizeof text - 1)];
	rows("hdlc encode, text", "hdlc decode, text", 0);
	for (size_t i = 0; i < N; i++)
		info[i] = (uint8_t)(i % 3 ? i * 7 % 32 : 0x7d + i % 2);
	rows("hdlc encode, all escaped", "hdlc decode, all escaped", HDLC_ACCM_ALL);
	buf_clear(&out);
	return 0;
}
