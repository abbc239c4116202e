/* source.c - counting by source address. */
#include "engine/source.h"

#include "base/siphash.h"
#include "sys/sock.h"

#include <arpa/inet.h>
#include <stdbool.h>
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

void source_with(const char *source, const char *user, const char *domain, char out[SOURCE_TEXT])
{
	static const uint8_t key[SIPHASH_KEY] = { 0 }; /* users are proven, nobody makes two the same */
	union { char text[1024]; uint8_t byte[1024]; } name;
	out[0] = '\0';
	if (!*source)
		return;
	snprintf(name.text, sizeof name.text, "%s\n%s", user, domain);
	unsigned long long hash = siphash(key, name.byte, strlen(name.text));
	snprintf(out, SOURCE_TEXT, "%.46s %016llx", source, hash);
}

static bool fresh(const struct source_guesses *g, unsigned i, int64_t now)
{
	return g->row[i].wrong && now - g->row[i].last < SOURCE_FORGET_MS;
}

void source_guessed_wrong(struct source_guesses *g, const char *source, int64_t now)
{
	unsigned at = 0;
	for (unsigned i = 0; i < SOURCE_ROWS; i++) {
		if (g->row[i].wrong && strcmp(g->row[i].source, source) == 0) {
			at = i;
			break;
		}
		if (g->row[i].last < g->row[at].last)
			at = i;
	}
	if (!fresh(g, at, now) || strcmp(g->row[at].source, source) != 0)
		g->row[at].wrong = 0;
	snprintf(g->row[at].source, SOURCE_TEXT, "%s", source);
	g->row[at].wrong += g->row[at].wrong < SOURCE_FREE + SOURCE_STEPS;
	g->row[at].last = now;
}

int64_t source_wait(const struct source_guesses *g, const char *source, int64_t now, int64_t unit)
{
	for (unsigned i = 0; i < SOURCE_ROWS; i++) {
		unsigned wrong = fresh(g, i, now) && strcmp(g->row[i].source, source) == 0 ? g->row[i].wrong : 0;
		if (wrong >= SOURCE_FREE)
			return unit << (wrong - SOURCE_FREE);
	}
	return 0;
}
