/* hdlc.c - frames: the FCS's check value, what is escaped and what is not, both
 * compressions, frames in pieces, damaged, cut, aborted and far too long. */
#include "unit/tap.h"
#include "wire/hdlc.h"

#include <stdlib.h>

static char text[8192];

static const char *hex(const void *p, size_t n)
{
	text[0] = '\0';
	for (size_t i = 0; i < n && i < sizeof text / 3 - 1; i++)
		snprintf(text + 3 * i, 4, "%02x ", ((const uint8_t *)p)[i]);
	if (n)
		text[3 * n - 1] = '\0';
	return text;
}

static struct hdlc_tx tx_of(uint32_t accm, bool compressed)
{
	struct hdlc_tx tx = { .pfc = compressed, .acfc = compressed };
	hdlc_map(&tx.map, accm);
	return tx;
}

static void encodes(uint32_t accm, bool compressed, uint16_t protocol, const void *p, size_t n, const char *want)
{
	struct hdlc_tx tx = tx_of(accm, compressed);
	struct buf b;
	buf_init(&b, 65536);
	hdlc_encode(&b, &tx, protocol, p, n);
	check_str(hex(b.data, b.len), want, want);
	buf_clear(&b);
}

/* A Configure-Request that Debian's pppd sent, as it stood on the line. */
static const uint8_t from_pppd[] = { 
	0x7e, 0xff, 0x7d, 0x23, 0xc0, 0x21, 0x7d, 0x21, 0x7d, 0x21, 0x7d, 0x20, 0x7d, 0x34, 0x7d,
	0x22, 0x7d, 0x26, 0x7d, 0x20, 0x7d, 0x20, 0x7d, 0x20, 0x7d, 0x20, 0x7d, 0x25, 0x7d, 0x26,
	0x2c, 0x4a, 0x32, 0x9f, 0x7d, 0x27, 0x7d, 0x22, 0x7d, 0x28, 0x7d, 0x22, 0x83, 0x29, 0x7e,
 };

struct seen {
	unsigned frames, bad;
	struct hdlc_frame last;
	const char *why;
	uint8_t info[HDLC_INFO_MAX];
};

static void feed(struct hdlc_rx *rx, const void *p, size_t n, struct seen *s)
{
	struct cur in = cur_of(p, n);
	struct hdlc_frame f;
	int rc;
	while ((rc = hdlc_next(rx, &in, &f, &s->why)) != 0) {
		s->frames += rc > 0;
		s->bad += rc < 0;
		if (rc > 0) {
			s->last = f;
			memcpy(s->info, f.p, f.n);
		}
	}
}

static void refused(const char *what, const void *p, size_t n, const char *why)
{
	struct hdlc_rx rx;
	struct seen s = { 0 };
	hdlc_rx_init(&rx);
	feed(&rx, p, n, &s);
	check(s.frames == 0 && s.bad == (why != NULL) && (!why || strcmp(s.why, why) == 0), "%s: %s", what,
	      why ? why : "nothing");
}

static void vectors(void)
{
	check(hdlc_fcs(0xffff, "123456789", 9) == (0xffff - 0x906e), "the FCS of \"123456789\" is 906e");
	uint8_t b[64];
	unsigned wrong = 0;
	for (size_t n = 0; n < sizeof b; n++) { /* all lengths: in one and in parts */
		b[n] = (uint8_t)(n * 73 + 5);
		wrong += hdlc_fcs(0xffff, b, n) != hdlc_fcs(hdlc_fcs(0xffff, b, n / 3), b + n / 3, n - n / 3);
	}
	check(wrong == 0, "the FCS in two parts is that of the whole");
	encodes(0, false, 0x0021, "E", 1, "7e ff 03 00 21 45 a2 30 7e");
	encodes(0, true, 0x0021, "\x7e\x7d\x11", 3, "7e 21 7d 5e 7d 5d 11 41 be 7e");
}

/* All sizes, all maps, byte by byte and at once: what goes in comes out. */
static void round_trips(void)
{
	static const uint32_t accm[] = { 0, 0xa0000, 0xffffffff };
	uint8_t info[HDLC_INFO_MAX];
	unsigned wrong = 0, n = 0;
	struct buf b;
	buf_init(&b, 65536);
	srand(1);
	for (int i = 0; i < 600; i++) {
		size_t len = (size_t)rand() % (HDLC_INFO_MAX + 1), step = i % 4 ? 1 + (size_t)rand() % 4000 : 1;
		struct hdlc_tx tx = tx_of(accm[i % 3], i & 1);
		struct hdlc_rx rx;
		struct seen s = { 0 };
		for (size_t j = 0; j < len; j++)
			info[j] = (uint8_t)(i % 5 ? rand() : 0x7d + rand() % 2);
		hdlc_rx_init(&rx);
		hdlc_map(&rx.map, accm[i % 3]);
		b.len = 0;
		hdlc_encode(&b, &tx, i % 7 ? 0x0021 : 0xc021, info, len);
		for (size_t at = 0; at < b.len; at += step)
			feed(&rx, b.data + at, b.len - at < step ? b.len - at : step, &s);
		n++;
		wrong += s.frames != 1 || s.bad || s.last.n != len || memcmp(s.info, info, len) != 0 ||
		         s.last.protocol != (i % 7 ? 0x0021 : 0xc021);
		for (size_t j = 0; j < b.len; j++) /* nothing of the map is on the line as it is */
			wrong += (uint8_t)b.data[j] < 32 && accm[i % 3] >> b.data[j] & 1;
	}
	check(wrong == 0, "%u frames of all sizes, whole and in pieces, come out as they went in", n);
	buf_clear(&b);
}

static void damage(void)
{
	struct hdlc_tx tx = tx_of(0xffffffff, false);
	struct buf b;
	unsigned taken = 0;
	buf_init(&b, 65536);
	hdlc_encode(&b, &tx, 0xc021, "\x01\x01\x00\x04", 4);
	for (size_t i = 0; i < b.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			struct hdlc_rx rx;
			struct seen s = { 0 };
			hdlc_rx_init(&rx);
			b.data[i] = (char)(b.data[i] ^ 1 << bit);
			feed(&rx, b.data, b.len, &s);
			taken += s.frames && (s.last.n != 4 || memcmp(s.info, "\x01\x01\x00\x04", 4) != 0);
			b.data[i] = (char)(b.data[i] ^ 1 << bit);
		}
	check(taken == 0, "no frame with one bit damaged is taken for another");
	check(hdlc_encode(&b, &tx, 0x0021, b.data, HDLC_INFO_MAX + 1) == -1, "a packet over 1500 bytes is not sent");
	buf_clear(&b);
}

static void edges(void)
{
	static uint8_t big[100000];
	struct hdlc_tx tx = tx_of(HDLC_ACCM_ALL, false);
	struct hdlc_rx rx;
	struct seen s = { 0 };
	struct buf even;
	memset(big, 'x', sizeof big);
	big[0] = big[sizeof big - 1] = 0x7e;
	refused("a frame of 100 kB", big, sizeof big, "frame too long");
	refused("flags", "~~~~~~", 6, NULL);
	refused("aborted", "~\xff\x03\xc0\x21\x01\x7d~", 8, "aborted");
	refused("three bytes", "~\xff\x03\xc0~", 5, "frame too short");
	refused("text", "login: ~", 8, "wrong FCS");
	buf_init(&even, 100);
	hdlc_encode(&even, &tx, 0x1020, "x", 1);
	refused("an even protocol", even.data, even.len, "no protocol number");
	buf_clear(&even);
	hdlc_rx_init(&rx);
	feed(&rx, big, sizeof big, &s);
	feed(&rx, from_pppd, sizeof from_pppd, &s);
	check(s.frames == 1 && s.bad == 1, "after it the next frame is read");
	check(s.last.protocol == 0xc021 && s.info[0] == 1 && s.last.n == (size_t)(s.info[2] << 8 | s.info[3]),
	      "pppd's Configure-Request");
	s = (struct seen){ 0 };
	feed(&rx, "\x11\x13", 2, &s);
	for (size_t i = 0; i < sizeof from_pppd; i++) { /* a modem that puts XON between any two bytes */
		feed(&rx, from_pppd + i, 1, &s);
		feed(&rx, "\x11", 1, &s);
	}
	check(s.frames == 1 && s.bad == 0, "controls that were put in on the way are dropped");
}

int main(void)
{
	vectors();
	round_trips();
	damage();
	edges();
	return tap_done();
}
