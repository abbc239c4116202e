/* ticketcheck.h - may this service ticket be worked on: a command says so, a filter
 * that is kept running (worker.h; sp-monitor(8), TICKETS). */
#ifndef SP_ENGINE_TICKETCHECK_H
#define SP_ENGINE_TICKETCHECK_H

#include "engine/store.h"

#define TICKET_MAX 128 /* bytes of a ticket's number */

/* The question: ticket= user= domain= groups= workstation= session= system= of `about`, and
 * serial= customer= (its name) site= model= of that system. 1, 0 there is no such
 * system, -1 failed. */
int ticket_question(struct store *s, struct record *about, struct record *q);

enum ticket_verdict {
	TICKET_ACCEPTED, /* decision=accept, and no error= */
	TICKET_REFUSED,  /* anything else that is an answer */
	TICKET_SILENT    /* no answer, or one that says that it could not find out:
	                    error=timeout, busy, peer or system */
};
/* r, why: as worker_fn has them. *detail: for a person, never NULL. */
enum ticket_verdict ticket_verdict(struct record *r, const char *why, const char **detail);

#endif
