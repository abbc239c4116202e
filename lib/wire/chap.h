/* chap.h - CHAP, RFC 1994: its packets, and its MD5; wire/mschap.h has the other. */
#ifndef SP_WIRE_CHAP_H
#define SP_WIRE_CHAP_H

#include "base/cursor.h"
#include "base/secret.h"

#define CHAP_PROTOCOL 0xc223
enum chap_code { CHAP_CHALLENGE = 1, CHAP_RESPONSE, CHAP_SUCCESS, CHAP_FAILURE };
#define CHAP_HASH 16
#define CHAP_RESPONSE_MAX 49 /* MS-CHAPv2, the other length that a response has */
#define CHAP_VALUE 24       /* length of our challenges */
#define CHAP_PACKET_MAX 600 /* of what we write */

struct chap { /* views point into the packet */
	enum chap_code code;
	uint8_t id;
	struct view value, name; /* Challenge, Response */
	struct view message;     /* Success, Failure */
};

/* 1, or -1 with the reason; an empty value, and a Response whose value is
 * neither CHAP_HASH nor CHAP_RESPONSE_MAX long, are malformed. */
int chap_parse(const void *p, size_t n, struct chap *chap, const char **why);
/* Appends the packet; value and name are 255 bytes at most, a longer message
 * is cut. Sets o->bad when it does not fit. */
void chap_write(struct out *o, const struct chap *chap);

/* MD5(id, secret, challenge). false: no MD5 on this machine, or no memory. */
bool chap_hash(uint8_t id, const struct secret *secret, struct view challenge, uint8_t hash[CHAP_HASH]);
/* Is this the response to that challenge? In constant time. */
bool chap_check(uint8_t id, const struct secret *secret, struct view challenge, struct view response);

#endif
