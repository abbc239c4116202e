/* nas_impl.h - what the files of the parent share. */
#ifndef SP_ENGINE_NAS_IMPL_H
#define SP_ENGINE_NAS_IMPL_H

#include "engine/chan.h"
#include "engine/nas.h"
#include "engine/refusal.h"
#include "engine/shake.h"
#include "engine/source.h"

struct nas_child {
	struct nas_child *next;
	struct nas *nas;
	pid_t pid;
	struct chan *chan;
	char workstation[64], source[SOURCE_TEXT];
	bool certified, admitted, evicted; /* a certificate was shown; the filter has accepted; had to go */
	uint64_t guess;             /* whose login it is: guess_who */
	struct record question;     /* a guess that waits, */
	struct loop_timer held;     /* until this */
	bool has_line, has_alias; /* of the pools */
	uint32_t line, alias;
	struct bank_line *bank;   /* the line of the bank that it has; or none */
	struct dialstring wanted; /* the number for it */
	unsigned refusals;        /* how many have refused that */
	const char *kind;         /* of its line: "modem", "tcp" ... */
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
	struct {
		int fd; /* -1: there is none */
		pid_t pid;
	} nursery;
	struct pool lines, aliases;
	struct bank bank;
	struct loop_timer begin; /* then all lines are told */
	struct worker *auth, *acct;
	struct nas_child *children;
	unsigned nchildren, nevicted;
	struct guesses guesses, shakes; /* logins, handshakes */
	struct refusals refused; /* connections, that are told */
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

/* nas_nursery.c: where the sessions' processes come from. 0/-1 errno. */
int nas_nursery_open(struct nas *n);
void nas_nursery_close(struct nas *n);
/* A process that runs nas_session() with a copy of fd, its peer and its control, and begins
 * TLS when `later` ms are over. It is a child of ours: its id, or -1 with errno. */
pid_t nas_nursery_session(struct nas *n, const int fd[2], const char *workstation, int64_t later);

/* nas_message.c */
void nas_reply(struct nas_child *c, struct record *r);

/* nas_lines.c: messages of a session ... */
void nas_on_line(struct nas_child *c, struct record *r);
void nas_on_release(struct nas_child *c, struct record *r);
void nas_on_fault(struct nas_child *c, struct record *r);
void nas_on_lines(struct nas_child *c, struct record *r);
/* ... a state of its call, its end, the end of a process that held locks ... */
void nas_lines_state(struct nas_child *c, struct record *r);
void nas_lines_down(struct nas_child *c);
void nas_lines_unlock(pid_t pid);
/* ... and what is told: a change (the bank's changed(), arg: the nas), all. */
void nas_lines_tell(void *nas, const struct bank_line *l);
void nas_lines_all(void *nas);

/* nas_probe.c: a line that is out is tried when its delay is over, until it works. */
void nas_probe_later(struct nas *n, struct bank_line *l);
void nas_probes_stop(struct nas *n);

void nas_account_device(struct nas *n, const char *what); /* on, off */
void nas_account_start(struct nas_child *c);
void nas_account_stop(struct nas_child *c);

#endif
