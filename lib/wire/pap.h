/* pap.h - the Password Authentication Protocol, RFC 1334. */
#ifndef SP_WIRE_PAP_H
#define SP_WIRE_PAP_H

#include "base/cursor.h"
#include "base/view.h"

#define PAP_PROTOCOL 0xc023
enum pap_code { PAP_REQUEST = 1, PAP_ACK, PAP_NAK };
#define PAP_PACKET_MAX 516 /* the longest that can be: 4 + 1 + 255 + 1 + 255 */

struct pap { /* views point into the packet */
	enum pap_code code;
	uint8_t id;
	struct view name, password; /* Request */
	struct view message;        /* Ack, Nak */
};

/* 1, or -1 with the reason. */
int pap_parse(const void *p, size_t n, struct pap *pap, const char **why);
/* Appends the packet; name and password are 255 bytes at most, a longer
 * message is cut. Sets o->bad when it does not fit. */
void pap_write(struct out *o, const struct pap *pap);

#endif
