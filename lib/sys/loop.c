/* loop.c - one epoll(7) loop. Signals arrive over a signalfd, children over
 * pidfds, so that everything is a descriptor or a deadline. A slot whose
 * descriptor was forgotten during a round is skipped by its generation. What epoll
 * does not take is listed, and its answer given at each turn. */
#include "sys/loop.h"

#include "sys/timers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of a descriptor, by its number. */
struct slot {
	loop_fd_fn *fn; /* NULL: it is not watched */
	void *arg;
	unsigned long gen;
	short events;
	short refused;  /* by epoll: POLLNVAL, what is not open; what a file is always ready for; or 0 */
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
#define READY 64   /* descriptors a turn */
#define REFUSED 16 /* files at once: there are one or two */

struct loop {
	int epoll;
	struct slot *slot;
	size_t slots, watched;
	int refused[REFUSED];
	unsigned nrefused;
	unsigned long gen;
	struct loop_timer *timers; /* timers.h */
	struct child *children;
	int sigfd;
	sigset_t sigs;
	struct handler signal[SIGNALS];
	bool stop;
	int64_t firing; /* timers up to this time are being fired; 0: none are */
};

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->sigfd = -1;
	sigemptyset(&l->sigs);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll >= 0)
		return l;
	free(l);
	return NULL;
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
	close(l->epoll);
	free(l->slot);
	free(l);
}

static int grow(struct loop *l, size_t fd)
{
	size_t n = l->slots ? l->slots : 16;
	while (n <= fd)
		n *= 2;
	struct slot *s = n == l->slots ? l->slot : realloc(l->slot, n * sizeof *s);
	if (!s)
		return -1;
	memset(s + l->slots, 0, (n - l->slots) * sizeof *s);
	l->slot = s;
	l->slots = n;
	return 0;
}

static int refuse(struct loop *l, int fd)
{
	if (l->nrefused == REFUSED || (errno != EPERM && errno != EBADF))
		return -1;
	l->refused[l->nrefused++] = fd;
	l->slot[fd].refused = errno == EBADF ? POLLNVAL : POLLIN | POLLOUT;
	return 0;
}

static int watch(struct loop *l, int fd, short events)
{
	struct slot *s = &l->slot[fd];
	struct epoll_event ev = { .events = (unsigned short)events, .data.fd = fd };
	if (s->fn)
		return s->refused || s->events == events ? 0 : epoll_ctl(l->epoll, EPOLL_CTL_MOD, fd, &ev);
	s->refused = 0;
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) != 0 && refuse(l, fd) != 0)
		return -1;
	s->gen = ++l->gen;
	l->watched++;
	return 0;
}

int loop_fd(struct loop *l, int fd, short events, loop_fd_fn *fn, void *arg)
{
	if (fd < 0) {
		errno = EBADF;
		return -1;
	}
	if (grow(l, (size_t)fd) != 0 || watch(l, fd, events) != 0)
		return -1;
	struct slot *s = &l->slot[fd];
	s->fn = fn;
	s->arg = arg;
	s->events = events;
	return 0;
}

void loop_forget(struct loop *l, int fd)
{
	if (fd < 0 || (size_t)fd >= l->slots || !l->slot[fd].fn)
		return;
	l->slot[fd].fn = NULL;
	l->watched--;
	if (!l->slot[fd].refused)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, fd, NULL);
	for (unsigned i = 0; i < l->nrefused; i++)
		if (l->refused[i] == fd) {
			l->refused[i] = l->refused[--l->nrefused];
			return;
		}
}

void loop_at(struct loop *l, struct loop_timer *t, int64_t at, void (*fn)(void *), void *arg)
{
	loop_cancel(l, t);
	t->at = at <= l->firing ? l->firing + 1 : at; /* who arms himself in the past has others' turns in between */
	t->fn = fn;
	t->arg = arg;
	t->armed = true;
	timers_add(&l->timers, t);
}

void loop_cancel(struct loop *l, struct loop_timer *t)
{
	if (!t->armed)
		return;
	t->armed = false;
	timers_drop(&l->timers, t);
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

/* What there is to say of a descriptor that epoll refused. */
static short refused_is(const struct loop *l, int fd)
{
	return l->slot[fd].refused & (short)(l->slot[fd].events | POLLNVAL);
}

static int wait_ms(const struct loop *l)
{
	for (unsigned i = 0; i < l->nrefused; i++)
		if (refused_is(l, l->refused[i]))
			return 0;
	if (!l->timers)
		return -1;
	int64_t ms = l->timers->at - clock_ms();
	return ms <= 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static void timers_fire(struct loop *l)
{
	l->firing = clock_ms();
	while (l->timers && l->timers->at <= l->firing && !l->stop) {
		struct loop_timer *t = l->timers;
		loop_cancel(l, t);
		t->fn(t->arg);
	}
	l->firing = 0;
}

/* A callback may have forgotten it, or closed it and got the same number anew. */
static void fire(struct loop *l, int fd, short revents, unsigned long newest)
{
	struct slot *s = &l->slot[fd];
	if (s->fn && s->gen <= newest && revents && !l->stop)
		s->fn(s->arg, fd, revents);
}

static void fds_fire(struct loop *l, const struct epoll_event *ev, int n)
{
	unsigned long newest = l->gen;
	for (int i = 0; i < n; i++)
		fire(l, ev[i].data.fd, (short)ev[i].events, newest);
	for (unsigned i = l->nrefused; i-- > 0;)
		if (i < l->nrefused)
			fire(l, l->refused[i], refused_is(l, l->refused[i]), newest);
}

static bool idle(const struct loop *l)
{
	return l->watched == 0 && !l->timers; /* a signal that is waited for counts as watched */
}

int loop_run(struct loop *l)
{
	l->stop = false;
	while (!l->stop && !idle(l)) {
		struct epoll_event ev[READY];
		int n = epoll_wait(l->epoll, ev, READY, wait_ms(l));
		if (n < 0 && errno != EINTR)
			return -1;
		fds_fire(l, ev, n);
		if (!l->stop)
			timers_fire(l);
	}
	return 0;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}
