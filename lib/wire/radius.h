/* radius.h - RADIUS packets (RFC 2865, 2866, 2869, 5080), built and checked,
 * without I/O. Random bytes are passed in. */
#ifndef SP_WIRE_RADIUS_H
#define SP_WIRE_RADIUS_H

#include "base/secret.h"

#include <stdint.h>

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCOUNTING_REQUEST = 4,
	RADIUS_ACCOUNTING_RESPONSE = 5,
	RADIUS_ACCESS_CHALLENGE = 11
};
/* "Access-Request"...; "code" for one that is not in the list. */
const char *radius_code_name(unsigned code);

enum radius_attribute { /* those that we write, or read ourselves */
	RADIUS_USER_NAME = 1,
	RADIUS_USER_PASSWORD = 2,
	RADIUS_CHAP_PASSWORD = 3,
	RADIUS_SERVICE_TYPE = 6,
	RADIUS_FRAMED_PROTOCOL = 7,
	RADIUS_FRAMED_IP_ADDRESS = 8,
	RADIUS_REPLY_MESSAGE = 18,
	RADIUS_STATE = 24,
	RADIUS_VENDOR_SPECIFIC = 26,
	RADIUS_CALLED_STATION_ID = 30,
	RADIUS_CALLING_STATION_ID = 31,
	RADIUS_NAS_IDENTIFIER = 32,
	RADIUS_ACCT_STATUS_TYPE = 40,
	RADIUS_ACCT_DELAY_TIME = 41,
	RADIUS_ACCT_INPUT_OCTETS = 42,
	RADIUS_ACCT_OUTPUT_OCTETS = 43,
	RADIUS_ACCT_SESSION_ID = 44,
	RADIUS_ACCT_SESSION_TIME = 46,
	RADIUS_ACCT_TERMINATE_CAUSE = 49,
	RADIUS_ACCT_INPUT_GIGAWORDS = 52,
	RADIUS_ACCT_OUTPUT_GIGAWORDS = 53,
	RADIUS_EVENT_TIMESTAMP = 55,
	RADIUS_CHAP_CHALLENGE = 60,
	RADIUS_NAS_PORT_TYPE = 61,
	RADIUS_PROMPT = 76,
	RADIUS_CONNECT_INFO = 77,
	RADIUS_MESSAGE_AUTHENTICATOR = 80,
	RADIUS_NAS_PORT_ID = 87
};

#define RADIUS_MAX 4096      /* bytes of a packet */
#define RADIUS_VALUE_MAX 253 /* bytes of an attribute's value */
#define RADIUS_PASSWORD_MAX 128
#define RADIUS_RANDOM 17     /* bytes that a request needs: id, authenticator */
#define RADIUS_TLS_SECRET "radsec" /* RFC 6614 section 2.3 */

/* A request. Between radius_begin and radius_seal attributes are added; what
 * does not fit sets `bad`, and radius_seal fails. Holds a password, hidden:
 * wipe it with radius_clear. */
struct radius_packet {
	uint8_t b[RADIUS_MAX];
	size_t n;
	bool bad, in_tls;
};

/* code: RADIUS_ACCESS_REQUEST (its first attribute is then
 * Message-Authenticator) or RADIUS_ACCOUNTING_REQUEST. */
void radius_begin(struct radius_packet *p, enum radius_code code, const uint8_t random[RADIUS_RANDOM]);
void radius_add(struct radius_packet *p, enum radius_attribute type, struct view value);
void radius_add_u32(struct radius_packet *p, enum radius_attribute type, uint32_t value);
/* Hidden as RFC 2865 section 5.2 says. */
void radius_add_password(struct radius_packet *p, struct view password, const struct secret *secret);
/* CHAP-Password and CHAP-Challenge; the response has 16 bytes. */
void radius_add_chap(struct radius_packet *p, uint8_t id, struct view challenge, struct view response);
/* Writes length, Message-Authenticator or the accounting authenticator. 0, or
 * -1 with EMSGSIZE: something did not fit. */
int radius_seal(struct radius_packet *p, const struct secret *secret);
/* Seals a sealed request again, under this id, for TLS: its reply needs no Message-Authenticator. */
void radius_seal_tls(struct radius_packet *p, uint8_t id, const struct secret *secret);
void radius_clear(struct radius_packet *p);

/* What a datagram of n bytes (RADIUS_MAX + 1 received: too long) is to that
 * request: 1 its reply, with the code, and the attributes in *attrs, whose
 * lengths are consistent; -1 with a constant reason: drop it and wait on. An
 * Access reply must carry one Message-Authenticator, but in TLS. */
struct radius_reply {
	enum radius_code code;
	struct view attrs;
};
int radius_check(const struct radius_packet *request, const struct secret *secret,
                 const uint8_t *p, size_t n, struct radius_reply *reply, const char **why);

/* The packet that a byte stream begins with: 1 whole, and its length; 0 need more; -1 no such length. */
int radius_frame(struct view in, size_t *n);

/* The next attribute: 1 with its type and value, 0 at the end, -1 malformed. */
int radius_next(struct view *attrs, uint8_t *type, struct view *value);

#endif
