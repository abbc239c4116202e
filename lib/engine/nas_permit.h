/* nas_permit.h - what a telnet session of a router may dial: by the permit that was
 * given in it, when the operator's --permit-keys are there. */
#ifndef SP_ENGINE_NAS_PERMIT_H
#define SP_ENGINE_NAS_PERMIT_H

#include "engine/nas_session.h"

/* The command: keeps the permit, or says why not. During a call a later one of the same
 * session puts its end off. */
void nas_permit_line(struct nas_session *s, const char *text);
/* NULL: this may be dialed now; else why not. Sets session= as the permit has it. */
const char *nas_permit_refusal(struct nas_session *s, const char *dial);
/* The call begins: it ends when the permit does. */
void nas_permit_begin(struct nas_session *s);
/* It is over; the next one needs another permit. */
void nas_permit_forget(struct nas_session *s);

#endif
