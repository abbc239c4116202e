/* spool.c - a server's standard output. */
#include "tool/spool.h"

#include "tool/tool.h"

#include <errno.h>
#include <string.h>

void spool_init(struct spool *s, struct loop *l, int fd, bool json)
{
	*s = (struct spool){ .loop = l, .max = SPOOL_MAX };
	recout_init(&s->out, fd, json);
}

static void over(struct spool *s, int e)
{
	if (e != EPIPE)
		tool_say("unable to write standard output: %s", strerror(e));
	else
		tool_say("nobody reads standard output any more: what happens is no longer told there");
	s->gone = true;
	s->error = e;
	s->out.out.len = 0;
	loop_forget(s->loop, s->out.fd);
}

static void tell_lost(struct spool *s)
{
	struct record r = { 0 };
	if (!s->lost)
		return;
	record_setf(&r, "lost", "%llu", (unsigned long long)s->lost);
	s->lost = 0;
	spool_add(s, &r);
	record_clear(&r);
}

static void told(struct spool *s)
{
	void (*empty)(void *) = s->empty;
	s->empty = NULL;
	if (empty)
		empty(s->empty_arg);
}

static void on_room(void *arg, int fd, short revents)
{
	struct spool *s = arg;
	struct buf *b = &s->out.out;
	(void)fd;
	(void)revents;
	if (recout_push(&s->out) < 0) /* as much as the reader takes now: the input may come faster than our turns */
		over(s, errno);
	if (!s->gone && b->len < s->max / 2)
		tell_lost(s);
	if (b->len)
		return;
	loop_forget(s->loop, s->out.fd);
	told(s);
}

void spool_add(struct spool *s, struct record *r)
{
	if (s->gone)
		return;
	if (s->out.out.len > s->max || s->lost) {
		s->lost++;
		return;
	}
	struct buf *b = &s->out.out;
	int rc = s->out.json ? json_of_record(r, b) : record_write(r, b);
	if (rc != 0 || loop_fd(s->loop, s->out.fd, POLLOUT, on_room, s) != 0)
		s->lost++;
}

void spool_end(struct spool *s, void (*empty)(void *arg), void *arg)
{
	s->empty = empty;
	s->empty_arg = arg;
	if (s->gone || s->out.out.len == 0)
		told(s);
}

struct last {
	struct loop *loop;
	bool over;
};

static void last_out(void *arg)
{
	struct last *l = arg;
	l->over = true;
	loop_stop(l->loop);
}

void spool_last(struct spool *s)
{
	struct last l = { .loop = s->loop };
	struct loop_timer late = { 0 };
	loop_at(s->loop, &late, clock_deadline(SPOOL_LAST_MS), last_out, &l);
	spool_end(s, last_out, &l);
	if (!l.over)
		loop_run(s->loop);
	loop_cancel(s->loop, &late);
}

void spool_clear(struct spool *s)
{
	loop_forget(s->loop, s->out.fd);
	recout_clear(&s->out);
}
