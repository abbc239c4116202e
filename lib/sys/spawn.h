/* spawn.h - child processes: which descriptors, which signals, who is left.
 * A child gets default signal handling, an empty signal mask, and only the
 * descriptors that are named; it is killed (SIGTERM) when its parent dies. */
#ifndef SP_SYS_SPAWN_H
#define SP_SYS_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

struct spawn_fd {
	int ours;   /* the descriptor here; -1: /dev/null */
	int theirs; /* its number in the child */
};

struct spawn {
	char *const *argv;        /* looked for in PATH, and beside this program first */
	const struct spawn_fd *fd; /* 0, 1, 2 that are not named are inherited */
	unsigned nfd;
	char *const *env;         /* NAME=VALUE to add; NULL-terminated; may be NULL */
	bool group;               /* a process group of its own */
	bool survive;             /* is not killed with its parent */
};

/* pid, or -1 with errno; exec's failure (ENOENT...) is reported here. */
pid_t spawn(const struct spawn *s);

/* spawn with pipes to its standard input and from its standard output, both
 * close-on-exec and non-blocking here. Either may be NULL (then inherited). */
pid_t spawn_filter(char *const *argv, int *to, int *from);

/* A command line as a user configured it ("sp-auth --server x"): split at
 * blanks, '...' and "..." group, \ quotes one. NULL-terminated, one free(). */
char **spawn_split(const char *command);

/* waitpid's status as a shell would give it: exit code, or 128 + signal. */
int spawn_status(int status);

#endif
