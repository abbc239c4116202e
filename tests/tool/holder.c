/* holder.c - the smallest holder, for the tests of lib/tool/hold.c: `start`
 * adds held=NAME, `stop` says so in a file. --fail, --lose and --slow make it
 * fail, lose what it holds at SIGUSR1, or never become ready. */
#include "tool/hold.h"
#include "tool/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name = "test", *trace = "/dev/null";
static bool fails, slow;
static struct hold_session *last;

static void note(const char *what, struct hold_session *s)
{
	char text[256];
	const char *id = record_str(&s->rec, "session");
	int n = snprintf(text, sizeof text, "%s %s %s\n", name, what, id ? id : "-");
	int fd = open(trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || n < 0 || write(fd, text, (size_t)n) != n)
		tool_die(SP_SYSTEM, "unable to write %s: %s", trace, strerror(errno));
	close(fd);
}

static void start(struct hold_session *s)
{
	last = s;
	note("start", s);
	if (fails)
		hold_fail(s, SP_BUSY, 313, "told to fail");
	else if (!slow && record_set(&s->rec, "held", name) == 0)
		hold_ready(s);
}

static void stop(struct hold_session *s)
{
	note("stop", s);
	hold_done(s);
}

static void lose(void *arg, int signo)
{
	(void)arg;
	(void)signo;
	if (last)
		hold_lost(last, SP_PEER, 326, "told to lose it");
}

static void setup(struct loop *l, void *config)
{
	(void)config;
	loop_signal(l, SIGUSR1, lose, NULL);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "name", 0, OPT_STR, &name, "NAME", "what is added to hold=" },
		{ "trace", 0, OPT_STR, &trace, "FILE", "where start and stop are noted" },
		{ "fail", 0, OPT_FLAG, &fails, NULL, "every session fails" },
		{ "slow", 0, OPT_FLAG, &slow, NULL, "never becomes ready" },
		{ 0 },
	};
	const struct tool t = { "holder", "hold for a test", "[-- COMMAND]", opts, true };
	int i = tool_options(&t, argc, argv);
	struct hold h = { .name = name, .step = 311, .start = start, .stop = stop, .setup = setup,
		          .command = argv[i] ? argv + i : NULL };
	return (int)hold_run(&h);
}
