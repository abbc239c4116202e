/* worker.c - unit tests of lib/engine/worker.h with real filters. */
#include "engine/worker.h"
#include "unit/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop *loop;
static struct worker *worker;
static char seen[64], reason[64];
static unsigned answers;

static void on_answer(void *arg, struct record *r, const char *why)
{
	(void)arg;
	answers++;
	view_str(r ? record_get(r, "n") : view_of(""), seen, sizeof seen);
	snprintf(reason, sizeof reason, "%s", why);
	loop_stop(loop);
}

static void frees(void *arg, struct record *r, const char *why)
{
	worker_free(worker);
	on_answer(arg, r, why);
}

static int ask(const char *n, int64_t ms, worker_fn *fn)
{
	struct record r = { 0 };
	record_set(&r, "n", n);
	int rc = worker_ask(worker, &r, clock_deadline(ms), fn, &answers);
	record_clear(&r);
	return rc;
}

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void run_for(int64_t ms)
{
	struct loop_timer t = { 0 };
	loop_at(loop, &t, clock_deadline(ms), stop, NULL);
	loop_run(loop);
	loop_cancel(loop, &t);
}

static void answered(void)
{
	worker = worker_new(loop, "cat");
	check(ask("1", 5000, on_answer) == 0, "a question is asked");
	run_for(5000);
	check_str(seen, "1", "and answered");
	worker_free(worker);
}

/* What a link does that ends over the answer, or over there being none. */
static void freed_within(const char *command, int64_t ms, const char *why)
{
	answers = 0;
	worker = worker_new(loop, command);
	ask("1", ms, frees);
	ask("2", ms, frees);
	run_for(5000);
	run_for(50);
	check(answers == 1, "%s: freed within the answer: no further one", command);
	check(strstr(reason, why) != NULL, "and the answer is right: %s", reason);
}

static bool children(void)
{
	return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

/* One that closes its output and stays is replaced, and leaves no zombie. */
static void replaced(void)
{
	worker = worker_new(loop, "sh -c 'read l; exec >&-; exec sleep 30'");
	for (int i = 0; i < 3; i++) {
		ask("1", 5000, on_answer);
		run_for(5000);
	}
	check_str(reason, "the filter closed its output", "a filter that closes its output has no answer");
	worker_finish(worker, clock_ms(), stop, NULL);
	run_for(5000);
	for (int i = 0; i < 100 && children(); i++)
		run_for(20);
	check(!children(), "filters that were replaced are reaped");
	worker_free(worker);
}

/* More than a pipe holds: all of it is written before the end. */
static void finished(void)
{
	char big[8000], name[] = "/tmp/worker.XXXXXX", command[128], text[32] = "";
	int fd = mkstemp(name);
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	snprintf(command, sizeof command, "sh -c 'sleep 0.2; wc -l >%s'", name);
	worker = worker_new(loop, command);
	for (int i = 0; i < 50; i++)
		ask(big, 20000, NULL);
	run_for(20);
	worker_finish(worker, clock_deadline(10000), stop, NULL);
	run_for(10000);
	check(read(fd, text, sizeof text - 1) > 0 && atoi(text) == 50, "a filter that ends has read all questions, not %d",
	      atoi(text));
	worker_free(worker);
	close(fd);
	unlink(name);
}

static unsigned before;

static void slow(void *arg, struct record *r, const char *why)
{
	(void)arg;
	(void)r;
	(void)why;
	usleep(5000);
	if (++answers == 40)
		loop_stop(loop);
}

static void between(void *arg)
{
	(void)arg;
	before = answers;
}

/* Forty answers that come at once, and each takes 5 ms: others have their turn before they are over. */
static void others_have_turns(void)
{
	struct loop_timer t = { 0 };
	answers = 0;
	before = 40;
	worker = worker_new(loop, "sh -c 'q=$(head -n 40); echo \"$q\"; cat'");
	for (int i = 0; i < 40; i++)
		ask("1", 20000, slow);
	while (answers == 0)
		run_for(1);
	loop_at(loop, &t, clock_ms(), between, NULL);
	run_for(20000);
	check(before < 20, "others had their turn behind %u of 40 answers", before);
	check(answers == 40, "and all were taken");
	worker_free(worker);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new();
	replaced(); /* first: it counts children */
	answered();
	freed_within("cat", 5000, "");
	freed_within("true", 5000, "the filter ");
	freed_within("sleep 5", 50, worker_late);
	finished();
	others_have_turns();
	loop_free(loop);
	return tap_done();
}
