/* source.h - who connects, as far as strangers can be told apart: by address. What
 * a server gives to peers that have not said who they are is counted by source, so
 * that one machine can neither take every place nor guess as fast as it likes. */
#ifndef SP_ENGINE_SOURCE_H
#define SP_ENGINE_SOURCE_H

#define SOURCE_TEXT 64

/* Of a connected socket: an IPv4 address, or the /64 of an IPv6 one, as a site has
 * all of that. "" for unix: who may open that socket is no stranger. */
void source_of(int fd, char out[SOURCE_TEXT]);
void source_of_host(const char *host, char out[SOURCE_TEXT]); /* as inet_ntop prints it */

#endif
