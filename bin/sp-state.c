/* sp-state - posts state records to the monitor(s) and passes them on (step
 * 338), or watches one session's states (339). A server behind sp-trapd: a
 * reader that is slow or gone does not keep it from posting. */
#include "sys/stream.h"
#include "tool/posting.h"
#include "tool/watch.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNAL_MS 2000 /* to post what is kept, after a signal */

static struct asker asker = { .role = ROLE_MONITOR, .client = party_client };
static uint64_t keep = 10000;
static const char *watched, *token_file;
static struct secret token;

static const struct opt options[] = {
	ASKER_OPTIONS(asker, "monitor"),
	ASKER_OPTIONS_CERT(asker),
	ASKER_OPTIONS_IDENTITY(asker),
	{ "spool", 0, OPT_NUM, &keep, "N", "keep at most N records for a monitor that is away (10000)" },
	{ "watch", 'w', OPT_STR, &watched, "SESSION", "show the states of this session instead" },
	{ "token-file", 0, OPT_STR, &token_file, "FILE", "sp-login's token, for --watch" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-state",
	.summary = "Posts state records to every monitor, or watches one session.",
	.operands = "",
	.opt = options,
};

struct state {
	struct loop *loop;
	struct recin in;
	struct spool out;
	struct posting posting;
	unsigned long seen;
	enum sp_exit worst;
	bool replay; /* the input is a file: the output may hold it up */
	bool over, ended;
	struct loop_timer limit;
};

static void on_input(void *arg, int fd, short revents);

static void worse(struct state *s, enum sp_exit status)
{
	s->worst = sp_exit_worse(s->worst, status);
}

static void stop_loop(void *arg)
{
	loop_stop(((struct state *)arg)->loop);
}

/* Everything is posted, or will never be. */
static void end(struct state *s)
{
	if (s->ended)
		return;
	s->ended = true;
	posting_end(&s->posting);
	spool_end(&s->out, stop_loop, s);
}

static void end_late(void *arg)
{
	struct state *s = arg;
	worse(s, SP_TIMEOUT);
	end(s);
}

/* No more input: what is kept has until then. */
static void input_over(struct state *s, int64_t ms)
{
	loop_forget(s->loop, s->in.fd);
	s->over = true;
	loop_at(s->loop, &s->limit, clock_deadline(ms), end_late, s);
}

static void take_all(void *arg);

static bool held_up(struct state *s)
{
	if (!s->replay || s->out.gone || s->out.out.out.len < SPOOL_MAX / 4)
		return posting_full(&s->posting);
	spool_end(&s->out, take_all, s);
	return true;
}

/* What was read, as far as it can be kept. */
static void take_all(void *arg)
{
	struct state *s = arg;
	struct record r = { 0 };
	const char *why;
	int got = 1;
	while (!s->over && !held_up(s) && (got = recin_next(&s->in, &r, &why)) != 0) {
		s->seen++;
		if (got == 1) {
			spool_add(&s->out, &r);
			posting_put(&s->posting, &r);
			continue;
		}
		tool_say("%s: line %lu: %s", s->in.name, s->in.line, why);
		worse(s, SP_RECORD);
	}
	record_clear(&r);
	if (!s->over && got != 0)
		loop_forget(s->loop, s->in.fd); /* held up */
	else if (!s->over && s->in.eof)
		input_over(s, tool_common.timeout);
	else if (!s->over && loop_fd(s->loop, s->in.fd, POLLIN, on_input, s) != 0)
		tool_die(SP_SYSTEM, "out of memory");
	if (s->over && posting_waiting(&s->posting) == 0)
		end(s);
}

static void on_input(void *arg, int fd, short revents)
{
	struct state *s = arg;
	(void)fd;
	(void)revents;
	if (recin_fill(&s->in) < 0 && errno != EAGAIN) {
		tool_say("unable to read stdin: %s", strerror(errno));
		worse(s, SP_SYSTEM);
		s->in.eof = true;
	}
	take_all(s);
}

/* The first: what is kept has a moment yet; the second: none. */
static void on_signal(void *arg, int signo)
{
	struct state *s = arg;
	(void)signo;
	if (s->over && s->limit.armed) {
		end_late(s);
		return;
	}
	input_over(s, SIGNAL_MS);
	take_all(s);
}

static enum sp_exit run(struct state *s)
{
	struct stat st;
	s->replay = fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	spool_init(&s->out, s->loop, STDOUT_FILENO, tool_common.json);
	s->posting = (struct posting){ .out = &s->out, .room = take_all, .arg = s };
	posting_open(&s->posting, &asker, (unsigned)keep, s->loop);
	recin_init(&s->in, STDIN_FILENO, "stdin");
	loop_signal(s->loop, SIGINT, on_signal, s);
	loop_signal(s->loop, SIGTERM, on_signal, s);
	loop_signal(s->loop, SIGHUP, on_signal, s);
	if (loop_fd(s->loop, STDIN_FILENO, POLLIN, on_input, s) != 0 || loop_run(s->loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	posting_close(&s->posting);
	worse(s, s->posting.worst);
	if (s->seen == 0)
		worse(s, SP_NONE);
	if (s->out.error && s->out.error != EPIPE)
		worse(s, SP_SYSTEM);
	spool_clear(&s->out);
	recin_clear(&s->in);
	return s->worst;
}

int main(int argc, char **argv)
{
	static struct state s;
	enum sp_exit status;
	tool_common.timeout = 10000;
	if (tool_options(&tool, argc, argv) != argc)
		tool_die(SP_USAGE, "no operands are known: see --help");
	if (keep < 1 || keep > 1000000)
		tool_die(SP_USAGE, "--spool must be from 1 to 1000000");
	if (token_file)
		tool_password(&token, token_file, NULL, NULL);
	tool_confine();
	s.loop = loop_new();
	if (!s.loop)
		tool_die(SP_SYSTEM, "out of memory");
	if (watched) {
		struct ask *monitor = asker_new(&asker, "monitor", s.loop);
		status = watch_run(monitor, watched, &token);
		ask_free(monitor);
	} else {
		status = run(&s);
	}
	loop_free(s.loop);
	asker_clear(&asker);
	secret_clear(&token);
	return (int)status;
}
