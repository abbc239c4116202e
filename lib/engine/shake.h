/* shake.h - TLS handshakes that fail, by where they come from: who it was nobody knows. After
 * some the next ones from there begin later, each by two seconds at most and none behind
 * another, so that who makes them without end makes few, and an engineer at the same address
 * waits little; where he has shown who he is they are forgotten. */
#ifndef SP_ENGINE_SHAKE_H
#define SP_ENGINE_SHAKE_H

#include "engine/guess.h"

#define SHAKE_MS 250 /* that the fourth waits; doubled with each, as guess.h has it */

/* source as of source.h; "": never counted. ms that the next one waits. */
int64_t shake_wait(struct guesses *g, const char *source);
void shake_over(struct guesses *g, const char *source, bool done); /* done, or failed */

#endif
