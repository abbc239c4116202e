/* answer.h - calls that come in on a line, and a command for each: how they
 * begin, live side by side and end. The command gets the line as descriptor 3
 * (blocking), /dev/null as standard input, and SP_CALL, SP_LINE, SP_PEER,
 * SP_SPEED, SP_BITS, SP_CALLER in its environment; it leads a process group of its own.
 *
 * SP_CALLER is the number of a descriptor that takes records: caller=stranger, then
 * caller=known when the command has found out who calls. When all calls are taken, the
 * strangers of a command that says so share theirs by address (engine/places.h): one that
 * has to go is killed, with REASON_BUSY.
 *
 * A call ends when its command ends, or when its line does: then the command
 * has 2 s to notice, after which its group gets SIGTERM, and SIGKILL 4 s
 * later. What is left of the group when the command has ended is ended too.
 * When this process is killed with -9, a guard ends the groups. The process
 * becomes a subreaper: orphans of its calls are its own. */
#ifndef SP_ENGINE_ANSWER_H
#define SP_ENGINE_ANSWER_H

#include "engine/circuit.h"
#include "sys/loop.h"

enum answer_event {
	ANSWER_RINGING, /* a call came in */
	ANSWER_STARTED, /* its command runs: pid */
	ANSWER_ENDED    /* reason, status; the last event of a call */
};

struct answer_call { /* valid during the callback */
	unsigned long number; /* from 1 */
	const struct circuit *line;
	pid_t pid;            /* 0: no command was run */
	int status;           /* exit status as a shell gives it; -1: no command was run */
	enum reason reason;   /* REASON_NONE: the command failed, status says how */
	int64_t since;        /* clock_ms */
};

struct answer_ops {
	/* Of calls that find no place, or may not, ten a second. */
	void (*call)(void *arg, const struct answer_call *c, enum answer_event ev);
	bool (*may)(void *arg); /* asked for each call before anything is run; false: it is hung up, REASON_DENIED. NULL: all may */
	void (*trouble)(void *arg, const char *why); /* the line does not work now; it is tried again */
	void (*missed)(void *arg, const char *from, const char *why); /* it rang, and no call came of it */
	/* No more calls can come (the tty is gone, the fd is used up: why NULL) and
	 * none is left: the end of answer_new's work. Also after answer_stop. */
	void (*over)(void *arg, const char *why);
};

struct answer_conf {
	struct loop *loop;
	const char *line; /* its address */
	char *const *argv;
	uint64_t max;           /* calls at once, 256 at most; one more is hung up: REASON_BUSY */
};

struct answer;
/* NULL with errno and a constant reason. */
struct answer *answer_new(const struct answer_conf *conf, const struct answer_ops *ops, void *arg, const char **why);
const struct circuit_port *answer_port(const struct answer *a);
/* Takes no more calls and ends those that are there (SIGTERM, then SIGKILL); a
 * second time: at once. ops->over follows. */
void answer_stop(struct answer *a);
void answer_free(struct answer *a); /* after over */

#endif
