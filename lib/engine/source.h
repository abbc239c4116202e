/* source.h - who connects, as far as strangers can be told apart: by address. What
 * a server gives to peers that have not said who they are is counted by source, so
 * that one machine can neither take every place nor guess as fast as it likes. */
#ifndef SP_ENGINE_SOURCE_H
#define SP_ENGINE_SOURCE_H

#include <stdint.h>

#define SOURCE_TEXT 64
#define SOURCE_ROWS 256           /* sources remembered; then the one that was quiet longest goes */
#define SOURCE_FREE 3             /* wrong guesses that cost nothing: people mistype */
#define SOURCE_STEPS 3            /* times that the wait is doubled */
#define SOURCE_FORGET_MS 300000   /* after the last wrong guess */

/* Of a connected socket: an IPv4 address, or the /64 of an IPv6 one, as a site has
 * all of that. "" for unix: who may open that socket is no stranger. */
void source_of(int fd, char out[SOURCE_TEXT]);
void source_of_host(const char *host, char out[SOURCE_TEXT]); /* as inet_ntop prints it */

/* Source and user together, as a source: who guesses at one user does not delay another.
 * "" stays "". */
void source_with(const char *source, const char *user, const char *domain, char out[SOURCE_TEXT]);

/* Starts as zeros. now: clock_ms. */
struct source_guesses {
	struct { char source[SOURCE_TEXT]; unsigned wrong; int64_t last; } row[SOURCE_ROWS];
};

void source_guessed_wrong(struct source_guesses *g, const char *source, int64_t now);
/* How long the next guess from there waits before it is looked at: nothing, then
 * unit, doubled with each that was wrong, at most SOURCE_STEPS times. */
int64_t source_wait(const struct source_guesses *g, const char *source, int64_t now, int64_t unit);

#endif
