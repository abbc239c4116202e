/* radius_server.c - takes the name of a RADIUS server apart. Refuses a host or a
 * port that is empty, a second port for TLS (RFC 6614: one for all), and over
 * UDP a name that does not resolve. */
#include "engine/radius_server.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

static bool resolve(struct radius_server *s, const char *host, const char *const port[2])
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV };
	for (int i = RADIUS_AUTH; i <= RADIUS_ACCT; i++) {
		struct addrinfo *found;
		if (getaddrinfo(host, port[i], &hints, &found) != 0)
			return false;
		memcpy(&s->to[i], found->ai_addr, found->ai_addrlen);
		s->size[i] = found->ai_addrlen;
		freeaddrinfo(found);
	}
	return true;
}

/* Cuts the text at its end into what is before the separator and what is behind. */
static char *cut(char *text, char at)
{
	char *p = text ? strchr(text, at) : NULL;
	if (!p)
		return NULL;
	*p = '\0';
	return p + 1;
}

/* Takes host and ports apart, in place; ports are NULL where none is named. */
static bool split(char *copy, char **host, char *ports[2])
{
	*host = copy;
	if (*copy == '[') {
		++*host;
		ports[0] = cut(*host, ']');
		if (!ports[0] || (*ports[0] && *ports[0] != ':'))
			return false;
		ports[0] = *ports[0] ? ports[0] + 1 : NULL;
	} else {
		ports[0] = cut(copy, ':');
	}
	ports[1] = cut(ports[0], ':');
	return **host && (!ports[0] || *ports[0]) && (!ports[1] || *ports[1]);
}

static bool parse_tls(struct radius_server *s, const char *host, char *const ports[2], const char **why)
{
	s->tls = true;
	s->addr.kind = ADDR_TLS;
	*why = "not tls:HOST[:PORT]";
	if (ports[1] || snprintf(s->addr.host, sizeof s->addr.host, "%s", host) >= (int)sizeof s->addr.host ||
	    snprintf(s->addr.port, sizeof s->addr.port, "%s", ports[0] ? ports[0] : "2083") >= (int)sizeof s->addr.port)
		return false;
	*why = NULL;
	return true;
}

bool radius_server_parse(struct radius_server *s, const char *text, bool old_ports, const char **why)
{
	bool tls = strncmp(text, "tls:", 4) == 0;
	char copy[300], *host, *ports[2];
	*s = (struct radius_server){ .tls = tls };
	*why = tls ? "not tls:HOST[:PORT]" : "not HOST[:PORT[:PORT]]";
	if (snprintf(copy, sizeof copy, "%s", tls ? text + 4 : text) >= (int)sizeof copy || !split(copy, &host, ports))
		return false;
	if (tls)
		return parse_tls(s, host, ports, why);
	const char *port[2] = { ports[0] ? ports[0] : old_ports ? "1645" : "1812",
	                        ports[1] ? ports[1] : old_ports ? "1646" : "1813" };
	*why = resolve(s, host, port) ? NULL : "the name does not resolve";
	return !*why;
}
