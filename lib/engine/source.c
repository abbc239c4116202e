/* source.c - counting by source address. */
#include "engine/source.h"

#include "sys/sock.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

void source_of_host(const char *host, char out[SOURCE_TEXT])
{
	struct in6_addr a;
	char text[INET6_ADDRSTRLEN], bare[SOURCE_TEXT];
	snprintf(bare, sizeof bare, "%.*s", (int)strcspn(host, "%"), host); /* fe80::1%eth0 */
	if (inet_pton(AF_INET6, bare, &a) != 1) {
		snprintf(out, SOURCE_TEXT, "%s", bare);
	} else if (IN6_IS_ADDR_V4MAPPED(&a)) {
		inet_ntop(AF_INET, a.s6_addr + 12, out, SOURCE_TEXT);
	} else {
		memset(a.s6_addr + 8, 0, 8);
		snprintf(out, SOURCE_TEXT, "%s/64", inet_ntop(AF_INET6, &a, text, sizeof text));
	}
}

void source_of(int fd, char out[SOURCE_TEXT])
{
	char host[SOURCE_TEXT];
	sock_peer_host(fd, host, sizeof host);
	source_of_host(host, out);
}
