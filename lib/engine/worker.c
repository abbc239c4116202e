/* worker.c - a filter that is kept running.
 * Its pipes are non-blocking: a filter that does not read makes questions run
 * into their deadlines, nothing else. Answers to nobody are ignored. An answer may
 * free the worker (a link that ends over it): `busy` keeps the storage. */
#include "engine/worker.h"

#include "base/num.h"
#include "base/recio.h"
#include "sys/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define OUT_MAX (8u << 20) /* thousands of calls may end at once, each with its accounting */
#define TURN_MS 10 /* of answers; what they bring about may take long, and others, signals too, wait */

const char worker_late[] = "no answer in time";

struct question {
	struct question *next;
	struct worker *w;
	uint64_t id;
	worker_fn *fn;
	void *arg;
	struct loop_timer late;
};

struct worker {
	struct loop *loop;
	char **argv;
	pid_t pid;
	int to, from;
	struct recin in;
	struct record rec;
	struct buf out;
	struct question *questions;
	uint64_t last_id;
	void (*gone)(void *arg);
	void *gone_arg;
	struct loop_timer kill_at, more;
	unsigned busy;
	bool finishing, freed;
};

struct worker *worker_new(struct loop *l, const char *command)
{
	struct worker *w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	*w = (struct worker){ .loop = l, .to = -1, .from = -1 };
	record_init(&w->rec);
	buf_init(&w->out, OUT_MAX);
	w->argv = spawn_split(command);
	if (!w->argv || !w->argv[0]) {
		errno = w->argv ? EINVAL : ENOMEM;
		free(w->argv);
		free(w);
		return NULL;
	}
	return w;
}

static void unlink_q(struct question *q)
{
	struct question **p = &q->w->questions;
	while (*p != q)
		p = &(*p)->next;
	*p = q->next;
	loop_cancel(q->w->loop, &q->late);
}

static void answer(struct question *q, struct record *r, const char *why)
{
	unlink_q(q);
	if (q->fn)
		q->fn(q->arg, r, why);
	free(q);
}

static void dispose(struct worker *w)
{
	recin_clear(&w->in);
	buf_clear(&w->out);
	record_clear(&w->rec);
	free(w->argv);
	free(w);
}

static void leave(struct worker *w)
{
	if (--w->busy == 0 && w->freed)
		dispose(w);
}

static void shut(int *fd, struct loop *l)
{
	if (*fd < 0)
		return;
	loop_forget(l, *fd);
	close(*fd);
	*fd = -1;
}

/* It ended, or is of no use: who waits is told. */
static void lost(struct worker *w, const char *why)
{
	loop_cancel(w->loop, &w->more);
	shut(&w->to, w->loop);
	shut(&w->from, w->loop); /* the input's buffer stays: an answer may point into it */
	buf_wipe(&w->out);
	while (w->questions)
		answer(w->questions, NULL, why);
}

static void matched(struct worker *w, struct record *r)
{
	uint64_t id;
	if (!num_u64(record_get(r, "id"), 1, UINT64_MAX, &id))
		return;
	record_drop(r, "id");
	for (struct question *q = w->questions; q; q = q->next)
		if (q->id == id) {
			answer(q, r, "");
			return;
		}
}

/* Of what was read as much as there is time for. Is that all? */
static bool take(struct worker *w)
{
	int64_t until = clock_deadline(TURN_MS);
	const char *why;
	int got;
	while (w->from >= 0 && (got = recin_next(&w->in, &w->rec, &why)) != 0) {
		if (got == 1)
			matched(w, &w->rec);
		if (w->from >= 0 && recin_ready(&w->in) && clock_ms() >= until)
			return false;
	}
	return true;
}

static void on_answer(void *arg, int fd, short revents);
static void on_more(void *arg);

static void turn(struct worker *w)
{
	w->busy++;
	if (!take(w)) {
		loop_forget(w->loop, w->from);
		loop_at(w->loop, &w->more, clock_ms(), on_more, w);
	} else if (w->from >= 0 && (w->in.eof || loop_fd(w->loop, w->from, POLLIN, on_answer, w) != 0)) {
		lost(w, w->pid == 0 ? "the filter ended" : w->in.eof ? "the filter closed its output" : "out of memory");
	}
	leave(w);
}

static void on_more(void *arg)
{
	turn(arg);
}

static void on_answer(void *arg, int fd, short revents)
{
	struct worker *w = arg;
	(void)fd;
	(void)revents;
	if (recin_fill(&w->in) < 0 && errno != EAGAIN)
		w->in.eof = true;
	turn(w);
}

static void on_child(void *arg, pid_t pid, int status)
{
	struct worker *w = arg;
	(void)pid;
	(void)status;
	w->pid = 0;
	loop_cancel(w->loop, &w->kill_at);
	w->busy++;
	w->in.eof = true; /* who was started by it may still have its output */
	turn(w);
	if (w->gone && !w->freed)
		w->gone(w->gone_arg);
	leave(w);
}

static void push(struct worker *w);

static void on_room(void *arg, int fd, short revents)
{
	struct worker *w = arg;
	(void)fd;
	(void)revents;
	w->busy++;
	push(w);
	leave(w);
}

static void push(struct worker *w)
{
	while (w->out.len && w->to >= 0) {
		ssize_t n = write(w->to, w->out.data, w->out.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			lost(w, "the filter closed its input");
			return;
		}
		if (n < 0)
			break;
		buf_consume(&w->out, (size_t)n);
	}
	if (w->to < 0)
		return;
	if (w->out.len) {
		loop_fd(w->loop, w->to, POLLOUT, on_room, w);
		return;
	}
	buf_wipe(&w->out);
	if (w->finishing)
		shut(&w->to, w->loop);
	else
		loop_forget(w->loop, w->to);
}

static void reaped(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

int worker_start(struct worker *w)
{
	if (w->from >= 0)
		return 0;
	if (w->pid > 0) { /* the last one closed its pipes and still runs */
		kill(w->pid, SIGTERM);
		loop_child_forget(w->loop, w->pid);
		loop_child(w->loop, w->pid, reaped, NULL);
	}
	w->pid = spawn_filter(w->argv, &w->to, &w->from);
	if (w->pid < 0) {
		w->pid = 0;
		return -1;
	}
	recin_clear(&w->in);
	recin_init(&w->in, w->from, w->argv[0]);
	if (loop_child(w->loop, w->pid, on_child, w) == 0 && loop_fd(w->loop, w->from, POLLIN, on_answer, w) == 0)
		return 0;
	kill(w->pid, SIGTERM);
	lost(w, "out of memory");
	errno = ENOMEM;
	return -1;
}

static void too_late(void *arg)
{
	struct question *q = arg;
	struct worker *w = q->w;
	w->busy++;
	answer(q, NULL, worker_late);
	leave(w);
}

int worker_ask(struct worker *w, struct record *r, int64_t deadline, worker_fn *fn, void *arg)
{
	if (worker_start(w) != 0)
		return -1;
	struct question *q = calloc(1, sizeof *q);
	if (!q)
		return -1;
	*q = (struct question){ .next = w->questions, .w = w, .id = ++w->last_id, .fn = fn, .arg = arg };
	if (record_setf(r, "id", "%llu", (unsigned long long)q->id) != 0 || record_write(r, &w->out) != 0) {
		free(q);
		return -1;
	}
	record_drop(r, "id");
	w->questions = q;
	loop_at(w->loop, &q->late, deadline, too_late, q);
	/* Not now: lost() calls back, and that must come from the loop. */
	return loop_fd(w->loop, w->to, POLLOUT, on_room, w);
}

void worker_forget(struct worker *w, const void *arg)
{
	for (struct question *q = w->questions; q; q = q->next)
		if (q->arg == arg)
			q->fn = NULL;
}

static void kill_now(void *arg)
{
	struct worker *w = arg;
	if (w->pid > 0)
		kill(w->pid, SIGKILL);
}

void worker_finish(struct worker *w, int64_t deadline, void (*gone)(void *arg), void *arg)
{
	w->finishing = true;
	w->busy++;
	push(w); /* closes its input when all is written, now or later */
	leave(w);
	if (w->pid <= 0) {
		gone(arg);
		return;
	}
	w->gone = gone;
	w->gone_arg = arg;
	loop_at(w->loop, &w->kill_at, deadline, kill_now, w);
}

void worker_free(struct worker *w)
{
	if (!w || w->freed)
		return;
	w->freed = true;
	for (struct question *q = w->questions; q; q = q->next)
		q->fn = NULL;
	lost(w, "");
	loop_cancel(w->loop, &w->kill_at);
	if (w->pid > 0)
		loop_child_forget(w->loop, w->pid);
	if (!w->busy)
		dispose(w);
}
