/* loop.c - the loop with many of everything: timers in order, descriptors by number,
 * what epoll does not take. */
#include "unit/tap.h"

#include "sys/loop.h"
#include "sys/timers.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define TIMERS 500
#define PIPES 400

static struct loop *loop;
static unsigned long seed = 1;

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005ul + 1442695040888963407ul;
	return (unsigned)(seed >> 33) % n;
}

static struct loop_timer *due(struct loop_timer *all)
{
	struct loop_timer *first = NULL;
	for (size_t i = 0; i < TIMERS; i++)
		if (all[i].armed && (!first || all[i].at < first->at || (all[i].at == first->at && all[i].order < first->order)))
			first = &all[i];
	return first;
}

/* Against looking at all of them, after each of many steps. */
static void order(void)
{
	static struct loop_timer all[TIMERS];
	struct loop_timer *first = NULL;
	unsigned wrong = 0;
	for (int step = 0; step < 20000; step++) {
		struct loop_timer *t = &all[dice(TIMERS)];
		if (step % 3 == 2 && first)
			t = first;
		if (t->armed)
			timers_drop(&first, t);
		else
			t->at = dice(100);
		if (!t->armed)
			timers_add(&first, t);
		t->armed = !t->armed;
		wrong += first != due(all);
	}
	check(wrong == 0, "the first of many timers is the one that is due, those at once in their order");
	while (first) {
		struct loop_timer *t = first;
		timers_drop(&first, t);
		t->armed = false;
		wrong += first != due(all);
	}
	check(wrong == 0 && !due(all), "to the last one");
}

static int told[2 * PIPES + 64], calls;
static void tell(void *arg, int fd, short revents)
{
	(void)arg;
	(void)revents;
	told[fd]++;
	if (++calls == PIPES)
		loop_stop(loop);
}

static void descriptors(void)
{
	int p[PIPES][2];
	unsigned once = 0;
	loop = loop_new();
	for (int i = 0; i < PIPES; i++)
		if (pipe(p[i]) != 0 || write(p[i][1], "x", 1) != 1 || loop_fd(loop, p[i][0], POLLIN, tell, NULL) != 0)
			break;
	loop_run(loop);
	for (int i = 0; i < PIPES; i++)
		once += told[p[i][0]] == 1;
	check(once == PIPES, "of %d that are ready each has its turn before one has another (%u)", PIPES, once);
	loop_fd(loop, p[0][0], 0, tell, NULL);
	for (int i = 1; i < PIPES; i++)
		loop_forget(loop, p[i][0]);
	calls = PIPES - 2;
	loop_fd(loop, p[1][1], POLLOUT, tell, NULL);
	loop_fd(loop, p[2][1], POLLOUT, tell, NULL);
	loop_run(loop);
	check(told[p[0][0]] == 1 && told[p[1][0]] == 1 && told[p[1][1]] + told[p[2][1]] == 2,
	      "what is not asked for, and what was forgotten, is not told");
	for (int i = 0; i < PIPES; i++)
		close(p[i][0]), close(p[i][1]);
	loop_free(loop);
}

static void stop(void *arg) { loop_stop(arg); }

static short was;
static int turns;
static void look(void *arg, int fd, short revents)
{
	was = revents;
	if (++turns == 3)
		loop_forget(loop, fd);
	if (arg)
		loop_fd(loop, fd, 0, look, NULL);
}

static void files(void)
{
	struct loop_timer t = { 0 };
	int file = open("/proc/self/exe", O_RDONLY), null = open("/dev/null", O_WRONLY), none = dup(null);
	loop = loop_new();
	check(loop_fd(loop, file, POLLIN, look, NULL) == 0, "a file is taken");
	loop_run(loop);
	check(turns == 3 && was == POLLIN, "it is ready at each turn, for what is asked for");
	loop_fd(loop, null, POLLIN | POLLOUT, look, loop);
	loop_at(loop, &t, clock_ms() + 5, stop, loop);
	turns = 0;
	loop_run(loop);
	check(turns == 1, "nothing is told of a device that nothing is asked of");
	loop_forget(loop, null);
	close(none);
	turns = 2;
	check(loop_fd(loop, none, POLLIN, look, NULL) == 0, "so is what is closed");
	loop_run(loop);
	check(was == POLLNVAL, "it is told that it is");
	check(loop_fd(loop, -1, POLLIN, look, NULL) == -1, "no descriptor at all is not taken");
	close(file);
	close(null);
	loop_free(loop);
}

int main(void)
{
	order();
	descriptors();
	files();
	return tap_done();
}
