/* nas_impl.h - what nas.c, nas_message.c and nas_account.c share: the parent. */
#ifndef SP_ENGINE_NAS_IMPL_H
#define SP_ENGINE_NAS_IMPL_H

#include "engine/chan.h"
#include "engine/nas.h"
#include "engine/source.h"

struct nas_child {
	struct nas_child *next;
	struct nas *nas;
	pid_t pid;
	struct chan *chan;
	char workstation[64], source[SOURCE_TEXT];
	bool admitted;              /* the filter has accepted its user */
	struct record question;     /* a guess that waits, */
	struct loop_timer held;     /* until this */
	bool has_line, has_alias; /* of the pools */
	uint32_t line, alias;
	struct record last;       /* the state record as it was told last */
	bool down_told, exited, closed;
	/* accounting */
	bool started;
	char acct_session[64];
	int64_t since;
	uint64_t in_bytes, out_bytes;
	struct loop_timer interim;
};

struct nas {
	struct nas_conf conf;
	struct loop *loop;
	const struct nas_ops *ops;
	void *arg;
	int listen;
	struct pool lines, aliases;
	struct worker *auth, *acct;
	struct nas_child *children;
	unsigned nchildren;
	struct source_guesses guesses;
	int64_t said;    /* when a refused connection was told last */
	uint64_t calls;  /* numbers accounting sessions that have no session= */
	bool stopping, off_told;
	void (*done)(void *arg);
	void *done_arg;
	struct loop_timer limit;
};

/* One message of a session's process. */
void nas_message(struct nas_child *c, struct record *r);
/* Its call is over, whoever says so: line and alias are free, state=down is
 * told once, accounting stops. */
void nas_child_down(struct nas_child *c);
void nas_say(struct nas *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void nas_account_device(struct nas *n, const char *what); /* on, off */
void nas_account_start(struct nas_child *c);
void nas_account_stop(struct nas_child *c);

#endif
