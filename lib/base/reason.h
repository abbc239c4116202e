/* reason.h - why a session ended: the closed list of reason= (sp(7)), in one
 * table with what RADIUS accounting calls it (Acct-Terminate-Cause, RFC 2866
 * section 5.10) and the exit status that it makes. */
#ifndef SP_BASE_REASON_H
#define SP_BASE_REASON_H

#include "base/exit.h"
#include "base/view.h"

#include <stdint.h>

enum reason {
	REASON_NONE,             /* has not ended; no word */
	REASON_USER_REQUEST,     /* the user hung up */
	REASON_LOST_CARRIER,     /* the line went away */
	REASON_LOST_SERVICE,     /* the other side of the link answers no more */
	REASON_IDLE,             /* nothing was sent for too long */
	REASON_SESSION_TIMEOUT,  /* its longest time is over */
	REASON_ADMIN_RESET,      /* an operator, or the monitor, ended it */
	REASON_NAS_REBOOT,       /* the router stops */
	REASON_NAS_ERROR,        /* the router failed */
	REASON_PORT_ERROR,       /* its line failed, or could not be opened */
	REASON_BUSY,             /* the called line is in use */
	REASON_NO_ANSWER,        /* nobody took the call */
	REASON_NO_CARRIER,       /* the call was taken by no modem */
	REASON_NO_DIALTONE,      /* the modem hears no exchange */
	REASON_DELAYED,          /* the modem may not dial this number yet again */
	REASON_BLACKLISTED,      /* the modem may not dial this number any more */
	REASON_VOICE,            /* a person or a facsimile answered */
	REASON_DENIED,           /* the called side refused: user or router */
	REASON_NEGOTIATION,      /* the link could not be agreed on */
	REASON_CALLBACK,         /* ended so that the other side calls back */
	REASON_HOST_REQUEST,     /* the called side ended it as it should */
	REASON_COUNT
};

/* Its word in reason=; "" for REASON_NONE and anything that is not in the list. */
const char *reason_name(enum reason r);
/* The reason of a word; REASON_NONE for a word that is not in the list. */
enum reason reason_of(struct view word);
/* Of the errno of a connection that did not come up. */
enum reason reason_of_errno(int e);
/* A sentence for detail=; "" for REASON_NONE. */
const char *reason_text(enum reason r);
/* Acct-Terminate-Cause; 0 for REASON_NONE: the attribute is then left out. */
uint32_t reason_cause(enum reason r);
/* SP_OK for the ends that were asked for. */
enum sp_exit reason_exit(enum reason r);

#endif
