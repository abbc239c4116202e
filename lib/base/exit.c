/* exit.c - the closed list of exit statuses and error= words. */
#include "base/exit.h"

#include <string.h>

static const char *const names[] = {
	[SP_OK] = "ok",           [SP_NONE] = "none", [SP_USAGE] = "usage",
	[SP_TIMEOUT] = "timeout", [SP_DENIED] = "denied", [SP_BUSY] = "busy",
	[SP_PEER] = "peer",       [SP_RECORD] = "record", [SP_SYSTEM] = "system",
};

#define NAMES (sizeof names / sizeof names[0])

const char *sp_exit_name(enum sp_exit status)
{
	return (size_t)status < NAMES ? names[status] : names[SP_SYSTEM];
}

enum sp_exit sp_exit_of(const char *word)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strcmp(word, names[i]) == 0)
			return (enum sp_exit)i;
	return SP_PEER;
}

enum sp_exit sp_exit_worse(enum sp_exit a, enum sp_exit b)
{
	return a > b ? a : b;
}
