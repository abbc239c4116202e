/* dtls_hello.c - what a datagram is, before OpenSSL sees it. RFC 6347: record header 4.1,
 * handshake header 4.2.2, ClientHello 4.2.1. Refuses what is cut before the random; and
 * records under a key that are shorter than its nonce and tag, as OpenSSL 3.0 ends the
 * association by those, whoever sent them. */
#include "sys/dtls.h"

#define RECORD 13
#define HANDSHAKE 12
#define VERSION 2
#define GCM 24 /* nonce 8, tag 16: RFC 5288, section 3; the only suites there are */

bool dtls_sound(struct view datagram)
{
	union { const char *c; const uint8_t *u; } p = { datagram.p };
	for (size_t at = 0; at < datagram.n;) {
		const uint8_t *b = p.u + at;
		if (datagram.n - at < RECORD)
			return false;
		size_t length = (size_t)b[11] << 8 | b[12];
		bool keyed = b[3] || b[4];
		if (length > datagram.n - at - RECORD || (keyed && length < GCM))
			return false;
		at += RECORD + length;
	}
	return datagram.n > 0;
}

bool dtls_hello(struct view datagram, uint8_t random[DTLS_RANDOM])
{
	union { const char *c; const uint8_t *u; } p = { datagram.p };
	const uint8_t *b = p.u, *h = b + RECORD;
	if (datagram.n < RECORD + HANDSHAKE + VERSION + DTLS_RANDOM)
		return false;
	bool handshake = b[0] == 22 && b[1] == 254 && b[3] == 0 && b[4] == 0; /* epoch 0 */
	bool first = h[6] == 0 && h[7] == 0 && h[8] == 0;                     /* fragment's offset */
	size_t length = (size_t)b[11] << 8 | b[12];
	if (!handshake || h[0] != 1 || !first || length < HANDSHAKE + VERSION + DTLS_RANDOM)
		return false;
	memcpy(random, h + HANDSHAKE + VERSION, DTLS_RANDOM);
	return true;
}
