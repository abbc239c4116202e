/* holdsession.c - one session's life:  STARTING -> READY -> STOPPING -> DONE; a
 * failure before READY goes straight to DONE (the tool has nothing left to undo). */
#include "tool/hold_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hold_progress_fd = -1;

static void session_over(struct hold_impl *i)
{
	if (i->state == DONE)
		return;
	i->state = DONE;
	loop_cancel(i->holder->loop, &i->timeout);
	if (i->cmd.pid > 0) /* its end comes back to us first: command_ended */
		return;
	i->holder->active--;
	holder_look(i->holder);
}

void session_stop(struct hold_impl *i)
{
	if (i->state == STOPPING || i->state == DONE)
		return;
	i->state = STOPPING;
	loop_cancel(i->holder->loop, &i->timeout);
	holdcmd_end(&i->cmd);
	i->s.undo_by = i->holder->undo_by;
	i->holder->h->stop(&i->s);
}

static void say_failure(struct hold_impl *i, enum sp_exit status)
{
	i->holder->worst = sp_exit_worse(i->holder->worst, status);
	holder_emit(i->holder, &i->s.rec);
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

void hold_give_up(struct hold_session *s, enum sp_exit status, int step, const char *fmt, ...)
{
	WITH_TEXT(fmt, text);
	if (s->impl->state > READY)
		return;
	tool_fail(&s->rec, status, step, "%s", text);
	say_failure(s->impl, status);
	session_stop(s->impl);
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
	hold_give_up(s, status, step, "%s", text);
}

void hold_ended(struct hold_session *s)
{
	session_stop(s->impl);
}

void hold_renewed(struct hold_session *s)
{
	if (s->impl->state == READY)
		holder_emit(s->impl->holder, &s->rec);
}

bool session_renew(struct holder *h, struct record *r)
{
	struct view session = record_get(r, "session"), permit = record_get(r, "permit"), until = record_get(r, "until");
	for (struct hold_impl *i = h->sessions; i && session.n && permit.n; i = i->next) {
		if (i->state > READY || !view_eq(record_get(&i->s.rec, "session"), session) ||
		    view_eq(record_get(&i->s.rec, "permit"), permit))
			continue;
		if (record_setv(&i->s.rec, view_of("permit"), permit) != 0 ||
		    (until.p && record_setv(&i->s.rec, view_of("until"), until) != 0))
			tool_say("unable to renew: %s", strerror(errno));
		else if (h->h->renew)
			h->h->renew(&i->s);
		return true;
	}
	return false;
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
		holder_look(i->holder);
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
		holder_emit(h, &s->rec);
		session_over(i);
		return;
	}
	add_name(i);
	i->state = READY;
	holder_emit(h, &s->rec);
	if (h->h->command && i->state == READY &&
	    holdcmd_start(&i->cmd, h->loop, h->h->command, &s->rec, command_ended, i, &why) != 0)
		hold_lost(s, SP_SYSTEM, 0, "unable to run %s: %s", h->h->command[0], why);
}

static void timed_out(void *arg)
{
	struct hold_impl *i = arg;
	if (i->state == STARTING)
		hold_give_up(&i->s, SP_TIMEOUT, i->holder->h->step, "not ready in time");
}

void session_new(struct holder *h, struct record *r)
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

void sessions_free(struct holder *h)
{
	while (h->sessions) {
		struct hold_impl *i = h->sessions;
		h->sessions = i->next;
		holdcmd_clear(&i->cmd);
		record_clear(&i->s.rec);
		free(i);
	}
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
	/* Who does not read it now goes without: nothing that is held waits for him. */
	if (recout_queue(&out, &r) != 0 || recout_push(&out) < 0)
		hold_progress_fd = -1; /* nobody looks any more */
	recout_clear(&out);
	record_clear(&r);
}
