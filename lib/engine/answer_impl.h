/* answer_impl.h - calls, as answer.c (their lives), answer_run.c (their commands) and
 * answer_caller.c (who has the last places) have them; nobody else includes it. */
#ifndef SP_ENGINE_ANSWER_IMPL_H
#define SP_ENGINE_ANSWER_IMPL_H

#include "base/recio.h"
#include "engine/answer.h"
#include "engine/source.h"
#include "sys/guard.h"

#define ANSWER_FAREWELL 4000 /* ms between SIGTERM and SIGKILL */
#define ANSWER_SWEEP 20      /* ms between two looks at what is left of a group */

enum phase {
	RUNNING,
	NOTICING,    /* the line ended */
	TERMINATING, /* SIGTERM was sent */
	KILLED,      /* SIGKILL was sent */
	SWEEPING,    /* the command ended; is its group gone? */
	HANGING_UP   /* nobody uses the line any more */
};

struct call {
	struct call *next;
	struct answer *a;
	struct circuit *line;
	struct answer_call c;
	enum phase phase;
	struct loop_timer timer;
	int64_t sweep_until;
	char source[SOURCE_TEXT]; /* "": not of a network */
	struct recin says;        /* what the command says of its caller; fd -1: nothing is heard */
	bool known;               /* it has said that it knows him */
	bool yielded;             /* its place is another's */
	bool untold;              /* one of too many */
};

struct answer {
	struct answer_conf conf;
	const struct answer_ops *ops;
	void *arg;
	struct circuit_port *port;
	struct guard *guard;
	struct call *calls;
	unsigned long count;
	uint64_t active, yielded;
	bool tells;              /* the command says whom it knows: until then they are strangers */
	int64_t refused_at;      /* the second that refused calls are counted in */
	unsigned refused;
	bool stopping, over;
	const char *why;
	struct loop_timer last; /* ops->over comes from the loop */
};

/* answer_run.c: a guard of the groups; NULL with errno. The command of a call, started: its
 * pid, or -1 with errno. Does the guard know its group? */
struct guard *answer_guard(void);
pid_t answer_run(struct call *k);
bool answer_guarded(struct answer *a, pid_t pid);

/* answer_caller.c: what the command says, from now on; *theirs is its end, for it to be given
 * and closed here. 0/-1 errno. And no more. */
int answer_caller_listen(struct call *k, int *theirs);
void answer_caller_forget(struct call *k);
/* Is there a place for this call, which is counted already? A stranger may have to go for it. */
bool answer_has_place(struct call *k);
/* Of a call without one: are so many told now that this one is not? */
bool answer_refused_untold(struct answer *a);

#endif
