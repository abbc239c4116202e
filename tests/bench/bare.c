/* bare.c - what the machine can do with calls of which nothing is left but what is the kernel's: CALLS processes, of which
 * each makes a TUN device, brings it up, adds a route to it, and stays.
 *   bare CALLS
 * Prints how many come up a second, and the private memory of one, KiB. In a network namespace of its own. */
#include "sys/route.h"
#include "sys/tun.h"
#include "bench/bench.h"

#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 4000
#define FIRST 0x0ac80001u /* 10.200.0.1, and those behind it */

static void call(unsigned i, int up)
{
	struct tun t;
	const char *why = "";
	must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl");
	int nl = route_open();
	must(nl >= 0 && tun_open(&t, "sp%d", &why) == 0 && tun_mtu(&t, 1500) == 0 && tun_up(&t) == 0, why);
	struct route r = { .dst = { htonl(FIRST + i) }, .bits = 32, .ifindex = t.index, .table = ROUTE_TABLE_MAIN };
	must(route_add(nl, &r) == 0, "route");
	must(write(up, "", 1) == 1, "pipe");
	pause();
}

static unsigned long private_kib(pid_t pid)
{
	char path[64], line[256];
	unsigned long n, sum = 0;
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	FILE *f = fopen(path, "r");
	must(f != NULL, path);
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "Private_Clean: %lu", &n) == 1 || sscanf(line, "Private_Dirty: %lu", &n) == 1)
			sum += n;
	fclose(f);
	return sum;
}

int main(int argc, char **argv)
{
	static pid_t child[MOST];
	unsigned calls = argc == 2 ? (unsigned)atoi(argv[1]) : 0;
	unsigned long kib = 0;
	int up[2];
	char b;
	if (calls == 0 || calls > MOST)
		return 2;
	must(unshare(CLONE_NEWNET) == 0 && pipe(up) == 0, "unshare");
	double from = now();
	for (unsigned i = 0; i < calls; i++) {
		child[i] = fork();
		must(child[i] >= 0, "fork");
		if (child[i] == 0)
			call(i, up[1]);
	}
	close(up[1]);
	for (unsigned i = 0; i < calls; i++)
		must(read(up[0], &b, 1) == 1, "a call");
	double took = now() - from;
	for (unsigned i = 0; i < calls; i++)
		kib += private_kib(child[i]);
	printf("%.0f\t%.0f\n", calls / took, (double)kib / calls);
	for (unsigned i = 0; i < calls; i++)
		kill(child[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	return 0;
}
