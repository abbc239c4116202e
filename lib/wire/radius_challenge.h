/* radius_challenge.h - what an Access-Challenge asks for, as fields of a record
 * (RFC 2865 section 4.4, RFC 2869 section 5.10). */
#ifndef SP_WIRE_RADIUS_CHALLENGE_H
#define SP_WIRE_RADIUS_CHALLENGE_H

#include "base/record.h"

#define RADIUS_PROMPT_MAX 1024 /* bytes of all Reply-Messages together */

/* Sets decision=challenge, prompt= (the Reply-Messages in their order, tamed;
 * "" without), state= (hexadecimal digits; "" without) and, where Prompt says
 * so, echo=yes. 1, or -1 with a constant reason: more than one State or Prompt,
 * a value that is none, or no room in the record. */
int radius_challenge(struct record *r, struct view attrs, const char **why);

#endif
