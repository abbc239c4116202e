/* await SECONDS COMMAND [ARGUMENT...] - runs COMMAND until it succeeds: now, and again each time that
 * a file that an ARGUMENT names has changed, has come or has gone. What is in /proc may have changed
 * at any time. Exit 0; or 1 when SECONDS are over, 8 when COMMAND cannot be run. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define LOOK_NS 5000000 /* between two looks at the files */
#define PROC_LOOKS 4    /* between two runs for what is in /proc */

extern char **environ;

static uint64_t mixed(uint64_t sum, uint64_t with)
{
	return (sum ^ with) * 0x100000001b3u;
}

/* One number for what the files are like; proc: one of them tells nothing. */
static uint64_t files(char *const *path, bool *proc)
{
	uint64_t sum = 0;
	*proc = false;
	for (; *path; path++) {
		struct stat st;
		bool there = stat(*path, &st) == 0;
		*proc = *proc || strncmp(*path, "/proc/", 6) == 0;
		sum = mixed(sum, there ? st.st_ino : 1);
		if (!there)
			continue;
		sum = mixed(sum, (uint64_t)st.st_size);
		sum = mixed(sum, (uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec);
	}
	return sum;
}

/* What it has to say itself, of a file that is not there yet, is not wanted. */
static bool succeeds(char *const *argv)
{
	pid_t pid;
	posix_spawn_file_actions_t quiet;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
	int status, e = posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&quiet);
	if (e != 0) {
		fprintf(stderr, "await: %s: %s\n", argv[0], strerror(e));
		exit(8);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

static bool over(const struct timespec *end)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec || (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

int main(int argc, char **argv)
{
	struct timespec end, nap = { 0, LOOK_NS };
	bool proc;
	if (argc < 3) {
		fputs("usage: await SECONDS COMMAND [ARGUMENT...]\n", stderr);
		return 7;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += atoi(argv[1]);
	do {
		uint64_t was = files(argv + 3, &proc);
		if (succeeds(argv + 2))
			return 0;
		for (unsigned looks = 0; !over(&end); nanosleep(&nap, NULL))
			if (files(argv + 3, &proc) != was || (proc && ++looks == PROC_LOOKS))
				break;
	} while (!over(&end));
	return succeeds(argv + 2) ? 0 : 1;
}
