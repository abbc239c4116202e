/* flow.c - records in and out around questions that take their time. Output is
 * flushed at the end of each round of the loop, so that a round's answers are
 * one write. */
#include "tool/flow.h"

#include "tool/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct flow_impl {
	struct loop *loop;
	const struct flow *f;
	struct recin in;
	struct recout out;
	struct record rec; /* of the line being looked at */
	struct loop_timer flush;
	unsigned busy;
	unsigned long seen;
	enum sp_exit worst;
	bool taking, reading;
};

static void take(struct flow_impl *m);

static void on_flush(void *arg)
{
	struct flow_impl *m = arg;
	if (recout_flush(&m->out) != 0)
		filter_write_failed();
}

static void put(struct flow_impl *m, struct record *r)
{
	if (recout_add(&m->out, r) != 0)
		filter_write_failed();
	loop_at(m->loop, &m->flush, clock_ms(), on_flush, m);
}

void flow_done(struct flow_item *it, enum sp_exit status)
{
	struct flow_impl *m = it->impl;
	m->worst = sp_exit_worse(m->worst, status);
	put(m, &it->rec);
	record_clear(&it->rec);
	free(it);
	m->busy--;
	take(m);
}

static void begin(struct flow_impl *m)
{
	struct view error = record_get(&m->rec, "error");
	char word[32];
	m->seen++;
	if (error.p) {
		m->worst = sp_exit_worse(m->worst, view_str(error, word, sizeof word) ? sp_exit_of(word) : SP_PEER);
		put(m, &m->rec);
		return;
	}
	struct flow_item *it = calloc(1, sizeof *it);
	if (!it || record_copy(&it->rec, &m->rec) != 0)
		tool_die(SP_SYSTEM, "out of memory");
	it->impl = m;
	m->busy++;
	m->f->start(m->f->arg, it);
}

static void on_input(void *arg, int fd, short revents)
{
	struct flow_impl *m = arg;
	(void)fd, (void)revents;
	if (recin_fill(&m->in) < 0 && errno != EAGAIN) {
		tool_say("unable to read %s: %s", m->in.name, strerror(errno));
		m->worst = SP_SYSTEM;
		m->in.eof = true;
	}
	take(m);
}

/* Takes what is buffered, up to the limit; watches the input while there is room. */
static void take(struct flow_impl *m)
{
	const char *why;
	int got = 1;
	if (m->taking) /* called from within start: the loop below goes on */
		return;
	m->taking = true;
	while (m->busy < m->f->max && (got = recin_next(&m->in, &m->rec, &why)) != 0) {
		if (got == 1) {
			begin(m);
			continue;
		}
		tool_say("%s: line %lu: %s", m->in.name, m->in.line, why);
		m->seen++;
		m->worst = sp_exit_worse(m->worst, SP_RECORD);
	}
	m->taking = false;
	if (got == 0 && m->in.eof && m->busy == 0) /* what else is watched waits for nobody */
		loop_stop(m->loop);
	bool want = got == 0 && !m->in.eof && m->busy < m->f->max;
	if (want == m->reading)
		return;
	m->reading = want;
	if (!want)
		loop_forget(m->loop, m->in.fd);
	else if (loop_fd(m->loop, m->in.fd, POLLIN, on_input, m) != 0)
		tool_die(SP_SYSTEM, "out of memory");
}

enum sp_exit flow_run(struct loop *l, const struct flow *f)
{
	struct flow_impl m = { .loop = l, .f = f, .worst = SP_OK };
	recin_init(&m.in, STDIN_FILENO, "stdin");
	recout_init(&m.out, STDOUT_FILENO, tool_common.json);
	record_init(&m.rec);
	take(&m);
	if (loop_run(l) != 0)
		tool_die(SP_SYSTEM, "poll: %s", strerror(errno));
	if (m.seen == 0)
		m.worst = sp_exit_worse(m.worst, SP_NONE);
	record_clear(&m.rec);
	recin_clear(&m.in);
	return tool_finish(&m.out, m.worst);
}
