/* loop.c - one poll(2) loop. Signals arrive over a signalfd, children over
 * pidfds, so that everything is a descriptor or a deadline. A slot whose
 * descriptor was forgotten during a round is skipped by its generation. */
#include "sys/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct slot {
	loop_fd_fn *fn;
	void *arg;
	unsigned long gen;
};

struct child {
	struct child *next;
	struct loop *loop;
	pid_t pid;
	int fd;
	loop_child_fn *fn;
	void *arg;
};

struct handler {
	loop_signal_fn *fn;
	void *arg;
};

#define SIGNALS 65

struct loop {
	struct pollfd *poll;
	struct slot *slot;
	size_t n, cap;
	unsigned long gen;
	struct loop_timer *timers; /* unsorted: there are few */
	struct child *children;
	int sigfd;
	sigset_t sigs;
	struct handler signal[SIGNALS];
	bool stop;
};

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->sigfd = -1;
	sigemptyset(&l->sigs);
	return l;
}

static void child_free(struct child *c)
{
	if (c->fd >= 0) {
		loop_forget(c->loop, c->fd);
		close(c->fd);
	}
	free(c);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	while (l->children) {
		struct child *c = l->children;
		l->children = c->next;
		child_free(c);
	}
	if (l->sigfd >= 0) {
		close(l->sigfd);
		sigprocmask(SIG_UNBLOCK, &l->sigs, NULL);
	}
	free(l->poll);
	free(l->slot);
	free(l);
}

static size_t slot_find(const struct loop *l, int fd)
{
	size_t i = 0;
	while (i < l->n && l->poll[i].fd != fd)
		i++;
	return i;
}

static int grow(struct loop *l)
{
	if (l->n < l->cap)
		return 0;
	size_t cap = l->cap ? l->cap * 2 : 16;
	struct pollfd *p = realloc(l->poll, cap * sizeof *p);
	if (!p)
		return -1;
	l->poll = p;
	struct slot *s = realloc(l->slot, cap * sizeof *s);
	if (!s)
		return -1;
	l->slot = s;
	l->cap = cap;
	return 0;
}

int loop_fd(struct loop *l, int fd, short events, loop_fd_fn *fn, void *arg)
{
	size_t i = slot_find(l, fd);
	bool fresh = i == l->n;
	if (fresh) {
		if (grow(l) != 0)
			return -1;
		l->n++;
		l->poll[i].fd = fd;
		l->poll[i].revents = 0;
		l->slot[i].gen = ++l->gen;
	}
	l->poll[i].events = events;
	l->slot[i].fn = fn;
	l->slot[i].arg = arg;
	return 0;
}

void loop_forget(struct loop *l, int fd)
{
	size_t i = slot_find(l, fd);
	if (fd < 0 || i == l->n)
		return;
	l->n--;
	l->poll[i] = l->poll[l->n];
	l->slot[i] = l->slot[l->n];
}

void loop_at(struct loop *l, struct loop_timer *t, int64_t at, void (*fn)(void *), void *arg)
{
	t->at = at;
	t->fn = fn;
	t->arg = arg;
	if (t->armed)
		return;
	t->armed = true;
	t->next = l->timers;
	l->timers = t;
}

void loop_cancel(struct loop *l, struct loop_timer *t)
{
	if (!t->armed)
		return;
	t->armed = false;
	for (struct loop_timer **p = &l->timers; *p; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			return;
		}
}

static void on_signal(void *arg, int fd, short revents)
{
	struct loop *l = arg;
	struct signalfd_siginfo si;
	(void)revents;
	if (read(fd, &si, sizeof si) != (ssize_t)sizeof si || si.ssi_signo >= SIGNALS)
		return;
	struct handler *h = &l->signal[si.ssi_signo];
	if (h->fn)
		h->fn(h->arg, (int)si.ssi_signo);
}

int loop_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg)
{
	sigset_t one;
	l->signal[signo] = (struct handler){ fn, arg };
	sigemptyset(&one);
	sigaddset(&one, signo);
	sigaddset(&l->sigs, signo);
	if (sigprocmask(SIG_BLOCK, &one, NULL) != 0)
		return -1;
	int fd = signalfd(l->sigfd, &l->sigs, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -1;
	l->sigfd = fd;
	return loop_fd(l, fd, POLLIN, on_signal, l);
}

static struct child *child_take(struct loop *l, pid_t pid)
{
	for (struct child **p = &l->children; *p; p = &(*p)->next)
		if ((*p)->pid == pid) {
			struct child *c = *p;
			*p = c->next;
			return c;
		}
	return NULL;
}

static void on_child(void *arg, int fd, short revents)
{
	struct child *c = arg;
	int status = 0;
	(void)fd;
	(void)revents;
	pid_t got = waitpid(c->pid, &status, WNOHANG);
	if (got == 0 || (got < 0 && errno == EINTR))
		return;
	struct child gone = *c;
	child_take(c->loop, c->pid);
	child_free(c);
	gone.fn(gone.arg, gone.pid, status);
}

int loop_child(struct loop *l, pid_t pid, loop_child_fn *fn, void *arg)
{
	struct child *c = malloc(sizeof *c);
	if (!c)
		return -1;
	*c = (struct child){ .next = l->children, .loop = l, .pid = pid, .fn = fn, .arg = arg };
	c->fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (c->fd < 0 || loop_fd(l, c->fd, POLLIN, on_child, c) != 0) {
		int e = errno;
		child_free(c);
		errno = e;
		return -1;
	}
	l->children = c;
	return 0;
}

void loop_child_forget(struct loop *l, pid_t pid)
{
	struct child *c = child_take(l, pid);
	if (c)
		child_free(c);
}

static int wait_ms(const struct loop *l)
{
	int64_t first = CLOCK_NEVER;
	for (const struct loop_timer *t = l->timers; t; t = t->next)
		if (t->at < first)
			first = t->at;
	if (first == CLOCK_NEVER)
		return -1;
	int64_t ms = first - clock_ms();
	return ms <= 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static void timers_fire(struct loop *l)
{
	int64_t now = clock_ms();
	for (bool again = true; again && !l->stop;) {
		again = false;
		for (struct loop_timer *t = l->timers; t; t = t->next)
			if (t->at <= now) {
				loop_cancel(l, t);
				t->fn(t->arg);
				again = true;
				break; /* the list may have changed */
			}
	}
}

/* Descriptors that are ready, by number and generation: a callback may forget
 * any of them, or close it and get the same number anew. */
static void fds_fire(struct loop *l)
{
	unsigned long newest = l->gen;
	for (size_t i = 0; i < l->n && !l->stop;) {
		struct pollfd *p = &l->poll[i];
		if (!p->revents || l->slot[i].gen > newest) {
			i++;
			continue;
		}
		short revents = p->revents;
		p->revents = 0;
		l->slot[i].fn(l->slot[i].arg, p->fd, revents);
		i = 0; /* slots may have moved; those done have no revents */
	}
}

static bool idle(const struct loop *l)
{
	return l->n == 0 && !l->timers; /* a signal that is waited for counts as watched */
}

int loop_run(struct loop *l)
{
	l->stop = false;
	while (!l->stop && !idle(l)) {
		int n = poll(l->poll, (nfds_t)l->n, wait_ms(l));
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			fds_fire(l);
		if (!l->stop)
			timers_fire(l);
	}
	return 0;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}
