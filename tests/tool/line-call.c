/* line-call - calls over a line of any kind, for tests: each event is a record on
 * standard output. What arrives goes to --data; standard input is what is sent,
 * and its end hangs up. Exit: as the reason says, 6 when the carrier was lost. */
#include "engine/circuit.h"
#include "tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static struct loop *loop;
static struct circuit *circuit;
static struct recout out;
static const char *data = "/dev/null", *number;
static int data_fd;
static enum reason reason;

static void say(const char *event, const char *word, const char *detail)
{
	struct record r = { 0 };
	record_set(&r, "event", event);
	if (word)
		record_set(&r, "word", word);
	if (detail)
		record_set(&r, "detail", detail);
	if (strcmp(event, "up") == 0) {
		record_setf(&r, "speed", "%llu", (unsigned long long)circuit_speed(circuit));
		record_set(&r, "protocol", circuit_protocol(circuit));
		record_set(&r, "peer", circuit_peer(circuit));
	}
	if (recout_add(&out, &r) != 0 || recout_flush(&out) != 0)
		exit(SP_SYSTEM);
	record_clear(&r);
}

static void end(enum reason why)
{
	reason = why;
	loop_forget(loop, circuit_fd(circuit));
	loop_forget(loop, 0);
	circuit_hangup(circuit);
}

static void on_line(void *arg, int fd, short revents)
{
	char b[4096];
	ssize_t n = read(fd, b, sizeof b);
	(void)arg;
	(void)revents;
	if (n > 0 && write(data_fd, b, (size_t)n) != n)
		exit(SP_SYSTEM);
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		say("lost", NULL, NULL);
		end(REASON_LOST_CARRIER);
	}
}

static void on_input(void *arg, int fd, short revents)
{
	char b[512];
	ssize_t n = read(fd, b, sizeof b);
	(void)arg;
	(void)revents;
	if (n > 0 && write(circuit_fd(circuit), b, (size_t)n) != n)
		exit(SP_SYSTEM);
	if (n <= 0)
		end(REASON_NONE);
}

static void on_event(void *arg, const struct circuit_event *ev)
{
	(void)arg;
	if (ev->what == CIRCUIT_PROGRESS) {
		say("progress", ev->word, NULL);
	} else if (ev->what == CIRCUIT_UP) {
		say("up", NULL, NULL);
		loop_fd(loop, circuit_fd(circuit), POLLIN, on_line, NULL);
		loop_fd(loop, 0, POLLIN, on_input, NULL);
	} else {
		if (ev->reason != REASON_NONE)
			reason = ev->reason;
		say("down", reason_name(ev->reason), ev->detail);
		loop_stop(loop);
	}
}

static void on_signal(void *arg, int signo)
{
	(void)arg;
	(void)signo;
	end(REASON_NONE);
}

int main(int argc, char **argv)
{
	static const struct circuit_ops ops = { on_event };
	const struct opt opts[] = {
		{ "data", 0, OPT_STR, &data, "FILE", "what arrives" },
		{ "number", 0, OPT_STR, &number, "NUMBER", "to dial" },
		{ 0 },
	};
	const struct tool t = { "line-call", "call over a line", "LINE", opts, false };
	const char *why;
	int i = tool_options(&t, argc, argv);
	if (i >= argc)
		tool_die(SP_USAGE, "LINE is needed");
	recout_init(&out, 1, false);
	data_fd = open(data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	loop = loop_new();
	if (!loop || data_fd < 0 || loop_signal(loop, SIGTERM, on_signal, NULL) != 0)
		tool_die(SP_SYSTEM, "unable to begin");
	int64_t deadline = tool_common.timeout ? clock_deadline(tool_common.timeout) : CLOCK_NEVER;
	circuit = circuit_call(loop, &(struct circuit_conf){ argv[i], number, deadline, &ops, NULL, NULL }, &why);
	if (!circuit)
		tool_die(errno == EINVAL ? SP_USAGE : errno == EBUSY ? SP_BUSY : SP_SYSTEM, "%s: %s", argv[i], why);
	loop_run(loop);
	circuit_free(circuit);
	loop_free(loop);
	return (int)reason_exit(reason);
}
