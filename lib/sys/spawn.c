/* spawn.c - children with exactly the descriptors they are given.
 * exec's errno comes back over a close-on-exec pipe. */
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FD_SAFE 200 /* above every number that a child is given */

static void signals_default(void)
{
	sigset_t none;
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* First all out of the way, then each to its place: orders cannot clash. */
static int fds_arrange(const struct spawn *s, int *report)
{
	int safe[32];
	if (s->nfd > 32)
		return -1;
	for (unsigned i = 0; i < s->nfd; i++) {
		int from = s->fd[i].ours >= 0 ? s->fd[i].ours : open("/dev/null", O_RDWR | O_CLOEXEC);
		safe[i] = fcntl(from, F_DUPFD_CLOEXEC, FD_SAFE);
		if (safe[i] < 0)
			return -1;
	}
	*report = fcntl(*report, F_DUPFD_CLOEXEC, FD_SAFE);
	for (unsigned i = 0; i < s->nfd; i++)
		if (dup2(safe[i], s->fd[i].theirs) < 0)
			return -1;
	syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (unsigned i = 0; i < s->nfd; i++)
		fcntl(s->fd[i].theirs, F_SETFD, 0);
	return *report < 0 ? -1 : 0;
}

static void beside_us(const char *name, char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(out, '/');
	size_t dir = slash ? (size_t)(slash + 1 - out) : 0;
	if (!slash || dir + strlen(name) + 1 > size)
		out[0] = '\0';
	else
		memcpy(out + dir, name, strlen(name) + 1);
}

static void child(const struct spawn *s, pid_t parent, int report)
{
	char beside[PATH_MAX];
	beside_us(s->argv[0], beside, sizeof beside);
	if (s->group)
		setpgid(0, 0);
	if (!s->survive) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent) /* it died before that was said */
			_exit(126);
	}
	signals_default();
	for (char *const *e = s->env; e && *e; e++)
		putenv(*e);
	if (fds_arrange(s, &report) == 0) {
		if (!strchr(s->argv[0], '/') && beside[0])
			execv(beside, s->argv);
		execvp(s->argv[0], s->argv);
	}
	int e = errno;
	ssize_t n = write(report, &e, sizeof e);
	_exit(n == (ssize_t)sizeof e ? 127 : 126);
}

pid_t spawn(const struct spawn *s)
{
	int p[2], e = 0;
	if (pipe2(p, O_CLOEXEC) != 0)
		return -1;
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		child(s, parent, p[1]);
	close(p[1]);
	ssize_t n = 0;
	if (pid > 0) {
		do
			n = read(p[0], &e, sizeof e);
		while (n < 0 && errno == EINTR);
	}
	int err = errno;
	close(p[0]);
	if (pid > 0 && n == (ssize_t)sizeof e) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		errno = e;
		return -1;
	}
	errno = err;
	return pid;
}

pid_t spawn_filter(char *const *argv, int *to, int *from)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	struct spawn_fd fd[2];
	unsigned n = 0;
	pid_t pid = -1;
	if ((to && pipe2(in, O_CLOEXEC) != 0) || (from && pipe2(out, O_CLOEXEC) != 0))
		goto out;
	if (to)
		fd[n++] = (struct spawn_fd){ in[0], 0 };
	if (from)
		fd[n++] = (struct spawn_fd){ out[1], 1 };
	pid = spawn(&(struct spawn){ .argv = argv, .fd = fd, .nfd = n });
	if (pid < 0)
		goto out;
	if (to) {
		fcntl(in[1], F_SETFL, O_NONBLOCK);
		*to = in[1];
		in[1] = -1;
	}
	if (from) {
		fcntl(out[0], F_SETFL, O_NONBLOCK);
		*from = out[0];
		out[0] = -1;
	}
out:;
	int e = errno;
	for (int i = 0; i < 2; i++) {
		if (in[i] >= 0)
			close(in[i]);
		if (out[i] >= 0)
			close(out[i]);
	}
	errno = e;
	return pid;
}

/* One word from *p into *o, quotes taken off. */
static void word(const char **p, char **o)
{
	char quote = 0;
	for (; **p && (quote || !strchr(" \t\n", **p)); ++*p) {
		char c = **p;
		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		else if (c == '\\' && quote != '\'' && (*p)[1])
			*(*o)++ = *++*p;
		else
			*(*o)++ = c;
	}
	*(*o)++ = '\0';
}

char **spawn_split(const char *command)
{
	size_t len = strlen(command), words = len / 2 + 2;
	char **argv = calloc(1, words * sizeof *argv + len + 2);
	if (!argv)
		return NULL;
	char *o = (char *)(argv + words);
	size_t n = 0;
	for (;;) {
		command += strspn(command, " \t\n");
		if (!*command)
			return argv;
		argv[n++] = o;
		word(&command, &o);
	}
}

int spawn_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
