/* worker.h - a filter that is kept running and asked many things: a record in, a
 * record out, matched by id=, in any order (sp-auth, or what takes its place).
 * Started at the first question; when it ends, what it left unanswered is
 * answered "no", and the next question starts another one. */
#ifndef SP_ENGINE_WORKER_H
#define SP_ENGINE_WORKER_H

#include "base/record.h"
#include "sys/loop.h"

struct worker;

/* The command is split as by spawn_split. NULL with errno. */
struct worker *worker_new(struct loop *l, const char *command);
/* Closes its input, so that it ends when it has written what it has; does not
 * wait. Questions are forgotten without an answer. Safe within an answer. */
void worker_free(struct worker *w);
/* Starts it now, so that the first question does not pay for that. 0/-1. */
int worker_start(struct worker *w);
/* Closes its input when what was asked is written; `gone` is called when it has ended (at once if it does not
 * run), or has been killed at the deadline. Nothing may be asked afterwards. */
void worker_finish(struct worker *w, int64_t deadline, void (*gone)(void *arg), void *arg);

/* r is valid during the call, without id=; NULL: none came (why says why). */
extern const char worker_late[]; /* the why of a deadline that passed */
typedef void worker_fn(void *arg, struct record *r, const char *why);

/* Writes the question under an id of its own. 0: fn will be called once, from
 * the loop. -1 with errno: nothing was asked. fn NULL: the answer is ignored. */
int worker_ask(struct worker *w, struct record *question, int64_t deadline, worker_fn *fn, void *arg);
/* Questions with this arg are no longer answered. */
void worker_forget(struct worker *w, const void *arg);

#endif
