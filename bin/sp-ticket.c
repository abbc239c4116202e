/* sp-ticket - service tickets, JSON or records, as request records (step 300). */
#include "engine/ticket.h"
#include "tool/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define STEP 300
#define READ_SIZE 65536

struct run {
	struct recout out;
	enum sp_exit worst;
	unsigned long seen;
};

static const struct opt options[] = { { 0 } };

static const struct tool tool = {
	.name = "sp-ticket",
	.summary = "Makes a request record of each service ticket: what names the system, and all the rest.",
	.operands = "[FILE ...]",
	.opt = options,
};

static void emit(struct run *run, struct record *r, enum sp_exit status)
{
	run->seen++;
	run->worst = sp_exit_worse(run->worst, status);
	if (recout_add(&run->out, r) == 0)
		return;
	if (errno == EILSEQ)
		tool_die(SP_RECORD, "a value is not UTF-8 and cannot be written as JSON");
	_exit((int)tool_finish(&run->out, SP_SYSTEM));
}

static void one(struct run *run, struct record *r)
{
	enum sp_exit status = SP_OK;
	const char *error = record_str(r, "error");
	if (error) {
		emit(run, r, sp_exit_of(error));
		return;
	}
	if (!ticket_identity(r)) {
		status = SP_RECORD;
		tool_fail(r, status, STEP, "the ticket names no system: looked for %s", ticket_looked_for);
	}
	tool_log(STEP, status == SP_OK ? "ticket" : "refused", "ticket", record_str(r, "ticket"), "serial",
	         record_str(r, "serial"), "customer", record_str(r, "customer"), "site", record_str(r, "site"),
	         "phone", record_str(r, "phone"), "detail", record_str(r, "detail"), NULL);
	emit(run, r, status);
}

/* Waits for input, with nothing unwritten, and notices a reader that went. */
static void await(struct run *run, int fd)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, { .fd = STDOUT_FILENO } };
	if (poll(p, 1, 0) != 0)
		return;
	if (recout_flush(&run->out) != 0)
		_exit((int)tool_finish(&run->out, SP_SYSTEM));
	if (poll(p, 2, -1) > 0 && (p[1].revents & POLLERR) && !p[0].revents) {
		signal(SIGPIPE, SIG_DFL); /* the end that a write would give */
		raise(SIGPIPE);
	}
}

/* 1 more was read, 0 the end, -1 failed and said so. */
static int fill(struct run *run, struct ticketin *t, int fd, const char *name)
{
	char b[READ_SIZE];
	ssize_t n;
	do {
		await(run, fd);
		n = read(fd, b, sizeof b);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0 || (n > 0 && ticketin_add(t, (struct view){ b, (size_t)n }) != 0)) {
		tool_say("unable to read %s: %s", name, strerror(errno));
		run->worst = SP_SYSTEM;
		return -1;
	}
	return n > 0;
}

static void input(struct run *run, int fd, const char *name)
{
	struct ticketin t;
	struct record r = { 0 };
	const char *why;
	bool eof = false;
	ticketin_init(&t);
	for (;;) {
		int got = ticketin_next(&t, eof, &r, &why);
		if (got == 1) {
			one(run, &r);
		} else if (got < 0) {
			tool_say("%s: line %lu: %s", name, t.where, why);
			run->seen++;
			run->worst = sp_exit_worse(run->worst, SP_RECORD);
		} else if (eof) {
			break;
		} else {
			eof = fill(run, &t, fd, name) != 1;
		}
	}
	record_clear(&r);
	ticketin_clear(&t);
}

static void file(struct run *run, const char *name)
{
	bool is_stdin = strcmp(name, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		tool_say("unable to open %s: %s", name, strerror(errno));
		run->worst = SP_SYSTEM;
		run->seen++;
		return;
	}
	input(run, fd, is_stdin ? "stdin" : name);
	if (!is_stdin)
		close(fd);
}

int main(int argc, char **argv)
{
	struct run run = { .worst = SP_OK };
	int at = tool_options(&tool, argc, argv);
	recout_init(&run.out, STDOUT_FILENO, tool_common.json);
	if (at == argc)
		file(&run, "-");
	for (; at < argc; at++)
		file(&run, argv[at]);
	if (run.seen == 0)
		run.worst = sp_exit_worse(run.worst, SP_NONE);
	return (int)tool_finish(&run.out, run.worst);
}
