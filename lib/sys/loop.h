/* loop.h - one loop: descriptors, deadlines, signals, children; thousands of each.
 * Everything is single-threaded. Callbacks may add and forget anything,
 * themselves included. A regular file counts as always ready, and what is no open
 * descriptor as POLLNVAL (as with poll(2), whose words are used). */
#ifndef SP_SYS_LOOP_H
#define SP_SYS_LOOP_H

#include "base/num.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

struct loop;

struct loop *loop_new(void); /* NULL with errno */
void loop_free(struct loop *l); /* forgets all; closes no descriptor of the caller's */

typedef void loop_fd_fn(void *arg, int fd, short revents);
/* Watch fd for events (POLLIN, POLLOUT; 0 = only POLLERR/POLLHUP). A second
 * call for the same fd replaces the first. 0/-1 errno: out of memory or watches. */
int loop_fd(struct loop *l, int fd, short events, loop_fd_fn *fn, void *arg);
void loop_forget(struct loop *l, int fd); /* before close(fd); unknown fd: nothing */

/* A deadline, storage of the caller's, zeroed at first. at is in clock_ms().
 * Firing once; arming again moves it. Cancel before the storage goes. */
struct loop_timer {
	int64_t at;
	void (*fn)(void *arg);
	void *arg;
	bool armed;
	/* timers.c's own */
	uint64_t order;
	struct loop_timer *child, *next, *before;
};
void loop_at(struct loop *l, struct loop_timer *t, int64_t at, void (*fn)(void *), void *arg);
void loop_cancel(struct loop *l, struct loop_timer *t);

/* Signals arrive between callbacks. 0/-1. */
typedef void loop_signal_fn(void *arg, int signo);
int loop_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg);

/* Called once when the child ended, with waitpid's status. 0/-1. */
typedef void loop_child_fn(void *arg, pid_t pid, int status);
int loop_child(struct loop *l, pid_t pid, loop_child_fn *fn, void *arg);
void loop_child_forget(struct loop *l, pid_t pid);

/* Runs until loop_stop, or until nothing is watched and no timer is armed.
 * 0, or -1 with errno when waiting failed. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
