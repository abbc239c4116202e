/* dialrule.c - dial strings against patterns. Refuses what is no address, kinds
 * that are no lines, names where numbers are permitted, and options by which a
 * dialer would say how the line is set up. */
#include "engine/dialrule.h"

#include "base/view.h"
#include "sys/lineopt.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

static bool numeric(const char *host)
{
	struct in6_addr a;
	return inet_pton(AF_INET, host, &a) == 1 || inet_pton(AF_INET6, host, &a) == 1;
}

static const char *host_of(const char *pattern)
{
	return strncmp(pattern, "tcp:", 4) == 0 ? pattern + 4 : strncmp(pattern, "telnet:", 7) == 0 ? pattern + 7 : "";
}

static bool wants_number(const char *pattern)
{
	const char *host = host_of(pattern);
	return isdigit((unsigned char)*host) || strncmp(host, "\\[", 2) == 0;
}

/* The pattern names this kind itself; tcp: is meant by a wildcard, too. */
static bool in_sight(const char *pattern, const struct addr *a)
{
	return a->kind == ADDR_TELNET ? view_starts(view_of(pattern), "telnet:")
	       : a->kind == ADDR_BACK ? view_starts(view_of(pattern), "back:")
	                              : true;
}

/* What modems are told, and where files and sockets are, is the operator's. */
static bool sets_up(const struct addr *a)
{
	struct line_options o, none;
	struct addr plain = *a;
	const char *why;
	plain.query[0] = '\0';
	if (line_options(a, &o, &why) != 0 || line_options(&plain, &none, &why) != 0)
		return true;
	return *o.init || *o.prefix || *o.via || *o.cert || *o.key || *o.ca || strcmp(o.command, none.command) != 0 ||
	       strcmp(o.lock, none.lock) != 0 ||
	       o.modem != none.modem;
}

bool dialrule_permits(const char *const *pattern, unsigned n, const char *dial)
{
	struct addr a;
	const char *why;
	if (!addr_parse(dial, &a, &why))
		return false;
	if (a.kind != ADDR_TCP && a.kind != ADDR_UNIX && a.kind != ADDR_TTY && a.kind != ADDR_TELNET && a.kind != ADDR_BACK)
		return false;
	int flags = a.kind == ADDR_TCP || a.kind == ADDR_TELNET ? 0 : FNM_PATHNAME | FNM_PERIOD;
	if (sets_up(&a))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (in_sight(pattern[i], &a) && fnmatch(pattern[i], dial, flags) == 0 &&
		    (!wants_number(pattern[i]) || numeric(a.host)))
			return true;
	return false;
}
