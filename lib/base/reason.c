/* reason.c - the one table of the ways in which a session can end. The words
 * are part of the interface of every tool: rows are added, never renamed. */
#include "base/reason.h"

#include <errno.h>

struct row {
	const char *name;
	uint32_t cause; /* RFC 2866: Acct-Terminate-Cause */
	enum sp_exit exit;
	const char *text;
};

static const struct row table[REASON_COUNT] = {
	[REASON_NONE]            = { "",                 0, SP_OK,      "" },
	[REASON_USER_REQUEST]    = { "user-request",     1, SP_OK,      "the user hung up" },
	[REASON_LOST_CARRIER]    = { "lost-carrier",     2, SP_PEER,    "the line went away" },
	[REASON_LOST_SERVICE]    = { "lost-service",     3, SP_PEER,    "the other side answers no more" },
	[REASON_IDLE]            = { "idle",             4, SP_TIMEOUT, "nothing was sent for too long" },
	[REASON_SESSION_TIMEOUT] = { "session-timeout",  5, SP_TIMEOUT, "the session's time is over" },
	[REASON_ADMIN_RESET]     = { "admin-reset",      6, SP_PEER,    "an operator ended it" },
	[REASON_NAS_REBOOT]      = { "nas-reboot",      11, SP_PEER,    "the router stops" },
	[REASON_NAS_ERROR]       = { "nas-error",        9, SP_PEER,    "the router failed" },
	[REASON_PORT_ERROR]      = { "port-error",       8, SP_PEER,    "the router's line failed" },
	[REASON_BUSY]            = { "busy",            15, SP_BUSY,    "the called line is in use" },
	[REASON_NO_ANSWER]       = { "no-answer",       15, SP_TIMEOUT, "nobody took the call" },
	[REASON_NO_CARRIER]      = { "no-carrier",      15, SP_PEER,    "no carrier" },
	[REASON_NO_DIALTONE]     = { "no-dialtone",      8, SP_PEER,    "no dial tone" },
	[REASON_DELAYED]         = { "delayed",         15, SP_BUSY,    "the modem may not dial this number again yet" },
	[REASON_BLACKLISTED]     = { "blacklisted",     15, SP_DENIED,  "the modem dials this number no more" },
	[REASON_VOICE]           = { "voice",           15, SP_PEER,    "a person or a facsimile answered" },
	[REASON_DENIED]          = { "denied",          17, SP_DENIED,  "the called side refused" },
	[REASON_NEGOTIATION]     = { "negotiation",     17, SP_PEER,    "the link could not be agreed on" },
	[REASON_CALLBACK]        = { "callback",        16, SP_OK,      "the other side calls back" },
	[REASON_HOST_REQUEST]    = { "host-request",    18, SP_OK,      "the called side ended it" },
};

static const struct row *row(enum reason r)
{
	return &table[(unsigned)r < REASON_COUNT ? r : REASON_NONE];
}

const char *reason_name(enum reason r)
{
	return row(r)->name;
}

enum reason reason_of(struct view word)
{
	for (unsigned i = 1; i < REASON_COUNT; i++)
		if (view_is(word, table[i].name))
			return (enum reason)i;
	return REASON_NONE;
}

enum reason reason_of_errno(int e)
{
	return e == ECONNREFUSED || e == ENOENT                                            ? REASON_NO_CARRIER
	       : e == ETIMEDOUT || e == EHOSTUNREACH || e == ENETUNREACH || e == EHOSTDOWN ? REASON_NO_ANSWER
	       : e == EBUSY || e == EWOULDBLOCK                                            ? REASON_BUSY
	                                                                                   : REASON_PORT_ERROR;
}

const char *reason_text(enum reason r)
{
	return row(r)->text;
}

uint32_t reason_cause(enum reason r)
{
	return row(r)->cause;
}

enum sp_exit reason_exit(enum reason r)
{
	return row(r)->exit;
}
