/* guard.c - the guard: a forked child at the reading end of a pipe whose only
 * writing end is ours. Our death closes it. Messages are one byte ('+' or '-')
 * and the item, smaller than PIPE_BUF, so whole. */
#include "sys/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct guard {
	int fd;
	pid_t pid;
	size_t size, n;
};

struct list {
	unsigned char item[GUARD_ITEMS][GUARD_ITEM_MAX];
	size_t n, size;
};

static void list_drop(struct list *l, const unsigned char *item)
{
	for (size_t i = l->n; i-- > 0;)
		if (memcmp(l->item[i], item, l->size) == 0) {
			memmove(l->item[i], l->item[i + 1], (l->n - i - 1) * sizeof l->item[0]);
			l->n--;
			return;
		}
}

static void listen_to(int fd, struct list *l)
{
	unsigned char m[1 + GUARD_ITEM_MAX];
	for (;;) {
		ssize_t got = read(fd, m, 1 + l->size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)(1 + l->size))
			return;
		if (m[0] == '+' && l->n < GUARD_ITEMS)
			memcpy(l->item[l->n++], m + 1, l->size);
		else if (m[0] == '-')
			list_drop(l, m + 1);
	}
}

static _Noreturn void child(int fd, size_t size, guard_undo_fn *undo)
{
	static struct list l;
	setsid();
	prctl(PR_SET_NAME, "sp-guard");
	for (int s = 1; s < 32; s++)
		signal(s, s == SIGSEGV || s == SIGBUS || s == SIGFPE || s == SIGILL || s == SIGABRT ? SIG_DFL : SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	if (dup2(fd, 3) < 0)
		_exit(1);
	syscall(SYS_close_range, 4, ~0u, 0);
	for (int i = 0; i < 3; i++)
		close(i);
	if (open("/dev/null", O_RDWR) != 0 || dup(0) != 1 || dup(0) != 2)
		_exit(1);
	l.size = size;
	listen_to(3, &l);
	while (l.n > 0)
		undo(l.item[--l.n]);
	_exit(0);
}

struct guard *guard_new(size_t item_size, guard_undo_fn *undo)
{
	int p[2];
	struct guard *g = calloc(1, sizeof *g);
	if (!g || item_size > GUARD_ITEM_MAX || pipe2(p, O_CLOEXEC) < 0)
		goto out;
	g->size = item_size;
	g->fd = p[1];
	g->pid = fork();
	if (g->pid == 0)
		child(p[0], item_size, undo);
	int e = errno;
	close(p[0]);
	if (g->pid > 0)
		return g;
	close(p[1]);
	errno = e;
out:
	free(g);
	return NULL;
}

static int tell(struct guard *g, unsigned char what, const void *item)
{
	unsigned char m[1 + GUARD_ITEM_MAX] = { what };
	void (*was)(int) = signal(SIGPIPE, SIG_IGN);
	memcpy(m + 1, item, g->size);
	ssize_t n = write(g->fd, m, 1 + g->size);
	int e = errno;
	signal(SIGPIPE, was);
	errno = e;
	return n == (ssize_t)(1 + g->size) ? 0 : -1;
}

int guard_add(struct guard *g, const void *item)
{
	if (!g) {
		errno = EPIPE;
		return -1;
	}
	if (g->n >= GUARD_ITEMS) {
		errno = ENOSPC;
		return -1;
	}
	if (tell(g, '+', item) < 0)
		return -1;
	g->n++;
	return 0;
}

int guard_drop(struct guard *g, const void *item)
{
	if (!g || tell(g, '-', item) < 0)
		return -1;
	g->n -= g->n > 0;
	return 0;
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	close(g->fd);
	while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(g);
}
