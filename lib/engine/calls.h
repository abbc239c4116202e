/* calls.h - leases and calls in the store: who has which system, by which
 * router, and how far sessions 180 (workstation to router) and 182 (router to
 * service processor) are. Several monitors may write: every change is one
 * transaction, or part of one that the caller has begun where it must not
 * come between a look and a change. */
#ifndef SP_ENGINE_CALLS_H
#define SP_ENGINE_CALLS_H

#include "engine/store.h"

#include <time.h>

/* One row as a record. 1, 0 there is none, -1 failed (store_why). */
int calls_lease(struct store *s, const char *lease, struct record *r);
int calls_lease_on(struct store *s, const char *system, struct record *r);
int calls_lease_for(struct store *s, const char *session, struct record *r);
int calls_lease_of_ticket(struct store *s, const char *ticket, struct record *r);
int calls_lease_inside(struct store *s, const char *address, struct record *r);
/* The first with a ticket= whose session is behind `after`. */
int calls_lease_with_ticket(struct store *s, const char *after, struct record *r);
int calls_get(struct store *s, const char *session, struct record *r);

/* lease: lease= session= system= user= domain= workstation= router= line=
 * phone= until= token_id= request= ticket=. Makes the lease and the call
 * (state180=reserved), in the caller's transaction. 0/-1. */
int calls_begin(struct store *s, struct record *lease, time_t now);
/* 1, 0 no such lease, -1 failed. */
int calls_renew(struct store *s, const char *lease, time_t until);
/* The lease goes, the call is ended (unless it was, the reason then stays).
 * 1, 0 no such lease, -1 failed. */
int calls_end(struct store *s, const char *lease, time_t now, const char *reason);

/* No lease runs out before then (the monitor was away). 0/-1. */
int calls_grace(struct store *s, time_t until);
/* Ends one lease that has run out, and its call: the lease. 1, 0 none, -1. */
int calls_expire(struct store *s, time_t now, struct record *lease);
/* When the next one runs out. 1, 0 there is none, -1. */
int calls_next(struct store *s, time_t *until);

/* The live session of this router on this line, or (no line given, or none of
 * that name) with this phone. 1 one, 0 none, 2 several, -1 failed. */
int calls_match(struct store *s, const char *router, const char *line, const char *phone, struct record *lease);

enum calls_change { CALLS_FAILED = -1, CALLS_STALE, CALLS_CHANGED };
/* What a router says of session 182: state= and any of line= phone= sp_address=
 * alias= speed= reason=. Stale: it was known, or something later is. call: the
 * row; is brought up to date. live: the lease lives (a new dialing counts). In
 * the caller's transaction. */
enum calls_change calls_state(struct store *s, struct record *call, struct record *said, time_t now, bool live);

/* What a gateway says of its tunnels: open, ended. As calls_state. */
enum calls_change calls_tunnel(struct store *s, struct record *call, struct view tunnel);

/* How many sessions use the router; which of its lines one uses. -1 failed. */
int64_t calls_load(struct store *s, const char *router);
int calls_line_used(struct store *s, const char *router, const char *line); /* 1/0/-1 */
/* A number that is higher the later the router was given; 0 never; -1. */
int64_t calls_last(struct store *s, const char *router);

#endif
