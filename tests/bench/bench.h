/* bench.h - what the programs that measure have in common: a failed part ends it with 8, and a clock. */
#ifndef SP_TESTS_BENCH_H
#define SP_TESTS_BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(8);
}

/* Seconds. */
static inline double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
