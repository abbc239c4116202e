/* permit.c - dial strings against patterns. Refuses what is no address, kinds
 * that are no lines, and names where numbers are permitted. */
#include "engine/permit.h"

#include "base/view.h"
#include "sys/sock.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

static bool numeric(const char *host)
{
	struct in6_addr a;
	return inet_pton(AF_INET, host, &a) == 1 || inet_pton(AF_INET6, host, &a) == 1;
}

static bool wants_number(const char *pattern)
{
	return strncmp(pattern, "tcp:", 4) == 0 && (isdigit((unsigned char)pattern[4]) || strncmp(pattern + 4, "\\[", 2) == 0);
}

bool permit_dial(const char *const *pattern, unsigned n, const char *dial)
{
	struct addr a;
	const char *why;
	if (!addr_parse(dial, &a, &why) || (a.kind != ADDR_TCP && a.kind != ADDR_UNIX && a.kind != ADDR_TTY))
		return false;
	int flags = a.kind == ADDR_TCP ? 0 : FNM_PATHNAME | FNM_PERIOD;
	for (unsigned i = 0; i < n; i++)
		if (fnmatch(pattern[i], dial, flags) == 0 && (!wants_number(pattern[i]) || numeric(a.host)))
			return true;
	return false;
}
