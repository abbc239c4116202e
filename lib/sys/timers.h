/* timers.h - deadlines in order: a pairing heap (Fredman, Sedgewick, Sleator and
 * Tarjan 1986) through the owners' storage, so that arming cannot fail. *first is
 * the heap: NULL at first, else the timer that is due before all others; of equal
 * ones, that which was added first. For loop.c. */
#ifndef SP_SYS_TIMERS_H
#define SP_SYS_TIMERS_H

#include "sys/loop.h"

/* t is not in it; t->at is set. */
void timers_add(struct loop_timer **first, struct loop_timer *t);
/* t is in it. */
void timers_drop(struct loop_timer **first, struct loop_timer *t);

#endif
