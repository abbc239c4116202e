/* A datagram as the reply to a request: as it came, then with the authenticators
 * that a server with the secret would have made, so that the attribute decoder
 * sees what was mutated, too. */
#include "fuzz/fuzz.h"
#include "wire/radius.h"
#include "wire/radius_challenge.h"
#include "wire/radius_dict.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>

#include <stdlib.h>
#include <string.h>

static struct secret secret;
static struct radius_packet request;
static struct radius_dict *dict;

static void sign(uint8_t *b, size_t n)
{
	struct hmac_md5_ctx h;
	struct md5_ctx md;
	uint8_t sum[16];
	b[0] = RADIUS_ACCESS_ACCEPT;
	b[1] = request.b[1];
	b[2] = (uint8_t)(n >> 8);
	b[3] = (uint8_t)n;
	memcpy(b + 4, request.b + 4, 16);
	b[20] = RADIUS_MESSAGE_AUTHENTICATOR;
	b[21] = 18;
	memset(b + 22, 0, 16);
	hmac_md5_set_key(&h, secret.n, (const uint8_t *)secret.b);
	hmac_md5_update(&h, n, b);
	hmac_md5_digest(&h, 16, b + 22);
	md5_init(&md);
	md5_update(&md, n, b);
	md5_update(&md, secret.n, (const uint8_t *)secret.b);
	md5_digest(&md, 16, sum);
	memcpy(b + 4, sum, 16);
}

static int decode(const uint8_t *p, size_t n)
{
	struct radius_reply reply;
	struct buf out;
	const char *why;
	int attribute[] = { 11, 25, 81 };
	struct record r = { 0 };
	if (radius_check(&request, &secret, p, n, &reply, &why) != 1)
		return -1;
	buf_init(&out, 512);
	radius_groups(dict, reply.attrs, attribute, 3, &out, &why);
	buf_clear(&out);
	if (radius_challenge(&r, reply.attrs, &why) == 1 && !record_has(&r, "state"))
		abort();
	record_clear(&r);
	return 1;
}

void fuzz_one(const uint8_t *p, size_t n)
{
	static const uint8_t random[RADIUS_RANDOM] = { 1, 2, 3 };
	uint8_t b[RADIUS_MAX] = { 0 };
	const char *why;
	size_t whole;
	if (radius_frame((struct view){ (const char *)p, n }, &whole) == 1 && (whole < 20 || whole > n))
		abort();
	if (!dict) {
		secret_set(&secret, view_of("s"));
		dict = radius_dict_new(NULL, &why);
		radius_begin(&request, RADIUS_ACCESS_REQUEST, random);
		radius_seal(&request, &secret);
	}
	if (decode(p, n) == 1)
		abort(); /* a guess was taken for a signed reply */
	if (n > RADIUS_MAX - 38)
		return;
	if (n)
		memcpy(b + 38, p, n);
	sign(b, n + 38);
	decode(b, n + 38);
}
