/* posting.h - states of calls, of lines and of tickets to every monitor that --monitor names: each has a
 * queue of its own (post.h), so that one that is away keeps none from the
 * others. What happens is said, logged (step 338) and, where records were lost,
 * told by a record with lost= and monitor=. */
#ifndef SP_TOOL_POSTING_H
#define SP_TOOL_POSTING_H

#include "engine/post.h"
#include "tool/asker.h"
#include "tool/spool.h"

struct posting_place {
	struct posting *of;
	const char *address;
	struct ask *ask;
	struct post *post;
	bool denied; /* it is away because of a certificate */
};

struct posting {
	struct spool *out;     /* where lost= goes */
	enum sp_exit worst;
	void (*room)(void *arg); /* look at posting_full, posting_waiting again */
	void *arg;
	struct posting_place place[OPT_LIST_MAX];
	unsigned n;
};

/* out, room and arg are set by the caller. Ends the program for wrong options. */
void posting_open(struct posting *p, struct asker *a, unsigned keep, struct loop *l);
/* Posts what has state= (of a call; of a ticket, closed) or line_state= and no error=; their fields only. */
void posting_put(struct posting *p, struct record *r);
bool posting_full(const struct posting *p);
unsigned posting_waiting(const struct posting *p);
/* No more will be posted: what is left is lost. */
void posting_end(struct posting *p);
void posting_close(struct posting *p);

#endif
