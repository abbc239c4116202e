/* holdcmd.h - the COMMAND that a holder runs beside what it holds. */
#ifndef SP_TOOL_HOLDCMD_H
#define SP_TOOL_HOLDCMD_H

#include "base/record.h"
#include "sys/loop.h"

struct holdcmd { /* zeroed at first */
	pid_t pid; /* > 0 while it runs */
	struct loop *loop;
	void (*ended)(void *arg, int status);
	void *arg;
	struct loop_timer kill;
};

/* Runs argv with %{key} replaced by the record's values, non-secret fields in
 * the environment as SP_KEY, and the terminal or /dev/null as its input.
 * ended() gets the exit status as a shell would give it. 0, or -1 with the
 * reason (a field that is not there, exec's error). */
int holdcmd_start(struct holdcmd *c, struct loop *l, char **argv, struct record *r,
                  void (*ended)(void *arg, int status), void *arg, const char **why);
/* SIGTERM, and SIGKILL 2 s later; ended() still comes. No command: nothing. */
void holdcmd_end(struct holdcmd *c);
/* Forgets it (at the program's end): a command that still runs is killed. */
void holdcmd_clear(struct holdcmd *c);

#endif
