/* sp-answer.c - the service process: waits for calls on a line and runs a
 * command for each, with the line as descriptor 3. */
#include "engine/answer.h"
#include "tool/filter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_MAX 256

struct server {
	struct answer *answer;
	struct loop *loop;
	struct recout out;
	enum sp_exit status;
	bool deaf; /* nobody reads our records any more */
};

static void emit(struct server *s, struct record *r)
{
	if (s->deaf || (recout_add(&s->out, r) == 0 && recout_flush(&s->out) == 0))
		return;
	s->out.out.len = 0;
	s->deaf = true;
	if (errno == EPIPE) /* calls go on without a reader */
		return;
	tool_say("unable to write standard output: %s", strerror(errno));
	s->status = SP_SYSTEM;
	answer_stop(s->answer);
}

static void ended(struct record *r, const struct answer_call *c)
{
	if (c->reason != REASON_NONE)
		record_set(r, "reason", reason_name(c->reason));
	if (c->status >= 0)
		record_setf(r, "exit", "%d", c->status);
	record_setf(r, "seconds", "%lld", (long long)(clock_ms() - c->since + 500) / 1000);
}

static void note(const struct answer_call *c, enum answer_event ev)
{
	char number[24], number2[24], status[16];
	snprintf(number, sizeof number, "%lu", c->number);
	snprintf(number2, sizeof number2, "%d", (int)c->pid);
	snprintf(status, sizeof status, "%d", c->status);
	if (ev == ANSWER_RINGING)
		tool_log(327, "call", "call", number, "line", c->line->name, "peer", c->line->peer, NULL);
	else if (ev == ANSWER_STARTED)
		tool_log(328, "started", "call", number, "child", number2, NULL);
	else
		tool_log(0, "ended", "call", number, "exit", c->status >= 0 ? status : NULL, "reason",
		         c->reason == REASON_NONE ? NULL : reason_name(c->reason), NULL);
	if (ev == ANSWER_ENDED && c->pid == 0 && c->status >= 0)
		tool_say("call %lu: unable to run the command: %s", c->number,
		         c->status == 127 ? "not found" : "not executable");
}

static void on_call(void *arg, const struct answer_call *c, enum answer_event ev)
{
	struct server *s = arg;
	struct record r;
	note(c, ev);
	if (ev == ANSWER_STARTED)
		return;
	record_init(&r);
	record_setf(&r, "call", "%lu", c->number);
	record_set(&r, "state", ev == ANSWER_RINGING ? "ringing" : "ended");
	record_set(&r, "line", c->line->name);
	record_set(&r, "peer", c->line->peer);
	if (c->line->speed)
		record_setf(&r, "speed", "%llu", (unsigned long long)c->line->speed);
	if (ev == ANSWER_ENDED)
		ended(&r, c);
	emit(s, &r);
	record_clear(&r);
}

static void on_over(void *arg, const char *why)
{
	struct server *s = arg;
	if (why) {
		tool_say("no more calls: %s", why);
		s->status = sp_exit_worse(s->status, SP_PEER);
	}
	loop_stop(s->loop);
}

static void on_signal(void *arg, int signo)
{
	struct server *s = arg;
	(void)signo;
	answer_stop(s->answer);
}

static void say_ready(struct server *s, const struct line_port *port)
{
	char host[sizeof port->bound];
	snprintf(host, sizeof host, "%s", port->bound);
	char *colon = port->addr.kind == ADDR_TCP ? strrchr(host, ':') : NULL;
	if (colon)
		*colon = '\0';
	tool_ready(&s->out, "line", port->name, "address", colon ? host : NULL, "port", colon ? colon + 1 : NULL, NULL);
}

static enum sp_exit serve(struct line_port *port, char **command, uint64_t max)
{
	static const struct answer_ops ops = { on_call, on_over };
	struct server s = { .loop = loop_new(), .status = SP_OK };
	if (!s.loop)
		tool_die(SP_SYSTEM, "out of memory");
	recout_init(&s.out, 1, tool_common.json);
	struct answer_conf conf = { s.loop, port, command, max };
	s.answer = answer_new(&conf, &ops, &s);
	if (!s.answer || loop_signal(s.loop, SIGTERM, on_signal, &s) != 0 ||
	    loop_signal(s.loop, SIGINT, on_signal, &s) != 0 || loop_signal(s.loop, SIGHUP, on_signal, &s) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	say_ready(&s, port);
	if (loop_run(s.loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	answer_free(s.answer);
	line_port_close(port);
	recout_clear(&s.out);
	loop_free(s.loop);
	return s.status;
}

/* LINE may stand before the options, as people write it. */
static void line_last(int argc, char **argv)
{
	int end = 1;
	if (argc < 2 || argv[1][0] == '-')
		return;
	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	char *line = argv[1];
	if (end == argc)
		return;
	memmove(&argv[1], &argv[2], (size_t)(end - 2) * sizeof *argv);
	argv[end - 1] = line;
}

int main(int argc, char **argv)
{
	uint64_t max = 16;
	const struct opt opts[] = {
		{ "max", 0, OPT_NUM, &max, "N", "calls at once (16; at most 256)" },
		{ 0 },
	};
	const struct tool t = { "sp-answer", "wait for calls on a line and run a command for each",
		                "LINE -- COMMAND ...", opts, false };
	struct line_port port;
	const char *why;
	line_last(argc, argv);
	int i = tool_options(&t, argc, argv);
	if (argc - i < 3 || strcmp(argv[i + 1], "--") != 0)
		tool_die(SP_USAGE, "LINE -- COMMAND ... is needed");
	if (max < 1 || max > CALLS_MAX)
		tool_die(SP_USAGE, "--max must be 1 to %d", CALLS_MAX);
	if (line_listen(&port, argv[i], &why) < 0)
		tool_die(errno == EINVAL ? SP_USAGE : errno == EBUSY ? SP_BUSY : SP_SYSTEM, "%s: %s%s%s", argv[i], why,
		         errno == EINVAL ? "" : ": ", errno == EINVAL ? "" : strerror(errno));
	return (int)serve(&port, argv + i + 2, max);
}
