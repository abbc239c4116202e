/* radius.c - RADIUS packets: RFC 2865 and 2866, Message-Authenticator of RFC
 * 2869 section 5.14, framing of RFC 6613. Refuses in a reply: another id, a length that the datagram
 * does not have, a response authenticator or Message-Authenticator that the
 * secret does not make, an Access reply without Message-Authenticator (without
 * it, an attacker on the path can turn a reject into an accept: CVE-2024-3596),
 * a code that does not answer the request.
 * MD5 is nettle's: radcli has loaded that library anyway, and libcrypto beside
 * it would double the start of a program. */
#include "wire/radius.h"

#include "base/cursor.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>

#include <errno.h>

enum { HEADER = 20, AUTH_AT = 4, AUTH = 16, MAC = 16, MAC_AT = HEADER };

const char *radius_code_name(unsigned code)
{
	switch (code) {
	case RADIUS_ACCESS_REQUEST: return "Access-Request";
	case RADIUS_ACCESS_ACCEPT: return "Access-Accept";
	case RADIUS_ACCESS_REJECT: return "Access-Reject";
	case RADIUS_ACCOUNTING_REQUEST: return "Accounting-Request";
	case RADIUS_ACCOUNTING_RESPONSE: return "Accounting-Response";
	case RADIUS_ACCESS_CHALLENGE: return "Access-Challenge";
	default: return "code";
	}
}

static void put(struct md5_ctx *md, const void *p, size_t n)
{
	md5_update(md, n, p);
}

static void hmac(const struct secret *secret, const uint8_t *p, size_t n, uint8_t mac[MAC])
{
	struct hmac_md5_ctx ctx;
	struct view key = secret_view(secret);
	hmac_md5_set_key(&ctx, key.n, (const uint8_t *)key.p);
	hmac_md5_update(&ctx, n, p);
	hmac_md5_digest(&ctx, MAC, mac);
	explicit_bzero(&ctx, sizeof ctx);
}

void radius_begin(struct radius_packet *p, enum radius_code code, const uint8_t random[RADIUS_RANDOM])
{
	static const uint8_t zero[MAC];
	struct out o = out_of(p->b, sizeof p->b);
	p->bad = p->in_tls = false;
	out_u8(&o, (uint8_t)code);
	out_u8(&o, random[0]);
	out_u16(&o, HEADER);
	if (code == RADIUS_ACCESS_REQUEST)
		out_bytes(&o, random + 1, AUTH);
	else
		out_bytes(&o, zero, AUTH);
	p->n = out_len(&o);
	if (code == RADIUS_ACCESS_REQUEST)
		radius_add(p, RADIUS_MESSAGE_AUTHENTICATOR, (struct view){ (const char *)zero, MAC });
}

void radius_add(struct radius_packet *p, enum radius_attribute type, struct view value)
{
	struct out o = out_of(p->b + p->n, sizeof p->b - p->n);
	if (value.n > RADIUS_VALUE_MAX) {
		p->bad = true;
		return;
	}
	out_u8(&o, (uint8_t)type);
	out_u8(&o, (uint8_t)(value.n + 2));
	out_bytes(&o, value.p, value.n);
	if (o.bad)
		p->bad = true;
	else
		p->n += out_len(&o);
}

void radius_add_u32(struct radius_packet *p, enum radius_attribute type, uint32_t value)
{
	uint8_t b[4];
	struct out o = out_of(b, sizeof b);
	out_u32(&o, value);
	radius_add(p, type, (struct view){ (const char *)b, sizeof b });
}

void radius_add_password(struct radius_packet *p, struct view password, const struct secret *secret)
{
	uint8_t hidden[RADIUS_PASSWORD_MAX] = { 0 };
	const uint8_t *before = p->b + AUTH_AT;
	struct view key = secret_view(secret);
	size_t n = password.n ? (password.n + 15) / 16 * 16 : 16;
	if (n > sizeof hidden) {
		p->bad = true;
		return;
	}
	if (password.n)
		memcpy(hidden, password.p, password.n);
	for (size_t at = 0; at < n; at += 16) {
		struct md5_ctx md;
		uint8_t mask[16];
		md5_init(&md);
		put(&md, key.p, key.n);
		put(&md, before, 16);
		md5_digest(&md, sizeof mask, mask);
		memxor(hidden + at, mask, 16);
		before = hidden + at;
		explicit_bzero(&md, sizeof md);
		explicit_bzero(mask, sizeof mask);
	}
	radius_add(p, RADIUS_USER_PASSWORD, (struct view){ (const char *)hidden, n });
	explicit_bzero(hidden, sizeof hidden);
}

void radius_add_chap(struct radius_packet *p, uint8_t id, struct view challenge, struct view response)
{
	uint8_t b[17];
	if (response.n != 16 || !challenge.n) {
		p->bad = true;
		return;
	}
	b[0] = id;
	memcpy(b + 1, response.p, 16);
	radius_add(p, RADIUS_CHAP_PASSWORD, (struct view){ (const char *)b, sizeof b });
	radius_add(p, RADIUS_CHAP_CHALLENGE, challenge);
}

int radius_seal(struct radius_packet *p, const struct secret *secret)
{
	struct out length = out_of(p->b + 2, 2);
	struct view key = secret_view(secret);
	if (p->bad) {
		errno = EMSGSIZE;
		return -1;
	}
	out_u16(&length, (uint16_t)p->n);
	if (p->b[0] == RADIUS_ACCESS_REQUEST) {
		hmac(secret, p->b, p->n, p->b + MAC_AT + 2);
	} else {
		struct md5_ctx md;
		md5_init(&md);
		put(&md, p->b, p->n);
		put(&md, key.p, key.n);
		md5_digest(&md, AUTH, p->b + AUTH_AT);
		explicit_bzero(&md, sizeof md);
	}
	return 0;
}

void radius_seal_tls(struct radius_packet *p, uint8_t id, const struct secret *secret)
{
	p->in_tls = true;
	p->b[1] = id;
	if (p->b[0] == RADIUS_ACCESS_REQUEST)
		memset(p->b + MAC_AT + 2, 0, MAC);
	else
		memset(p->b + AUTH_AT, 0, AUTH);
	radius_seal(p, secret);
}

void radius_clear(struct radius_packet *p)
{
	explicit_bzero(p, sizeof *p);
}

int radius_next(struct view *attrs, uint8_t *type, struct view *value)
{
	struct cur c = cur_of(attrs->p, attrs->n);
	if (!attrs->n)
		return 0;
	*type = cur_u8(&c);
	uint8_t n = cur_u8(&c);
	if (c.bad || n < 2)
		return -1;
	const uint8_t *p = cur_bytes(&c, n - 2u);
	if (!p)
		return -1;
	*value = (struct view){ (const char *)p, n - 2u };
	*attrs = (struct view){ (const char *)c.p, cur_left(&c) };
	return 1;
}

/* The Message-Authenticator's offset in b; 0: there is none; -1: malformed, or more than one. */
static long find_mac(const uint8_t *b, size_t n)
{
	struct view attrs = { (const char *)b + HEADER, n - HEADER }, value;
	uint8_t type;
	long at = 0;
	int rc;
	while ((rc = radius_next(&attrs, &type, &value)) == 1) {
		if (type != RADIUS_MESSAGE_AUTHENTICATOR)
			continue;
		if (at || value.n != MAC)
			return -1;
		at = (const uint8_t *)value.p - b;
	}
	return rc == 0 ? at : -1;
}

static bool response_holds(const struct radius_packet *request, const struct secret *secret,
                           const uint8_t *b, size_t n)
{
	struct md5_ctx md;
	uint8_t want[AUTH];
	struct view key = secret_view(secret);
	md5_init(&md);
	put(&md, b, AUTH_AT);
	put(&md, request->b + AUTH_AT, AUTH);
	put(&md, b + HEADER, n - HEADER);
	put(&md, key.p, key.n);
	md5_digest(&md, AUTH, want);
	explicit_bzero(&md, sizeof md);
	return memeql_sec(want, b + AUTH_AT, AUTH);
}

static bool mac_holds(const struct radius_packet *request, const struct secret *secret,
                      const uint8_t *b, size_t n, size_t at)
{
	uint8_t copy[RADIUS_MAX], mac[MAC];
	memcpy(copy, b, n);
	memcpy(copy + AUTH_AT, request->b + AUTH_AT, AUTH);
	memset(copy + at, 0, MAC);
	hmac(secret, copy, n, mac);
	return memeql_sec(mac, b + at, MAC);
}

static bool answers(uint8_t asked, uint8_t code)
{
	if (asked == RADIUS_ACCOUNTING_REQUEST)
		return code == RADIUS_ACCOUNTING_RESPONSE;
	return code == RADIUS_ACCESS_ACCEPT || code == RADIUS_ACCESS_REJECT || code == RADIUS_ACCESS_CHALLENGE;
}

int radius_frame(struct view in, size_t *n)
{
	struct cur c = cur_of(in.p, in.n);
	cur_u16(&c);
	size_t length = cur_u16(&c);
	if (c.bad)
		return 0;
	if (length < HEADER || length > RADIUS_MAX)
		return -1;
	*n = length;
	return in.n >= length;
}

int radius_check(const struct radius_packet *request, const struct secret *secret,
                 const uint8_t *p, size_t n, struct radius_reply *reply, const char **why)
{
	struct cur c = cur_of(p, n);
	uint8_t code = cur_u8(&c), id = cur_u8(&c);
	size_t length = cur_u16(&c); /* what follows it is padding, RFC 2865 section 3 */
	long at;
	*why = "its length is not a RADIUS packet's";
	if (c.bad || n > RADIUS_MAX || length < HEADER || length > n)
		return -1;
	*why = "it answers another request";
	if (id != request->b[1] || !answers(request->b[0], code))
		return -1;
	*why = "its authenticator is not made with our secret";
	if (!response_holds(request, secret, p, length))
		return -1;
	*why = "its attributes are malformed";
	at = find_mac(p, length);
	if (at < 0)
		return -1;
	*why = "it has no Message-Authenticator";
	if (at == 0 && request->b[0] == RADIUS_ACCESS_REQUEST && !request->in_tls)
		return -1;
	*why = "its Message-Authenticator is not made with our secret";
	if (at > 0 && !mac_holds(request, secret, p, length, (size_t)at))
		return -1;
	*why = NULL;
	*reply = (struct radius_reply){ (enum radius_code)code,
	                                { (const char *)p + HEADER, length - HEADER } };
	return 1;
}
