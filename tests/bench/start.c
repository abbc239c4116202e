/* start.c - how long a program takes from fork to exit.
 *   start RUNS PROGRAM [PROGRAM ...]
 * Runs `true` and each program with --version in turn, RUNS times round, and
 * prints a line for each: its name, its time in microseconds and that of true: the
 * quarter of the runs that had the machine to themselves is below it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 1000

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double once(const char *program, int null)
{
	struct timespec a, b;
	int status = -1;
	clock_gettime(CLOCK_MONOTONIC, &a);
	pid_t pid = vfork();
	if (pid == 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execlp(program, program, "--version", (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (status != 0) {
		fprintf(stderr, "start: %s --version does not end with 0\n", program);
		exit(8);
	}
	return (double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3;
}

int main(int argc, char **argv)
{
	int runs = argc > 2 ? atoi(argv[1]) : 0, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (runs < 1 || runs > RUNS_MAX)
		return 2;
	for (int p = 2; p < argc; p++) {
		static double ours[RUNS_MAX], peer[RUNS_MAX];
		for (int i = 0; i < runs; i++) {
			peer[i] = once("true", null);
			ours[i] = once(argv[p], null);
		}
		qsort(ours, (size_t)runs, sizeof *ours, compare);
		qsort(peer, (size_t)runs, sizeof *peer, compare);
		printf("%s\t%.0f\t%.0f\n", argv[p], ours[runs / 4], peer[runs / 4]);
	}
	return 0;
}
