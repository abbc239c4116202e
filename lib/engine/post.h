/* post.h - records posted to one monitor, in their order, each until the
 * monitor has said that it has it. While the monitor is away they are kept, up
 * to a bound; then the oldest are lost, and counted. */
#ifndef SP_ENGINE_POST_H
#define SP_ENGINE_POST_H

#include "engine/ask.h"

struct post;

struct post_ops {
	void (*posted)(void *arg, struct record *r);
	/* The monitor has an answer, but will not have the record. */
	void (*refused)(void *arg, struct record *r, const struct ask_end *end);
	void (*away)(void *arg, const struct ask_end *end); /* no answer: from now on they are kept */
	void (*back)(void *arg, uint64_t lost);      /* it answers again; so many are lost */
	void (*room)(void *arg);                     /* there is room again, or nothing is left */
};

/* Asks by `monitor`, which stays the caller's. At most max records (at least
 * one) are kept. NULL with errno. */
struct post *post_new(struct ask *monitor, unsigned max, const struct post_ops *ops, void *arg);
void post_free(struct post *p);
/* Copies r, a whole question (op= and all). 0, or -1 with errno: ENOMEM, or
 * EMSGSIZE: there is no room for an id= in it. */
int post_add(struct post *p, const struct record *r);
/* No room, and the monitor is not away: wait for room() to lose nothing. */
bool post_full(const struct post *p);
/* Not yet answered; and lost since the monitor was there last. */
unsigned post_waiting(const struct post *p);
uint64_t post_lost(const struct post *p);

#endif
