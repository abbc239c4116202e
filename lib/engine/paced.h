/* paced.h - packets kept to the speed of a slow way before they are encrypted: behind that
 * all flows are one, and nobody there could tell what is typed from what is copied. Waits
 * in queue.h; TCP is told at its begin of segments that do not keep the way for long. */
#ifndef SP_ENGINE_PACED_H
#define SP_ENGINE_PACED_H

#include "base/view.h"
#include "engine/pace.h"
#include "engine/queue.h"
#include "sys/loop.h"

#define PACED_FAST 10000000 /* bit/s: from there on nothing waits here */

struct paced {
	/* paced.c's own */
	struct loop *loop;
	struct pace pace;
	struct queue queue;
	struct loop_timer timer;
	size_t owed;     /* bytes that were sent before they might */
	uint16_t mss;
	size_t (*send)(void *arg, struct view ip);
	void *arg;
};

/* speed: of the way, bit/s, of ten bits a byte. send: how many bytes went. NULL: out of memory, or there is nothing to be paced. */
struct paced *paced_new(struct loop *l, uint64_t speed, size_t (*send)(void *arg, struct view ip), void *arg);
/* It goes by send, now or later, or is dropped. */
void paced_add(struct paced *p, struct view ip);
void paced_free(struct paced *p); /* what waits is lost. NULL: nothing */

#endif
