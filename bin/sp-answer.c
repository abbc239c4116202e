/* sp-answer.c - the service process: waits for calls on a line and runs a
 * command for each, with the line as descriptor 3. */
#include "engine/answer.h"
#include "sys/wall.h"
#include "tool/filter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_MAX 256
#define MISSED_MAX 10 /* calls in a second that are told */

struct server {
	struct answer *answer;
	struct loop *loop;
	struct recout out;
	enum sp_exit status;
	bool deaf; /* nobody reads our records any more */
	bool wall;     /* there is none without it */
	bool unwalled; /* and it is not there */
	int64_t missed_at; /* the second that missed calls are counted in */
	unsigned missed;
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
		tool_log(327, "call", "call", number, "line", circuit_name(c->line), "peer", circuit_peer(c->line), NULL);
	else if (ev == ANSWER_STARTED)
		tool_log(328, "started", "call", number, "child", number2, NULL);
	else
		tool_log(0, "ended", "call", number, "exit", c->status >= 0 ? status : NULL, "reason",
		         c->reason == REASON_NONE ? NULL : reason_name(c->reason), NULL);
	if (ev == ANSWER_ENDED && c->pid == 0 && c->status >= 0)
		tool_say("call %lu: unable to run the command: %s", c->number,
		         c->status == 127 ? "not found" : "not executable");
}

/* What a call left in the wall whose security client was killed. */
static void sweep(const struct server *s)
{
	const char *why;
	if (s->wall && wall_sweep(&why) != 0)
		tool_say("unable to sweep the wall: %s", why);
}

static void on_call(void *arg, const struct answer_call *c, enum answer_event ev)
{
	struct server *s = arg;
	struct record r;
	note(c, ev);
	if (ev == ANSWER_ENDED)
		sweep(s);
	if (ev == ANSWER_STARTED)
		return;
	record_init(&r);
	record_setf(&r, "call", "%lu", c->number);
	record_set(&r, "state", ev == ANSWER_RINGING ? "ringing" : "ended");
	record_set(&r, "line", circuit_name(c->line));
	record_set(&r, "peer", circuit_peer(c->line));
	if (circuit_speed(c->line))
		record_setf(&r, "speed", "%llu", (unsigned long long)circuit_speed(c->line));
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

static void on_trouble(void *arg, const char *why)
{
	(void)arg;
	tool_log(327, "trouble", "detail", why, NULL);
	tool_say("the line does not work: %s", why);
}

/* No exchange rings that often; a modem that has gone wrong must not fill a disk. */
static void on_missed(void *arg, const char *from, const char *why)
{
	struct server *s = arg;
	int64_t now = clock_ms();
	if (now - s->missed_at >= 1000) {
		s->missed_at = now;
		s->missed = 0;
	}
	if (s->missed++ >= MISSED_MAX)
		return;
	tool_log(327, "missed", "peer", from[0] ? from : NULL, "detail", why, NULL);
	tool_say("a call came to nothing: %s", why);
}

/* address= and port= where a line has them. */
static void say_ready(struct server *s, const struct circuit_port *port)
{
	char host[192];
	bool tcp = view_starts(view_of(circuit_port_name(port)), "tcp:");
	snprintf(host, sizeof host, "%s", circuit_port_bound(port));
	char *colon = tcp ? strrchr(host, ':') : NULL;
	if (colon)
		*colon = '\0';
	tool_ready(&s->out, "line", circuit_port_name(port), "address", colon ? host : NULL, "port", colon ? colon + 1 : NULL, NULL);
}

/* Before any link exists; and again when it was taken away, and for each call. That there is none is
 * said once, however many call. */
static bool wall_stands(void *arg)
{
	struct server *s = arg;
	const char *why;
	bool was = s->unwalled;
	s->unwalled = s->wall && wall_base(WALL_LINKS, WALL_TUNNELS, &why) != 0;
	if (s->unwalled && !was) {
		tool_log(327, "no wall", "detail", why, NULL);
		tool_say("no calls are taken without the wall: %s", why);
	} else if (was && !s->unwalled) {
		tool_log(327, "wall", NULL);
	}
	return !s->unwalled;
}

/* Somebody flushed all rules: until they are loaded again, links are open. */
static void on_rules(void *arg, int fd, short revents)
{
	(void)revents;
	if (wall_gone(fd))
		wall_stands(arg);
}

static void watch_rules(struct server *s)
{
	int fd = s->wall ? wall_watch() : -1;
	if (s->wall && (fd < 0 || loop_fd(s->loop, fd, POLLIN, on_rules, s) != 0))
		tool_die(SP_SYSTEM, "no calls are taken without the wall: unable to watch it: %s", strerror(errno));
}

static void begin(struct server *s, const struct answer_conf *conf)
{
	static const struct answer_ops ops = { .call = on_call, .may = wall_stands, .trouble = on_trouble, .missed = on_missed, .over = on_over };
	const char *why;
	s->answer = answer_new(conf, &ops, s, &why);
	if (!s->answer)
		tool_die(errno == EINVAL ? SP_USAGE : errno == EBUSY ? SP_BUSY : SP_SYSTEM, "%s: %s%s%s", conf->line, why,
		         errno == EINVAL ? "" : ": ", errno == EINVAL ? "" : strerror(errno));
}

static enum sp_exit serve(const char *line, char **command, uint64_t max, bool wall)
{
	struct server s = { .loop = loop_new(), .status = SP_OK, .wall = wall };
	if (!s.loop)
		tool_die(SP_SYSTEM, "out of memory");
	recout_init(&s.out, 1, tool_common.json);
	if (!wall_stands(&s))
		exit(SP_SYSTEM);
	watch_rules(&s);
	begin(&s, &(struct answer_conf){ s.loop, line, command, max });
	if (loop_signal(s.loop, SIGTERM, on_signal, &s) != 0 ||
	    loop_signal(s.loop, SIGINT, on_signal, &s) != 0 || loop_signal(s.loop, SIGHUP, on_signal, &s) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	say_ready(&s, answer_port(s.answer));
	if (loop_run(s.loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	answer_free(s.answer);
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
	bool wall = false;
	const struct opt opts[] = {
		{ "max", 0, OPT_NUM, &max, "N", "calls at once (16; at most 256)" },
		{ "wall", 0, OPT_FLAG, &wall, NULL, "no call without a packet filter that lets only the gateway in" },
		{ 0 },
	};
	const struct tool t = { "sp-answer", "wait for calls on a line and run a command for each",
		                "LINE -- COMMAND ...", opts, false };
	line_last(argc, argv);
	int i = tool_options(&t, argc, argv);
	if (argc - i < 3 || strcmp(argv[i + 1], "--") != 0)
		tool_die(SP_USAGE, "LINE -- COMMAND ... is needed");
	if (max < 1 || max > CALLS_MAX)
		tool_die(SP_USAGE, "--max must be 1 to %d", CALLS_MAX);
	tool_hide();
	return (int)serve(argv[i], argv + i + 2, max, wall);
}
