/* RADIUS packets against RFC 2865's example, and replies forged in every way. */
#include "unit/tap.h"
#include "wire/radius.h"
#include "wire/radius_dict.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>

#include <errno.h>
#include <stdlib.h>

static struct secret secret;
static struct radius_packet request;

static const uint8_t rfc_random[RADIUS_RANDOM] = { 0, 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd,
	                                           0x83, 0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a };

static void ask(enum radius_code code)
{
	radius_begin(&request, code, rfc_random);
	radius_add(&request, RADIUS_USER_NAME, view_of("nemo"));
	if (code == RADIUS_ACCESS_REQUEST)
		radius_add_password(&request, view_of("arctangent"), &secret);
	check(radius_seal(&request, &secret) == 0 && request.b[2] == 0 && request.b[3] == request.n,
	      "%s is sealed, with its length", radius_code_name(code));
}

static void check_why(const uint8_t *p, size_t n, const char *want, const char *what)
{
	struct radius_reply reply;
	const char *why = NULL;
	int rc = radius_check(&request, &secret, p, n, &reply, &why);
	check(rc == (want ? -1 : 1), "%s: %s", what, want ? "dropped" : "taken");
	check_str(why, want, what);
}

static void rfc_example(void)
{
	static const uint8_t hidden[] = { 0x02, 0x12, 0x0d, 0xbe, 0x70, 0x8d, 0x93, 0xd4, 0x13, 0xce, 0x31,
		                          0x96, 0xe4, 0x3f, 0x78, 0x2a, 0x0a, 0xee };
	static const uint8_t accept[] = { 0x02, 0x00, 0x00, 0x26, 0x86, 0xfe, 0x22, 0x0e, 0x76, 0x24,
		                          0xba, 0x2a, 0x10, 0x05, 0xf6, 0xbf, 0x9b, 0x55, 0xe0, 0xb2,
		                          0x06, 0x06, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x06, 0x00, 0x00,
		                          0x00, 0x00, 0x0e, 0x06, 0xc0, 0xa8, 0x01, 0x03 };
	ask(RADIUS_ACCESS_REQUEST);
	check(request.b[20] == RADIUS_MESSAGE_AUTHENTICATOR && request.b[21] == 18,
	      "Message-Authenticator is the first attribute");
	check(memmem(request.b, request.n, hidden, sizeof hidden) != NULL, "the password is hidden as RFC 2865, 7.1");
	check_why(accept, sizeof accept, "it has no Message-Authenticator",
	          "the RFC's own reply, its authenticator right");
	check_why(accept, sizeof accept - 1, "its length is not a RADIUS packet's", "the same cut short");
}

/* A reply to `request`, signed. mac: 0 none, 1 right, 2 wrong, 3 twice. */
static size_t reply_of(uint8_t *b, uint8_t code, const char *group, int mac)
{
	size_t n = 20, g = strlen(group);
	uint8_t sum[16];
	struct hmac_md5_ctx h;
	struct md5_ctx md;
	memset(b, 0, 20);
	b[0] = code;
	b[1] = request.b[1];
	memcpy(b + 4, request.b + 4, 16);
	for (int i = 0; i < (mac == 3 ? 2 : mac > 0); i++) {
		b[n] = RADIUS_MESSAGE_AUTHENTICATOR;
		b[n + 1] = 18;
		memset(b + n + 2, 0, 16);
		n += 18;
	}
	b[n] = 11;
	b[n + 1] = (uint8_t)(g + 2);
	memcpy(b + n + 2, group, g);
	n += g + 2;
	b[2] = (uint8_t)(n >> 8);
	b[3] = (uint8_t)n;
	hmac_md5_set_key(&h, secret.n, (const uint8_t *)secret.b);
	hmac_md5_update(&h, n, b);
	hmac_md5_digest(&h, 16, sum);
	if (mac == 1)
		memcpy(b + 22, sum, 16);
	md5_init(&md);
	md5_update(&md, n, b);
	md5_update(&md, secret.n, (const uint8_t *)secret.b);
	md5_digest(&md, 16, b + 4);
	return n;
}

static void replies(void)
{
	uint8_t b[RADIUS_MAX + 1] = { 0 };
	unsigned taken = 0;
	size_t n = reply_of(b, RADIUS_ACCESS_ACCEPT, "support", 1);
	check_why(b, n, NULL, "an accept with everything right");
	check_why(b, n + 7, NULL, "the same with padding behind it");
	for (size_t i = 0; i < n * 8; i++) {
		struct radius_reply reply;
		const char *why;
		b[i / 8] = (uint8_t)(b[i / 8] ^ 1u << i % 8);
		taken += radius_check(&request, &secret, b, n, &reply, &why) == 1;
		b[i / 8] = (uint8_t)(b[i / 8] ^ 1u << i % 8);
	}
	check(taken == 0, "no bit of it can be changed (%u could)", taken);
	n = reply_of(b, RADIUS_ACCESS_REJECT, "x", 2);
	check_why(b, n, "its Message-Authenticator is not made with our secret", "a wrong Message-Authenticator");
	n = reply_of(b, RADIUS_ACCESS_ACCEPT, "x", 3);
	check_why(b, n, "its attributes are malformed", "two Message-Authenticators");
	n = reply_of(b, RADIUS_ACCOUNTING_RESPONSE, "x", 1);
	check_why(b, n, "it answers another request", "an Accounting-Response to an Access-Request");
	n = reply_of(b, RADIUS_ACCESS_ACCEPT, "x", 1);
	b[1] ^= 1;
	check_why(b, n, "it answers another request", "another id");
	check_why(b, sizeof b, "its length is not a RADIUS packet's", "a datagram over 4096 bytes");
	ask(RADIUS_ACCOUNTING_REQUEST);
	n = reply_of(b, RADIUS_ACCOUNTING_RESPONSE, "x", 0);
	check_why(b, n, NULL, "an Accounting-Response needs no Message-Authenticator");
	n = reply_of(b, RADIUS_ACCESS_ACCEPT, "x", 1);
	check_why(b, n, "it answers another request", "an accept to accounting");
}

static void limits(void)
{
	char long_text[254];
	memset(long_text, 'p', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	radius_begin(&request, RADIUS_ACCESS_REQUEST, rfc_random);
	radius_add_password(&request, (struct view){ long_text, 128 }, &secret);
	check(radius_seal(&request, &secret) == 0, "a password of 128 bytes fits");
	radius_begin(&request, RADIUS_ACCESS_REQUEST, rfc_random);
	radius_add_password(&request, (struct view){ long_text, 129 }, &secret);
	check(radius_seal(&request, &secret) == -1 && errno == EMSGSIZE, "one of 129 does not");
	radius_begin(&request, RADIUS_ACCESS_REQUEST, rfc_random);
	radius_add_password(&request, (struct view){ NULL, 0 }, &secret);
	check(radius_seal(&request, &secret) == 0 && request.n == 20 + 18 + 18, "an empty one is 16 bytes, too");
	for (int i = 0; i < 20; i++)
		radius_add(&request, RADIUS_USER_NAME, view_of(long_text));
	check(radius_seal(&request, &secret) == -1, "a packet over 4096 bytes is not sealed");
}

/* What a server checks: the sums of a request, computed apart. */
static void sums(void)
{
	uint8_t b[RADIUS_MAX], sum[16];
	struct hmac_md5_ctx h;
	struct md5_ctx md;
	ask(RADIUS_ACCESS_REQUEST);
	memcpy(b, request.b, request.n);
	memset(b + 22, 0, 16);
	hmac_md5_set_key(&h, secret.n, (const uint8_t *)secret.b);
	hmac_md5_update(&h, request.n, b);
	hmac_md5_digest(&h, 16, sum);
	check(memcmp(sum, request.b + 22, 16) == 0, "Message-Authenticator is the HMAC of the whole packet");
	ask(RADIUS_ACCOUNTING_REQUEST);
	memcpy(b, request.b, request.n);
	memset(b + 4, 0, 16);
	md5_init(&md);
	md5_update(&md, request.n, b);
	md5_update(&md, secret.n, (const uint8_t *)secret.b);
	md5_digest(&md, 16, sum);
	check(memcmp(sum, request.b + 4, 16) == 0, "the accounting authenticator is the sum of packet and secret");
}

static void groups_of(const char *attrs, size_t n, const char *want, const char *what)
{
	const char *why;
	struct buf out;
	struct radius_dict *d = radius_dict_new(NULL, &why);
	int list[2] = { radius_dict_find(d, "Filter-Id"), radius_dict_find(d, "Class") };
	buf_init(&out, 1024);
	check(radius_groups(d, (struct view){ attrs, n }, list, 2, &out, &why) == 1, "%s: decoded", what);
	buf_addc(&out, '\0');
	check_str(out.data, want, what);
	buf_clear(&out);
	radius_dict_free(d);
}
#define GROUPS(text, want, what) groups_of(text, sizeof(text) - 1, want, what)

static void groups(void)
{
	GROUPS("", "", "no attribute");
	GROUPS("\x0b\x09support\x0b\x07""field\x0b\x09support", "support,field", "Filter-Id, one twice");
	GROUPS("\x19\x06ops;\x19\x09OU=dba;\x19\x05\x01\x02\x03", "ops;,dba", "Class, as OU=, and opaque");
	GROUPS("\x0b\x06""a,,b\x12\x05""hey\xf0\x05xyz", "a,b", "a list; Reply-Message; an unknown attribute");
	GROUPS("\x1a\x0c\x00\x00\x01\x37\x0b\x06root\x0b\x03x", "x", "a vendor's attribute 11 is no Filter-Id");
	check(view_listed(view_of("support,field"), view_of("field")) &&
	      !view_listed(view_of("support,field"), view_of("fiel")) &&
	      !view_listed(view_of("support,,field"), view_of("")), "a group in a list is a whole word");
}

/* RFC 6614: the same packet under another id, and what a stream is cut into. */
static void tls(void)
{
	static const struct secret radsec = { sizeof RADIUS_TLS_SECRET - 1, RADIUS_TLS_SECRET };
	struct radius_packet first;
	size_t n = 0;
	radius_begin(&request, RADIUS_ACCESS_REQUEST, rfc_random);
	radius_add(&request, RADIUS_USER_NAME, view_of("nemo"));
	radius_seal(&request, &radsec);
	first = request;
	radius_seal_tls(&request, 9, &radsec);
	check(request.b[1] == 9 && memcmp(request.b, first.b, request.n) != 0, "another id, another Message-Authenticator");
	radius_seal_tls(&request, first.b[1], &radsec);
	check(memcmp(request.b, first.b, request.n) == 0, "the first id again: the first packet again");
	radius_begin(&request, RADIUS_ACCOUNTING_REQUEST, rfc_random);
	radius_seal(&request, &radsec);
	first = request;
	radius_seal_tls(&request, 9, &radsec);
	radius_seal_tls(&request, first.b[1], &radsec);
	check(memcmp(request.b, first.b, request.n) == 0, "accounting: the same");
	for (size_t i = 0; i < first.n; i++)
		if (radius_frame((struct view){ (const char *)first.b, i }, &n) != 0)
			check(false, "whole after %zu bytes", i);
	check(radius_frame((struct view){ (const char *)first.b, sizeof first.b }, &n) == 1 && n == first.n, "a packet and more");
	check(radius_frame((struct view){ "\1\1\0\023", 4 }, &n) == -1, "19 bytes are no packet");
	check(radius_frame((struct view){ "\1\1\020\001", 4 }, &n) == -1, "nor are 4097");
}

/* In TLS a reply without Message-Authenticator is one. */
static void tls_replies(void)
{
	uint8_t b[RADIUS_MAX];
	struct radius_reply reply;
	const char *why;
	ask(RADIUS_ACCESS_REQUEST);
	radius_seal_tls(&request, 9, &secret);
	size_t n = reply_of(b, RADIUS_ACCESS_ACCEPT, "staff", 0);
	check(radius_check(&request, &secret, b, n, &reply, &why) == 1, "in TLS: none is needed");
	n = reply_of(b, RADIUS_ACCESS_ACCEPT, "staff", 2);
	check(radius_check(&request, &secret, b, n, &reply, &why) == -1, "but a wrong one is refused");
}

int main(void)
{
	secret_set(&secret, view_of("xyzzy5461"));
	rfc_example();
	ask(RADIUS_ACCESS_REQUEST);
	replies();
	sums();
	limits();
	groups();
	tls();
	tls_replies();
	return tap_done();
}
