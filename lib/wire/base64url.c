/* base64url.c - bytes as text (RFC 4648 section 5). Refuses padding, other
 * alphabets, a lone digit, and bits left over that are not zero: there is one
 * text for some bytes and no other. */
#include "wire/base64url.h"

#include <stdint.h>

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int base64url_add(struct buf *out, struct view v)
{
	uint32_t word = 0;
	unsigned bits = 0;
	if (buf_reserve(out, BASE64URL_TEXT(v.n)) != 0)
		return -1;
	for (size_t i = 0; i < v.n; i++) {
		word = word << 8 | (unsigned char)v.p[i];
		for (bits += 8; bits >= 6; bits -= 6)
			out->data[out->len++] = alphabet[word >> (bits - 6) & 63];
	}
	if (bits)
		out->data[out->len++] = alphabet[word << (6 - bits) & 63];
	return 0;
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

int base64url_take(struct buf *out, struct view v)
{
	uint32_t word = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < v.n; i++) {
		int d = digit(v.p[i]);
		if (d < 0)
			return -1;
		word = word << 6 | (uint32_t)d;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (buf_addc(out, (char)(word >> bits & 0xff)) != 0)
			return -1;
	}
	/* A lone digit, or bits that no encoder writes: another text for the same bytes. */
	return bits == 6 || (word & ((1u << bits) - 1)) ? -1 : 0;
}
