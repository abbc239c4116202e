/* monitor_ask.h - a question to the monitor while it is answered: what every answer is
 * made with, and who answers which op=. For the monitor's own files. */
#ifndef SP_ENGINE_MONITOR_ASK_H
#define SP_ENGINE_MONITOR_ASK_H

#include "base/exit.h"
#include "base/record.h"

#include <time.h>

struct mon_ask {
	struct monitor_client *c;
	struct record *q;
	struct record *who; /* whom the token speaks of; NULL: a manager without one */
	bool late;          /* ... but it has expired: it proves who began a session, nothing new */
	time_t now;
	int64_t later;      /* ms by which the answer is held back: it refuses a guess */
	int64_t since;      /* it was asked then, and again since, because the store was locked; else 0 */
	bool begun;         /* rows of the answer are out: it cannot be asked again */
};

/* monitor_ops.c: answers with the question's id=. */
void mon_refuse(struct mon_ask *a, enum sp_exit status, int step, struct record *answer, const char *detail);
/* The last record of an answer that is one: with done=1. */
void mon_done(struct mon_ask *a, struct record *answer);
/* Nothing of it is done: it is asked again, where the store was only locked, or refused. */
void mon_store_failed(struct mon_ask *a, int step);
void mon_log(struct mon_ask *a, int step, const char *event, struct record *fields);

/* monitor_lease.c. Is it the asker's? An expired token counts for the leases that it began. */
bool mon_owns(struct mon_ask *a, struct record *lease);
/* May the asker reach this system (NULL: none), by the store as it is now: his state, his grants? 1/0/-1. */
int mon_reaches(struct mon_ask *a, const char *system);

/* monitor_wait.c: asks it again later; false: its time is over, or there is no memory. */
bool mon_ask_later(struct mon_ask *a);

/* monitor_guess.c: what is refused was a guess; sets later. */
void mon_guessed_wrong(struct mon_ask *a);

/* Each answers now, or has taken what it needs of the question. */
void mon_search(struct mon_ask *a);
void mon_lease_alloc(struct mon_ask *a);
void mon_lease_renew(struct mon_ask *a);
void mon_lease_release(struct mon_ask *a);
void mon_alloc(struct mon_ask *a);         /* the ticket, if one is needed, is accepted */
void mon_ticket_alloc(struct mon_ask *a);  /* op=alloc, where tickets are looked at */
void mon_may(struct mon_ask *a);
void mon_watch(struct mon_ask *a);
void mon_state(struct mon_ask *a);
void mon_line(struct mon_ask *a);
void mon_tunnel(struct mon_ask *a);
void mon_ticket_closed(struct mon_ask *a); /* op=ticket */

#endif
