/* hdlc.c - asynchronous HDLC-like framing, RFC 1662. Runs of bytes that need no
 * escape are copied whole. Refuses, with a reason: a wrong FCS, a frame over
 * HDLC_FRAME_MAX (its rest is skipped to the next flag, nothing is kept), a
 * frame too short for a protocol, an even protocol number. An aborted frame
 * (7d 7e) is no error, as the RFC has it. */
#include "wire/hdlc.h"

#include <errno.h>

#define FLAG 0x7e
#define ESCAPE 0x7d
#define FCS_INIT 0xffff
#define FCS_GOOD 0xf0b8

static const uint16_t fcs_table[256] = { /* RFC 1662, C.2 */
	0x0000, 0x1189, 0x2312, 0x329b, 0x4624, 0x57ad, 0x6536, 0x74bf, 0x8c48, 0x9dc1, 0xaf5a, 0xbed3,
	0xca6c, 0xdbe5, 0xe97e, 0xf8f7, 0x1081, 0x0108, 0x3393, 0x221a, 0x56a5, 0x472c, 0x75b7, 0x643e,
	0x9cc9, 0x8d40, 0xbfdb, 0xae52, 0xdaed, 0xcb64, 0xf9ff, 0xe876, 0x2102, 0x308b, 0x0210, 0x1399,
	0x6726, 0x76af, 0x4434, 0x55bd, 0xad4a, 0xbcc3, 0x8e58, 0x9fd1, 0xeb6e, 0xfae7, 0xc87c, 0xd9f5,
	0x3183, 0x200a, 0x1291, 0x0318, 0x77a7, 0x662e, 0x54b5, 0x453c, 0xbdcb, 0xac42, 0x9ed9, 0x8f50,
	0xfbef, 0xea66, 0xd8fd, 0xc974, 0x4204, 0x538d, 0x6116, 0x709f, 0x0420, 0x15a9, 0x2732, 0x36bb,
	0xce4c, 0xdfc5, 0xed5e, 0xfcd7, 0x8868, 0x99e1, 0xab7a, 0xbaf3, 0x5285, 0x430c, 0x7197, 0x601e,
	0x14a1, 0x0528, 0x37b3, 0x263a, 0xdecd, 0xcf44, 0xfddf, 0xec56, 0x98e9, 0x8960, 0xbbfb, 0xaa72,
	0x6306, 0x728f, 0x4014, 0x519d, 0x2522, 0x34ab, 0x0630, 0x17b9, 0xef4e, 0xfec7, 0xcc5c, 0xddd5,
	0xa96a, 0xb8e3, 0x8a78, 0x9bf1, 0x7387, 0x620e, 0x5095, 0x411c, 0x35a3, 0x242a, 0x16b1, 0x0738,
	0xffcf, 0xee46, 0xdcdd, 0xcd54, 0xb9eb, 0xa862, 0x9af9, 0x8b70, 0x8408, 0x9581, 0xa71a, 0xb693,
	0xc22c, 0xd3a5, 0xe13e, 0xf0b7, 0x0840, 0x19c9, 0x2b52, 0x3adb, 0x4e64, 0x5fed, 0x6d76, 0x7cff,
	0x9489, 0x8500, 0xb79b, 0xa612, 0xd2ad, 0xc324, 0xf1bf, 0xe036, 0x18c1, 0x0948, 0x3bd3, 0x2a5a,
	0x5ee5, 0x4f6c, 0x7df7, 0x6c7e, 0xa50a, 0xb483, 0x8618, 0x9791, 0xe32e, 0xf2a7, 0xc03c, 0xd1b5,
	0x2942, 0x38cb, 0x0a50, 0x1bd9, 0x6f66, 0x7eef, 0x4c74, 0x5dfd, 0xb58b, 0xa402, 0x9699, 0x8710,
	0xf3af, 0xe226, 0xd0bd, 0xc134, 0x39c3, 0x284a, 0x1ad1, 0x0b58, 0x7fe7, 0x6e6e, 0x5cf5, 0x4d7c,
	0xc60c, 0xd785, 0xe51e, 0xf497, 0x8028, 0x91a1, 0xa33a, 0xb2b3, 0x4a44, 0x5bcd, 0x6956, 0x78df,
	0x0c60, 0x1de9, 0x2f72, 0x3efb, 0xd68d, 0xc704, 0xf59f, 0xe416, 0x90a9, 0x8120, 0xb3bb, 0xa232,
	0x5ac5, 0x4b4c, 0x79d7, 0x685e, 0x1ce1, 0x0d68, 0x3ff3, 0x2e7a, 0xe70e, 0xf687, 0xc41c, 0xd595,
	0xa12a, 0xb0a3, 0x8238, 0x93b1, 0x6b46, 0x7acf, 0x4854, 0x59dd, 0x2d62, 0x3ceb, 0x0e70, 0x1ff9,
	0xf78f, 0xe606, 0xd49d, 0xc514, 0xb1ab, 0xa022, 0x92b9, 0x8330, 0x7bc7, 0x6a4e, 0x58d5, 0x495c,
	0x3de3, 0x2c6a, 0x1ef1, 0x0f78,
};

uint16_t hdlc_fcs(uint16_t fcs, const void *p, size_t n)
{
	const uint8_t *b = p;
	for (size_t i = 0; i < n; i++)
		fcs = (uint16_t)(fcs >> 8 ^ fcs_table[(fcs ^ b[i]) & 0xff]);
	return fcs;
}

void hdlc_map(struct hdlc_map *m, uint32_t accm)
{
	memset(m->stop, 0, sizeof m->stop);
	for (unsigned c = 0; c < 32; c++)
		m->stop[c] = accm >> c & 1 ? 4 : 0;
	m->stop[FLAG] = 1;
	m->stop[ESCAPE] = 2;
	m->accm = accm;
}

/* The number of bytes of p[0..n) before the first that stops a run. */
static size_t run_of(const struct hdlc_map *m, const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (i < n && !m->stop[p[i]])
		i++;
	return i;
}

static void put(struct out *o, const struct hdlc_map *m, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t run = run_of(m, p + i, n - i);
		out_bytes(o, p + i, run);
		i += run;
		if (i < n) {
			out_u8(o, ESCAPE);
			out_u8(o, p[i] ^ 0x20);
		}
	}
}

static size_t head_write(struct out *o, const struct hdlc_tx *tx, uint16_t protocol)
{
	if (!tx->acfc) {
		out_u8(o, 0xff);
		out_u8(o, 0x03);
	}
	if (tx->pfc && protocol < 0x100)
		out_u8(o, (uint8_t)protocol);
	else
		out_u16(o, protocol);
	return out_len(o);
}

int hdlc_encode(struct buf *out, const struct hdlc_tx *tx, uint16_t protocol, const void *p, size_t n)
{
	uint8_t head[4], tail[2];
	struct out h = out_of(head, sizeof head);
	size_t hn = head_write(&h, tx, protocol);
	if (n > HDLC_INFO_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if (buf_reserve(out, 2 * (hn + n + sizeof tail) + 2) != 0)
		return -1;
	uint16_t fcs = (uint16_t)~hdlc_fcs(hdlc_fcs(FCS_INIT, head, hn), p, n);
	tail[0] = (uint8_t)(fcs & 0xff);
	tail[1] = (uint8_t)(fcs >> 8);
	struct out o = out_of(out->data + out->len, out->cap - out->len);
	out_u8(&o, FLAG);
	put(&o, &tx->map, head, hn);
	put(&o, &tx->map, p, n);
	put(&o, &tx->map, tail, sizeof tail);
	out_u8(&o, FLAG);
	out->len += out_len(&o);
	return 0;
}

void hdlc_rx_init(struct hdlc_rx *rx)
{
	hdlc_map(&rx->map, HDLC_ACCM_ALL);
	rx->n = 0;
	rx->escape = rx->aborted = rx->overlong = false;
}

static void keep(struct hdlc_rx *rx, const uint8_t *p, size_t n)
{
	if (n > sizeof rx->frame - rx->n) {
		rx->overlong = true;
		return;
	}
	memcpy(rx->frame + rx->n, p, n);
	rx->n += n;
}

/* Checks and opens rx->frame[0..n) at its closing flag. */
static int frame_open(const struct hdlc_rx *rx, size_t n, struct hdlc_frame *f, const char **why)
{
	*why = n < 4 ? "frame too short" : hdlc_fcs(FCS_INIT, rx->frame, n) != FCS_GOOD ? "wrong FCS" : NULL;
	if (*why)
		return -1;
	struct cur c = cur_of(rx->frame, n - 2);
	if (rx->frame[0] == 0xff && rx->frame[1] == 0x03)
		cur_u16(&c);
	f->protocol = cur_u8(&c);
	if (!(f->protocol & 1))
		f->protocol = (uint16_t)(f->protocol << 8 | cur_u8(&c));
	f->n = cur_left(&c);
	f->p = cur_bytes(&c, f->n);
	if (!c.bad && f->protocol & 1)
		return 1;
	*why = "no protocol number";
	return -1;
}

static int frame_end(struct hdlc_rx *rx, struct hdlc_frame *f, const char **why)
{
	bool aborted = rx->aborted || rx->escape, overlong = rx->overlong;
	size_t n = rx->n;
	rx->escape = rx->aborted = rx->overlong = false;
	rx->n = 0;
	if (aborted || (n == 0 && !overlong))
		return 0; /* nothing between two flags */
	if (!overlong)
		return frame_open(rx, n, f, why);
	*why = "frame too long";
	return -1;
}

int hdlc_next(struct hdlc_rx *rx, struct cur *in, struct hdlc_frame *f, const char **why)
{
	while (cur_left(in) > 0) {
		if (!rx->escape) {
			size_t run = run_of(&rx->map, in->p, cur_left(in));
			const uint8_t *p = cur_bytes(in, run);
			keep(rx, p, run);
			if (cur_left(in) == 0)
				break;
		}
		uint8_t c = cur_u8(in);
		if (c == FLAG) {
			int rc = frame_end(rx, f, why);
			if (rc != 0)
				return rc;
		} else if (rx->map.stop[c] & 4) {
			continue; /* put in by something on the way */
		} else if (rx->escape) {
			c ^= 0x20;
			rx->escape = false;
			keep(rx, &c, 1);
		} else {
			rx->escape = true; /* the run ended at ESCAPE */
		}
	}
	return 0;
}
