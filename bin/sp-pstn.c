/* sp-pstn.c - a telephone exchange for laboratories: Hayes modems on ptys that
 * call each other. Commands come on standard input, what happens goes to
 * standard output. */
#include "engine/pstn.h"
#include "tool/spool.h"
#include "tool/tool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *dir, *prefix;
static struct opt_list modems;
static uint64_t speed = 33600, latency = 20, training = 2000, ring = 6000, seed = 1;

static const struct opt options[] = {
	{ "dir", 'd', OPT_STR, &dir, "DIR", "where the modems are to be seen" },
	{ "modem", 'm', OPT_LIST, &modems, "NUMBER", "a modem: NUMBER[,path=NAME][,speed=N]; several" },
	{ "speed", 0, OPT_NUM, &speed, "N", "of the lines, bit/s (33600)" },
	{ "latency", 0, OPT_NUM, &latency, "MS", "from one modem to the other (20)" },
	{ "training", 0, OPT_NUM, &training, "MS", "from the answer to CONNECT (2000)" },
	{ "ring", 0, OPT_NUM, &ring, "MS", "from one RING to the next (6000)" },
	{ "prefix", 0, OPT_STR, &prefix, "DIGITS", "get an outside line, may stand before a number" },
	{ "seed", 0, OPT_NUM, &seed, "N", "of errors and noise (1)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-pstn",
	.summary = "a telephone exchange for laboratories: modems on ptys that call each other",
	.operands = "",
	.opt = options,
};

struct server {
	struct loop *loop;
	struct pstn *pstn;
	struct recin in;
	struct spool out;
	enum sp_exit status;
	bool leaving; /* nothing is told any more */
};
static struct server server;

/* However it ends: no symlink is left. */
static void clean(void)
{
	server.leaving = true;
	pstn_free(server.pstn);
	server.pstn = NULL;
}

static void tell(void *arg, struct record *r)
{
	struct server *s = arg;
	if (s->leaving)
		return;
	if (record_has(r, "event"))
		tool_log(0, record_str(r, "event"), "call", record_str(r, "call"), "from", record_str(r, "from"), "to",
		         record_str(r, "to"), "speed", record_str(r, "speed"), "reason", record_str(r, "reason"), NULL);
	spool_add(&s->out, r);
}

static void on_input(void *arg, int fd, short revents);

static void malformed(struct server *s, const char *why)
{
	struct record r = { 0 };
	tool_say("%s: line %lu: %s", s->in.name, s->in.line, why);
	record_set(&r, "error", sp_exit_name(SP_RECORD));
	record_setf(&r, "detail", "line %lu: %s", s->in.line, why);
	spool_add(&s->out, &r);
	record_clear(&r);
	s->status = sp_exit_worse(s->status, SP_RECORD);
}

/* Commands wait for whoever reads the answers. */
static void take_all(void *arg)
{
	struct server *s = arg;
	struct record r = { 0 };
	const char *why;
	int got = 1;
	while (s->out.gone || s->out.out.out.len < SPOOL_MAX / 4) {
		got = recin_next(&s->in, &r, &why);
		if (got == 0)
			break;
		if (got == 1)
			pstn_command(s->pstn, &r);
		else
			malformed(s, why);
	}
	record_clear(&r);
	if (got == 0 && !s->in.eof)
		loop_fd(s->loop, s->in.fd, POLLIN, on_input, s);
	else
		loop_forget(s->loop, s->in.fd);
	if (got != 0)
		spool_end(&s->out, take_all, s);
}

static void on_input(void *arg, int fd, short revents)
{
	struct server *s = arg;
	(void)fd;
	(void)revents;
	if (recin_fill(&s->in) < 0 && errno != EAGAIN && errno != EINTR)
		s->in.eof = true; /* no more commands; the exchange goes on */
	take_all(s);
}

static void stop_loop(void *arg)
{
	loop_stop(((struct server *)arg)->loop);
}

/* The last events are told; a reader that does not read is not waited for twice. */
static void on_signal(void *arg, int signo)
{
	struct server *s = arg;
	(void)signo;
	loop_forget(s->loop, s->in.fd);
	if (!s->pstn) {
		loop_stop(s->loop);
		return;
	}
	pstn_free(s->pstn);
	s->pstn = NULL;
	spool_end(&s->out, stop_loop, s);
}

/* NUMBER[,path=NAME][,speed=N] */
static void add(struct pstn *x, const char *text)
{
	char copy[256], *rest = copy, *number, *part, *name = NULL;
	uint64_t own = 0;
	const char *why;
	if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
		tool_die(SP_USAGE, "--modem %s: too long", text);
	number = strsep(&rest, ",");
	while ((part = strsep(&rest, ",")) != NULL) {
		if (strncmp(part, "path=", 5) == 0 || strncmp(part, "name=", 5) == 0)
			name = part + 5;
		else if (strncmp(part, "speed=", 6) != 0 || !num_u64(view_of(part + 6), PSTN_SPEED_MIN, PSTN_SPEED_MAX, &own))
			tool_die(SP_USAGE, "--modem %s: neither path=NAME nor speed=N: %s", text, part);
	}
	if (pstn_modem(x, number, name, own, &why) == 0)
		return;
	bool wrong = errno == EINVAL || errno == EEXIST;
	tool_die(wrong ? SP_USAGE : SP_SYSTEM, "--modem %s: %s%s%s", text, why, wrong ? "" : ": ", wrong ? "" : strerror(errno));
}

static void begin(struct server *s)
{
	struct pstn_conf conf = { s->loop, dir, speed, (int64_t)latency, (int64_t)training, (int64_t)ring, prefix, seed, tell, s };
	const char *why;
	char count[24];
	s->pstn = pstn_new(&conf, &why);
	if (!s->pstn)
		tool_die(errno == EBUSY ? SP_BUSY : SP_SYSTEM, "%s: %s%s%s", dir, why, errno == EBUSY ? "" : ": ",
		         errno == EBUSY ? "" : strerror(errno));
	for (unsigned i = 0; i < modems.n; i++)
		add(s->pstn, modems.v[i]);
	snprintf(count, sizeof count, "%u", modems.n);
	tool_ready(&s->out.out, "dir", dir, "modems", count, NULL);
}

static void check(void)
{
	tool_need(dir, "dir");
	if (speed < PSTN_SPEED_MIN || speed > PSTN_SPEED_MAX)
		tool_die(SP_USAGE, "--speed must be %d to %d", PSTN_SPEED_MIN, PSTN_SPEED_MAX);
	if (latency > PSTN_LATENCY_MAX)
		tool_die(SP_USAGE, "--latency must be at most %d", PSTN_LATENCY_MAX);
	if (training > 600000 || ring < 10 || ring > 600000)
		tool_die(SP_USAGE, "--training must be at most 600000, --ring 10 to 600000");
	if (prefix && prefix[strspn(prefix, "0123456789*#")])
		tool_die(SP_USAGE, "--prefix must be digits");
}

int main(int argc, char **argv)
{
	struct server *s = &server;
	if (tool_options(&tool, argc, argv) != argc)
		tool_die(SP_USAGE, "no operands are known: see --help");
	tool_confine();
	check();
	atexit(clean);
	signal(SIGPIPE, SIG_IGN);
	s->loop = loop_new();
	if (!s->loop || loop_signal(s->loop, SIGTERM, on_signal, s) != 0 || loop_signal(s->loop, SIGINT, on_signal, s) != 0 ||
	    loop_signal(s->loop, SIGHUP, on_signal, s) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	spool_init(&s->out, s->loop, STDOUT_FILENO, tool_common.json);
	recin_init(&s->in, STDIN_FILENO, "stdin");
	begin(s);
	if (loop_fd(s->loop, STDIN_FILENO, POLLIN, on_input, s) != 0 || loop_run(s->loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	clean();
	if (s->out.error && s->out.error != EPIPE)
		s->status = SP_SYSTEM;
	spool_clear(&s->out);
	recin_clear(&s->in);
	loop_free(s->loop);
	return (int)s->status;
}
