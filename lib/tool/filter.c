/* filter.c - the plain filter's loop over files or standard input. */
#include "tool/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct run {
	const struct filter *f;
	struct recout out;
	enum sp_exit worst;
	unsigned long seen;
};

/* A reader that went away is no error: the end that the kernel would have given. */
void filter_write_failed(void)
{
	if (errno == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (errno == EILSEQ)
		tool_die(SP_RECORD, "a value is not UTF-8 and cannot be written as JSON");
	tool_die(SP_SYSTEM, "unable to write standard output: %s", strerror(errno));
}

enum sp_exit tool_finish(struct recout *out, enum sp_exit status)
{
	if (recout_flush(out) != 0)
		filter_write_failed();
	recout_clear(out);
	if (close(out->fd) != 0 && errno != EBADF)
		filter_write_failed();
	return status;
}

static void one(struct run *run, struct record *r)
{
	enum sp_exit status;
	struct view error = record_get(r, "error");
	run->seen++;
	if (error.p && !run->f->errors_too) {
		char word[32];
		status = view_str(error, word, sizeof word) ? sp_exit_of(word) : SP_PEER;
	} else {
		status = run->f->each(run->f->arg, r, &run->out);
		if (status == SP_OK || status == SP_NONE) {
			run->worst = sp_exit_worse(run->worst, status);
			return;
		}
	}
	run->worst = sp_exit_worse(run->worst, status);
	if (recout_add(&run->out, r) != 0)
		filter_write_failed();
}

static void refused(struct run *run, const struct recin *in, const char *why)
{
	tool_say("%s: line %lu: %s", in->name, in->line, why);
	run->seen++;
	run->worst = sp_exit_worse(run->worst, SP_RECORD);
}

static bool input_waits(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, 0) == 0;
}

/* Until there is input. A reader that went meanwhile is the end: who writes to us may hold
 * something, and would not know. */
static void wait_for_input(struct run *run, int fd)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = run->out.fd } };
	while (poll(p, 2, -1) < 0 && errno == EINTR)
		continue;
	if (!p[0].revents && p[1].revents & (POLLERR | POLLHUP)) {
		errno = EPIPE;
		filter_write_failed();
	}
}

/* Flushes if reading would block; then reads. false at a failure. */
static bool refill(struct run *run, struct recin *in)
{
	if (run->out.out.len && input_waits(in->fd) && recout_flush(&run->out) != 0)
		filter_write_failed();
	wait_for_input(run, in->fd);
	if (recin_fill(in) >= 0 || errno == EAGAIN) /* somebody made our input non-blocking */
		return true;
	tool_say("unable to read %s: %s", in->name, strerror(errno));
	run->worst = SP_SYSTEM;
	return false;
}

static void input(struct run *run, int fd, const char *name)
{
	struct recin in;
	struct record r;
	const char *why;
	recin_init(&in, fd, name);
	record_init(&r);
	for (;;) {
		int got = recin_next(&in, &r, &why);
		if (got == 1)
			one(run, &r);
		else if (got < 0)
			refused(run, &in, why);
		else if (in.eof || !refill(run, &in))
			break;
	}
	record_clear(&r);
	recin_clear(&in);
}

enum sp_exit filter_run(const struct filter *f, char *const *files)
{
	struct run run = { .f = f, .worst = SP_OK };
	recout_init(&run.out, STDOUT_FILENO, tool_common.json);
	if (!files || !*files)
		input(&run, STDIN_FILENO, "stdin");
	for (; files && *files; files++) {
		int fd = strcmp(*files, "-") == 0 ? STDIN_FILENO : open(*files, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0) {
			tool_say("unable to open %s: %s", *files, strerror(errno));
			run.worst = SP_SYSTEM;
			continue;
		}
		input(&run, fd, fd == STDIN_FILENO ? "stdin" : *files);
		if (fd != STDIN_FILENO)
			close(fd);
	}
	if (run.seen == 0 && !f->empty_ok)
		run.worst = sp_exit_worse(run.worst, SP_NONE);
	return tool_finish(&run.out, run.worst);
}
