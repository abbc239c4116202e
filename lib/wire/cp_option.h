/* cp_option.h - configuration options: the walker over the peer's, and what
 * cp.c makes of them. */
#ifndef SP_WIRE_CP_OPTION_H
#define SP_WIRE_CP_OPTION_H

#include "wire/cp.h"

struct cp_tlv {
	int row; /* of the kind's table, -1: unknown or not of its length */
	struct cur value;
	const uint8_t *raw; /* the option with its type and length */
	size_t n;
};
/* The next option. 1; 0 at the end; -1 malformed: a length that does not fit,
 * or a known option that stands twice (`seen`, 0 at first). */
int cp_next(const struct cp_kind *k, struct cur *in, uint32_t *seen, struct cp_tlv *t, const char **why);
/* Makes cp->reply (Ack, Nak or Reject) to these options. 1 acceptable, 0 not,
 * -1 malformed. */
int cp_judge(struct cp *cp, uint8_t id, struct cur options, const char **why);
size_t cp_request(struct cp *cp); /* makes cp->request */
/* The peer's Nak or Reject of our request: changes ours. 1/-1. */
int cp_nakked(struct cp *cp, struct cur options, const char **why);
int cp_rejected(struct cp *cp, struct cur options, const char **why);

#endif
