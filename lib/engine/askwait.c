/* askwait.c - one question and nothing else to do meanwhile. */
#include "engine/ask.h"

#include <stdio.h>

struct waiting {
	const struct ask_conf_question *conf;
	struct loop *loop;
	enum sp_exit status;
	int step;
	bool ended;
	char *detail;
	size_t size;
};

static void on_row(void *arg, struct record *r)
{
	struct waiting *w = arg;
	if (w->conf->row)
		w->conf->row(w->conf->arg, r);
}

static void on_end(void *arg, const struct ask_end *end)
{
	struct waiting *w = arg;
	w->ended = true;
	w->status = end->status;
	w->step = end->step;
	snprintf(w->detail, w->size, "%s", end->detail);
	if (w->conf->end)
		w->conf->end(w->conf->arg, end);
	loop_stop(w->loop);
}

enum sp_exit ask_wait(struct ask *a, const struct ask_conf_question *conf, int *step, char *detail,
                      size_t size)
{
	struct waiting w = { .conf = conf, .loop = ask_loop(a), .status = SP_SYSTEM, .detail = detail, .size = size };
	struct ask_conf_question q = *conf;
	q.row = on_row;
	q.end = on_end;
	q.arg = &w;
	struct question *asked = ask(a, &q);
	snprintf(detail, size, asked ? "interrupted" : "out of memory");
	if (asked && loop_run(w.loop) != 0)
		snprintf(detail, size, "unable to poll");
	if (asked && !w.ended)
		ask_forget(asked);
	*step = w.step;
	return w.status;
}
