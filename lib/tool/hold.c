/* hold.c - holders: sessions side by side, both ends watched, undone backwards.
 * A session's life is  STARTING -> READY -> STOPPING -> DONE; a failure before
 * READY goes straight to DONE (the tool has nothing left to undo). */
#include "tool/hold.h"

#include "tool/holdcmd.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READER_GRACE 2000 /* ms that a reader has to go first after a signal */
#define STOP_LIMIT 10000  /* ms that undoing may take */

enum state { STARTING, READY, STOPPING, DONE };

struct holder {
	const struct hold *h;
	struct loop *loop;
	struct recin in;
	struct recout out;
	struct record rec;
	struct hold_impl *sessions;
	uint64_t started;
	unsigned active, signals;
	enum sp_exit worst;
	int command_status;
	bool reader, reader_gone, input_over, unwinding;
	struct loop_timer grace, limit;
};

struct hold_impl {
	struct hold_impl *next;
	struct holder *holder;
	struct hold_session s;
	enum state state;
	bool upstream; /* the record came with hold= */
	struct loop_timer timeout;
	struct holdcmd cmd;
};

int hold_progress_fd = -1;

static void finish_if_over(struct holder *h)
{
	bool no_more = h->unwinding || h->input_over || h->started >= tool_common.max;
	if (no_more && h->active == 0)
		loop_stop(h->loop);
}

static void reader_went(struct holder *h);

static void emit(struct holder *h, struct record *r)
{
	if (h->reader_gone)
		return;
	if (recout_add(&h->out, r) == 0 && recout_flush(&h->out) == 0)
		return;
	h->out.out.len = 0;
	if (errno == EPIPE) {
		reader_went(h);
		return;
	}
	tool_say(errno == EILSEQ ? "a value is not UTF-8 and cannot be written as JSON"
	                         : "unable to write standard output: %s", strerror(errno));
	h->worst = sp_exit_worse(h->worst, errno == EILSEQ ? SP_RECORD : SP_SYSTEM);
	h->reader_gone = true;
	reader_went(h);
}

static void session_over(struct hold_impl *i)
{
	if (i->state == DONE)
		return;
	i->state = DONE;
	loop_cancel(i->holder->loop, &i->timeout);
	if (i->cmd.pid > 0) /* its end comes back to us first: command_ended */
		return;
	i->holder->active--;
	finish_if_over(i->holder);
}

static void session_stop(struct hold_impl *i)
{
	if (i->state == STOPPING || i->state == DONE)
		return;
	i->state = STOPPING;
	loop_cancel(i->holder->loop, &i->timeout);
	holdcmd_end(&i->cmd);
	i->holder->h->stop(&i->s);
}

static void stop_took_too_long(void *arg)
{
	struct holder *h = arg;
	tool_say("undoing takes too long: giving up");
	h->worst = sp_exit_worse(h->worst, SP_TIMEOUT);
	loop_stop(h->loop);
}

static void unwind(struct holder *h)
{
	if (!h->unwinding)
		loop_at(h->loop, &h->limit, clock_deadline(STOP_LIMIT), stop_took_too_long, h);
	h->unwinding = true;
	for (struct hold_impl *i = h->sessions; i; i = i->next)
		session_stop(i);
	finish_if_over(h);
}

static void reader_went(struct holder *h)
{
	h->reader_gone = true;
	if (h->reader)
		loop_forget(h->loop, h->out.fd);
	h->reader = false;
	unwind(h);
}

/* Timers and signals call this from the loop. */
static void unwind_now(void *arg)
{
	unwind(arg);
}

static void on_reader(void *arg, int fd, short revents)
{
	(void)fd;
	if (revents & (POLLERR | POLLHUP | POLLNVAL))
		reader_went(arg);
}

static void on_signal(void *arg, int signo)
{
	struct holder *h = arg;
	(void)signo;
	if (h->signals++ == 0 && h->reader && !h->unwinding)
		loop_at(h->loop, &h->grace, clock_deadline(READER_GRACE), unwind_now, h);
	else
		unwind(h);
}

static void say_failure(struct hold_impl *i, enum sp_exit status)
{
	i->holder->worst = sp_exit_worse(i->holder->worst, status);
	emit(i->holder, &i->s.rec);
}

#define WITH_TEXT(fmt, text)                            \
	char text[1536];                                \
	va_list ap;                                     \
	va_start(ap, fmt);                              \
	vsnprintf(text, sizeof text, fmt, ap);          \
	va_end(ap)

void hold_fail(struct hold_session *s, enum sp_exit status, int step, const char *fmt, ...)
{
	WITH_TEXT(fmt, text);
	if (s->impl->state != STARTING)
		return;
	tool_fail(&s->rec, status, step, "%s", text);
	say_failure(s->impl, status);
	session_over(s->impl);
}

void hold_fail_as(struct hold_session *s, struct record *r, int step)
{
	const char *word = record_str(r, "error"), *detail = record_str(r, "detail"), *st = record_str(r, "step");
	enum sp_exit status = word ? sp_exit_of(word) : SP_PEER;
	int n = st && atoi(st) > 0 ? atoi(st) : step;
	hold_fail(s, status == SP_OK ? SP_PEER : status, n, "%s", detail ? detail : "no reason given");
}

void hold_lost(struct hold_session *s, enum sp_exit status, int step, const char *fmt, ...)
{
	WITH_TEXT(fmt, text);
	if (s->impl->state == STARTING) {
		hold_fail(s, status, step, "%s", text);
		return;
	}
	if (s->impl->state != READY)
		return;
	tool_fail(&s->rec, status, step, "%s", text);
	say_failure(s->impl, status);
	session_stop(s->impl);
}

void hold_ended(struct hold_session *s)
{
	session_stop(s->impl);
}

void hold_done(struct hold_session *s)
{
	session_over(s->impl);
}

static void command_ended(void *arg, int status)
{
	struct hold_impl *i = arg;
	i->holder->command_status = status;
	if (i->state == DONE) {
		i->holder->active--;
		finish_if_over(i->holder);
	} else {
		session_stop(i);
	}
}

static void add_name(struct hold_impl *i)
{
	const char *was = record_str(&i->s.rec, "hold");
	int rc = was && *was ? record_setf(&i->s.rec, "hold", "%s,%s", was, i->holder->h->name)
	                     : record_set(&i->s.rec, "hold", i->holder->h->name);
	if (rc != 0)
		tool_say("unable to add hold=: %s", strerror(errno));
}

void hold_ready(struct hold_session *s)
{
	struct hold_impl *i = s->impl;
	struct holder *h = i->holder;
	const char *why;
	if (i->state != STARTING)
		return;
	loop_cancel(h->loop, &i->timeout);
	if (tool_common.no_hold) {
		emit(h, &s->rec);
		session_over(i);
		return;
	}
	add_name(i);
	i->state = READY;
	emit(h, &s->rec);
	if (h->h->command && i->state == READY &&
	    holdcmd_start(&i->cmd, h->loop, h->h->command, &s->rec, command_ended, i, &why) != 0)
		hold_lost(s, SP_SYSTEM, 0, "unable to run %s: %s", h->h->command[0], why);
}

static void timed_out(void *arg)
{
	struct hold_impl *i = arg;
	if (i->state != STARTING)
		return;
	tool_fail(&i->s.rec, SP_TIMEOUT, i->holder->h->step, "not ready in time");
	say_failure(i, SP_TIMEOUT);
	session_stop(i);
}

static void session_new(struct holder *h, struct record *r)
{
	struct hold_impl *i = calloc(1, sizeof *i);
	if (!i || record_copy(&i->s.rec, r) != 0)
		tool_die(SP_SYSTEM, "out of memory");
	i->next = h->sessions;
	i->holder = h;
	i->upstream = record_has(r, "hold");
	i->s.loop = h->loop;
	i->s.deadline = clock_deadline(tool_common.timeout);
	i->s.config = h->h->config;
	i->s.impl = i;
	h->sessions = i;
	h->started++;
	h->active++;
	if (tool_common.timeout >= 0)
		loop_at(h->loop, &i->timeout, i->s.deadline, timed_out, i);
	h->h->start(&i->s);
}

/* A record with error=: an upstream session has ended; ours of it ends too. */
static void failed_upstream(struct holder *h, struct record *r)
{
	const char *session = record_str(r, "session"), *word = record_str(r, "error");
	h->worst = sp_exit_worse(h->worst, sp_exit_of(word ? word : ""));
	emit(h, r);
	for (struct hold_impl *i = h->sessions; i && session; i = i->next) {
		const char *own = record_str(&i->s.rec, "session");
		if (own && strcmp(own, session) == 0)
			session_stop(i);
	}
}

static void take(struct holder *h)
{
	if (record_has(&h->rec, "error")) {
		failed_upstream(h, &h->rec);
	} else if (h->started >= tool_common.max) {
		tool_fail(&h->rec, SP_USAGE, 0, "more than %llu records: raise --max to hold so many",
		          (unsigned long long)tool_common.max);
		h->worst = sp_exit_worse(h->worst, SP_USAGE);
		emit(h, &h->rec);
	} else {
		session_new(h, &h->rec);
	}
}

static void input_ended(struct holder *h)
{
	loop_forget(h->loop, h->in.fd);
	h->input_over = true;
	if (h->started == 0 && h->in.line == 0)
		h->worst = sp_exit_worse(h->worst, SP_NONE);
	for (struct hold_impl *i = h->sessions; i; i = i->next)
		if (i->upstream)
			session_stop(i);
	finish_if_over(h);
}

static void on_input(void *arg, int fd, short revents)
{
	struct holder *h = arg;
	const char *why;
	(void)fd;
	(void)revents;
	if (recin_fill(&h->in) < 0) {
		if (errno == EAGAIN)
			return;
		h->in.eof = true;
	}
	for (int got; !h->unwinding && (got = recin_next(&h->in, &h->rec, &why)) != 0;) {
		if (got == 1) {
			take(h);
			continue;
		}
		tool_say("%s: line %lu: %s", h->in.name, h->in.line, why);
		h->worst = sp_exit_worse(h->worst, SP_RECORD);
	}
	if (h->in.eof && !h->input_over)
		input_ended(h);
}

static void alone(void *arg)
{
	struct holder *h = arg;
	h->input_over = true;
	session_new(h, &h->rec);
}

static void watch_input(struct holder *h)
{
	if (h->h->alone) {
		loop_at(h->loop, &h->grace, clock_ms(), alone, h); /* from the loop: it may fail at once */
	} else {
		loop_fd(h->loop, STDIN_FILENO, POLLIN, on_input, h);
	}
}

static void watch_reader(struct holder *h)
{
	struct stat st;
	if (fstat(h->out.fd, &st) != 0 || (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)))
		return; /* a terminal, a file: held until a signal or the session's own end */
	h->reader = loop_fd(h->loop, h->out.fd, 0, on_reader, h) == 0;
}

static void sessions_free(struct holder *h)
{
	while (h->sessions) {
		struct hold_impl *i = h->sessions;
		h->sessions = i->next;
		holdcmd_clear(&i->cmd);
		record_clear(&i->s.rec);
		free(i);
	}
}

enum sp_exit hold_run(const struct hold *h)
{
	struct holder me = { .h = h, .worst = SP_OK };
	me.loop = loop_new();
	if (!me.loop)
		tool_die(SP_SYSTEM, "out of memory");
	recin_init(&me.in, STDIN_FILENO, "stdin");
	recout_init(&me.out, STDOUT_FILENO, tool_common.json);
	if (h->setup)
		h->setup(me.loop, h->config);
	loop_signal(me.loop, SIGINT, on_signal, &me);
	loop_signal(me.loop, SIGTERM, on_signal, &me);
	loop_signal(me.loop, SIGHUP, on_signal, &me);
	watch_reader(&me);
	watch_input(&me);
	if (loop_run(me.loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	sessions_free(&me);
	record_clear(&me.rec);
	recin_clear(&me.in);
	recout_clear(&me.out);
	loop_free(me.loop);
	return me.command_status ? (enum sp_exit)me.command_status : me.worst;
}

void hold_progress(struct hold_session *s, int step, const char *key, ...)
{
	struct record r = { 0 };
	struct recout out;
	const char *session = record_str(&s->rec, "session");
	va_list ap;
	if (hold_progress_fd < 0)
		return;
	recout_init(&out, hold_progress_fd, tool_common.json);
	record_setf(&r, "step", "%d", step);
	record_set(&r, "tool", tool_name);
	if (session)
		record_set(&r, "session", session);
	va_start(ap, key);
	for (; key; key = va_arg(ap, const char *)) {
		const char *value = va_arg(ap, const char *);
		if (value)
			record_set(&r, key, value);
	}
	va_end(ap);
	if (recout_add(&out, &r) != 0 || recout_flush(&out) != 0)
		hold_progress_fd = -1; /* nobody looks any more */
	recout_clear(&out);
	record_clear(&r);
}
