/* gateshow.c - one question whose rows are the session's states, and a short one for each
 * later permit. */
#include "tool/gateshow.h"

#include <stdlib.h>

#define LATER_MS 10000

struct gateshow {
	struct ask *server;
	struct question *states;
	struct record end; /* the question that says that it is over */
	const struct gateshow_ops *ops;
	void *arg;
	bool shown;
};

static void on_row(void *arg, struct record *row)
{
	struct gateshow *g = arg;
	if (g->shown || !view_is(record_get(row, "state"), "shown"))
		return;
	g->shown = true;
	g->ops->shown(g->arg);
}

static void on_end(void *arg, const struct ask_end *end)
{
	struct gateshow *g = arg;
	g->states = NULL;
	g->ops->over(g->arg, end);
}

static int question(struct record *q, struct record *r)
{
	return record_set(q, "op", "permit") == 0 ? record_setv(q, view_of("permit"), record_get(r, "permit")) : -1;
}

struct gateshow *gateshow_new(struct ask *server, struct record *r, int64_t deadline, const struct gateshow_ops *ops, void *arg)
{
	struct record q = { 0 };
	struct gateshow *g = calloc(1, sizeof *g);
	if (!g)
		return NULL;
	*g = (struct gateshow){ .server = server, .ops = ops, .arg = arg };
	struct ask_conf_question c = { .record = &q, .deadline = deadline, .stream = true, .row = on_row, .end = on_end, .arg = g };
	if (question(&q, r) == 0 && record_set(&g->end, "op", "end") == 0 &&
	    record_setv(&g->end, view_of("session"), record_get(r, "session")) == 0)
		g->states = ask(server, &c);
	record_wipe(&q, "permit");
	record_clear(&q);
	if (g->states)
		return g;
	gateshow_free(g);
	return NULL;
}

void gateshow_later(struct gateshow *g, struct record *r)
{
	struct record q = { 0 };
	struct ask_conf_question c = { .record = &q, .deadline = clock_deadline(LATER_MS) };
	if (question(&q, r) == 0)
		ask(g->server, &c); /* a refusal ends the session's question, too */
	record_wipe(&q, "permit");
	record_clear(&q);
}

void gateshow_free(struct gateshow *g)
{
	if (!g)
		return;
	struct ask_conf_question c = { .record = &g->end, .deadline = clock_deadline(LATER_MS) };
	if (g->states) {
		ask_forget(g->states);
		ask(g->server, &c);
	}
	record_clear(&g->end);
	free(g);
}
