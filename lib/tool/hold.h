/* hold.h - the holding filter: sessions side by side in one loop, sp(7).
 * The framework reads records, passes those with error= on, starts a session
 * for each other (up to --max), watches both ends, handles signals, runs
 * -- COMMAND, and unwinds. The tool supplies start and stop:
 *
 *   start  begins to get what is to be held; later calls hold_ready (the
 *          record is written with hold=...,NAME) or hold_fail (the record is
 *          passed on with error=). Either may be called from within start.
 *          With -- COMMAND no record is written: standard output is COMMAND's.
 *   stop   begins to undo what start got; later (or at once) calls hold_done.
 *          Called once for every session that was started and not failed,
 *          also for one not yet ready.
 *   hold_lost says that what was held is gone (the peer hung up): the record is
 *          written again with error=, everything of that session unwinds.
 * A record for a session= that is held, with another permit=, renews it.
 *
 * Unwinding begins when: the reader of our output went (pipe: POLLERR, socket:
 * POLLHUP); standard input ended and the record came with hold= (its EOF is
 * the upstream's end); a record with error= arrives for a session= that is
 * held; a signal came, and the reader has gone or 2 s have passed or a second
 * signal came; COMMAND ended; --timeout passed before ready (error=timeout). */
#ifndef SP_TOOL_HOLD_H
#define SP_TOOL_HOLD_H

#include "sys/loop.h"
#include "tool/tool.h"

struct hold_session {
	struct record rec;  /* own copy of the input record: add fields, then hold_ready */
	struct loop *loop;
	int64_t deadline;   /* for becoming ready */
	int64_t undo_by;    /* in stop: when it should be over; CLOCK_NEVER when no signal came */
	void *tool;         /* the tool's own state of this session */
	void *config;       /* as given in struct hold */
	struct hold_impl *impl;
};

struct hold {
	const char *name; /* what is added to hold=: alloc, dial, addr, route, ras */
	int step;         /* step= for the framework's own failures (timeout) */
	void (*start)(struct hold_session *s);
	void (*stop)(struct hold_session *s);
	void *config;
	/* A later permit= (and until=) of what is held, in rec already; NULL: the record
	 * that brought it is passed on. */
	void (*renew)(struct hold_session *s);
	char **command;    /* argv after --, or NULL */
	bool alone;        /* one session out of nothing; standard input is not read */
	/* Called once with the loop before anything is read; may be NULL. */
	void (*setup)(struct loop *l, void *config);
};

enum sp_exit hold_run(const struct hold *h);

void hold_ready(struct hold_session *s);
void hold_fail(struct hold_session *s, enum sp_exit status, int step, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* hold_fail where there is something to undo: stop is called, also after hold_ready (then it
 * is hold_lost). */
void hold_give_up(struct hold_session *s, enum sp_exit status, int step, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* hold_fail with the words of a reply: error=, step=, detail= of r. */
void hold_fail_as(struct hold_session *s, struct record *r, int step);
void hold_lost(struct hold_session *s, enum sp_exit status, int step, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* What was held ended as it should (no failure): unwinds this session. */
void hold_ended(struct hold_session *s);
void hold_done(struct hold_session *s);
/* rec has a later permit=: while it is held it is written again, for who needs that. */
void hold_renewed(struct hold_session *s);
/* Progress for people and programs: one record to --progress FD if given. */
extern int hold_progress_fd;
void hold_progress(struct hold_session *s, int step, const char *key, ...) __attribute__((sentinel));

#endif
