/* watch.c - op=watch, written out until the session's end. */
#include "tool/watch.h"

#include "base/reason.h"
#include "tool/filter.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct watching {
	struct loop *loop;
	struct recout out;
	const char *session;
	enum sp_exit status;
	bool down;
};

static void on_row(void *arg, struct record *row)
{
	struct watching *w = arg;
	struct record r = { 0 };
	if (w->down)
		return;
	if (record_set(&r, "session", w->session) != 0 || record_merge(&r, row) != 0)
		tool_die(SP_SYSTEM, "unable to make a record");
	if (recout_add(&w->out, &r) != 0 || recout_flush(&w->out) != 0) {
		if (errno == EILSEQ)
			tool_die(SP_RECORD, "a value is not UTF-8 and cannot be written as JSON");
		exit((int)tool_finish(&w->out, SP_SYSTEM));
	}
	record_clear(&r);
	if (!view_is(record_get(row, "state"), "down"))
		return;
	w->down = true;
	w->status = reason_exit(reason_of(record_get(row, "reason")));
	loop_stop(w->loop);
}

static void on_reader(void *arg, int fd, short revents)
{
	(void)arg;
	(void)fd;
	if (!(revents & (POLLERR | POLLHUP)))
		return;
	signal(SIGPIPE, SIG_DFL); /* the end that a write would give */
	raise(SIGPIPE);
}

enum sp_exit watch_run(struct ask *monitor, const char *session, const struct secret *token)
{
	struct watching w = { .loop = ask_loop(monitor), .session = session };
	struct record q = { 0 };
	struct stat st;
	char detail[1024];
	int step = 0;
	recout_init(&w.out, STDOUT_FILENO, tool_common.json);
	if (fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		loop_fd(w.loop, STDOUT_FILENO, 0, on_reader, &w);
	if (record_set(&q, "op", "watch") != 0 || record_set(&q, "session", session) != 0 ||
	    (token->n && record_setv(&q, view_of("token"), secret_view(token)) != 0))
		tool_die(SP_SYSTEM, "unable to make a question");
	struct ask_conf_question c = { .record = &q, .deadline = clock_deadline(tool_common.timeout), .stream = true,
		                       .row = on_row, .arg = &w };
	enum sp_exit status = ask_wait(monitor, &c, &step, detail, sizeof detail);
	record_clear(&q);
	if (w.down)
		status = w.status;
	else if (status != SP_OK)
		tool_say("step %d: %s", step ? step : 339, detail);
	return tool_finish(&w.out, status);
}
