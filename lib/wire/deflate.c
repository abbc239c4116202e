/* deflate.c - RFC 1979 over zlib: raw deflate, flushed at each packet's end, the
 * flush's last four bytes left out. A packet that went as it is enters the other
 * side's history as a stored block. Refuses, with a reason: a wrong sequence number,
 * data that is no deflate or ends a stream, more than DEFLATE_PACKET_MAX bytes of
 * output, whatever the input promises. */
#include "wire/deflate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SEQUENCE 2                       /* bytes before the data */
#define ROOM (DEFLATE_PACKET_MAX + 2)    /* with a protocol number */
#define PACKED_MAX (ROOM + 64)           /* at worst zlib stores, with five bytes before and after */

static const uint8_t flush[4] = { 0x00, 0x00, 0xff, 0xff };

bool deflate_takes(uint16_t protocol)
{
	return protocol <= 0x3fff && protocol != DEFLATE_PROTOCOL && protocol != 0x00fb;
}

static void head_put(struct out *o, uint16_t protocol)
{
	if (protocol > 0xff)
		out_u8(o, (uint8_t)(protocol >> 8));
	out_u8(o, (uint8_t)protocol);
}

/* -- compressing */

struct deflate_tx {
	z_stream z;
	uint16_t sequence;
	bool broken;
};

struct deflate_tx *deflate_tx_new(unsigned window)
{
	struct deflate_tx *tx = calloc(1, sizeof *tx);
	if (tx && deflateInit2(&tx->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -(int)window, 8, Z_DEFAULT_STRATEGY) == Z_OK)
		return tx;
	free(tx);
	errno = ENOMEM;
	return NULL;
}

void deflate_tx_free(struct deflate_tx *tx)
{
	if (tx)
		deflateEnd(&tx->z);
	free(tx);
}

void deflate_tx_reset(struct deflate_tx *tx)
{
	deflateReset(&tx->z);
	tx->sequence = 0;
}

int deflate_pack(struct deflate_tx *tx, uint16_t protocol, const uint8_t *p, size_t n, struct out *to)
{
	uint8_t whole[ROOM], packed[PACKED_MAX];
	struct out w = out_of(whole, sizeof whole);
	head_put(&w, protocol);
	out_bytes(&w, p, n);
	if (w.bad || tx->broken)
		return -1;
	tx->z.next_in = whole;
	tx->z.avail_in = (uInt)out_len(&w);
	tx->z.next_out = packed;
	tx->z.avail_out = sizeof packed;
	int rc = deflate(&tx->z, Z_SYNC_FLUSH);
	size_t size = sizeof packed - tx->z.avail_out;
	if (rc != Z_OK || tx->z.avail_out == 0 || size < sizeof flush ||
	    memcmp(packed + size - sizeof flush, flush, sizeof flush) != 0) {
		tx->broken = true;
		return -1;
	}
	size -= sizeof flush;
	uint16_t sequence = tx->sequence++;
	if (size + SEQUENCE >= n)
		return 0;
	out_u16(to, sequence);
	out_bytes(to, packed, size);
	return 1;
}

/* -- expanding */

struct deflate_rx {
	z_stream z;
	uint16_t sequence;
	bool lost;
};

struct deflate_rx *deflate_rx_new(unsigned window)
{
	struct deflate_rx *rx = calloc(1, sizeof *rx);
	if (rx && inflateInit2(&rx->z, -(int)window) == Z_OK)
		return rx;
	free(rx);
	errno = ENOMEM;
	return NULL;
}

void deflate_rx_free(struct deflate_rx *rx)
{
	if (rx)
		inflateEnd(&rx->z);
	free(rx);
}

void deflate_rx_reset(struct deflate_rx *rx)
{
	inflateReset(&rx->z);
	rx->sequence = 0;
	rx->lost = false;
}

/* All of it into the room of next_out. */
static bool feed(struct deflate_rx *rx, const uint8_t *p, size_t n)
{
	uint8_t b[PACKED_MAX];
	if (n > sizeof b)
		return false;
	memcpy(b, p, n); /* zlib's pointer is not const */
	rx->z.next_in = b;
	rx->z.avail_in = (uInt)n;
	int rc = n > 0 ? inflate(&rx->z, Z_SYNC_FLUSH) : Z_OK;
	return (rc == Z_OK || rc == Z_BUF_ERROR) && rx->z.avail_in == 0;
}

static const char *expand(struct deflate_rx *rx, const uint8_t *p, size_t n, uint16_t *protocol, struct out *to)
{
	uint8_t whole[ROOM + 1];
	struct cur in = cur_of(p, n);
	uint16_t sequence = cur_u16(&in);
	size_t left = cur_left(&in);
	if (in.bad || left == 0)
		return "empty";
	if (sequence != rx->sequence)
		return "wrong sequence number";
	rx->sequence++;
	rx->z.next_out = whole;
	rx->z.avail_out = sizeof whole;
	if (!feed(rx, cur_bytes(&in, left), left) || !feed(rx, flush, sizeof flush))
		return rx->z.avail_out ? "no deflate" : "too long";
	if (rx->z.avail_out == 0)
		return "too long";
	struct cur out = cur_of(whole, sizeof whole - rx->z.avail_out);
	*protocol = cur_u8(&out);
	if (!(*protocol & 1))
		*protocol = (uint16_t)(*protocol << 8 | cur_u8(&out));
	size_t size = cur_left(&out);
	out_bytes(to, cur_bytes(&out, size), size);
	return out.bad || !(*protocol & 1) || !deflate_takes(*protocol) ? "no protocol that is compressed" : to->bad ? "too long" : NULL;
}

int deflate_unpack(struct deflate_rx *rx, const uint8_t *p, size_t n, uint16_t *protocol, struct out *to, const char **why)
{
	*why = rx->lost ? "after a loss" : expand(rx, p, n, protocol, to);
	if (*why)
		rx->lost = true;
	return *why ? -1 : 1;
}

void deflate_pass(struct deflate_rx *rx, uint16_t protocol, const uint8_t *p, size_t n)
{
	uint8_t block[5 + ROOM], whole[ROOM];
	struct out o = out_of(block, sizeof block);
	size_t size = n + (protocol > 0xff ? 2 : 1);
	if (rx->lost)
		return;
	rx->sequence++;
	out_u8(&o, 0); /* a stored block, not the last: length and its complement, low byte first */
	out_u8(&o, (uint8_t)size);
	out_u8(&o, (uint8_t)(size >> 8));
	out_u8(&o, (uint8_t)~size);
	out_u8(&o, (uint8_t)(~size >> 8));
	head_put(&o, protocol);
	out_bytes(&o, p, n);
	rx->z.next_out = whole;
	rx->z.avail_out = sizeof whole;
	if (o.bad || !feed(rx, block, out_len(&o)))
		rx->lost = true;
}
