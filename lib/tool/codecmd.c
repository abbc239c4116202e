/* codecmd.c - sp-login --code: a code for each record's user and router. */
#include "tool/codecmd.h"

#include "tool/filter.h"

#include <errno.h>
#include <string.h>

#define STEP 316

struct asking {
	struct ask *ask;
	const char *router;
	struct record *rec; /* being worked on */
	bool done;
};

static void on_end(void *arg, const struct ask_end *end)
{
	static const char *const keys[] = { "code", "code_until" };
	struct asking *c = arg;
	c->done = end->status == SP_OK && end->last;
	for (size_t i = 0; c->done && i < sizeof keys / sizeof *keys; i++) {
		struct view v = record_get(end->last, keys[i]);
		c->done = v.n && record_setv(c->rec, view_of(keys[i]), v) == 0;
	}
}

static bool question(struct asking *c, struct record *r, struct record *q)
{
	struct view router = c->router ? view_of(c->router) : record_get(r, "router");
	return router.n && record_set(q, "op", "code") == 0 && record_setv(q, view_of("router"), router) == 0 &&
	       record_setv(q, view_of("token"), record_get(r, "token")) == 0;
}

static enum sp_exit each(void *arg, struct record *r, struct recout *out)
{
	struct asking *c = arg;
	struct record q;
	int step = 0;
	char detail[512] = "";
	enum sp_exit status = SP_RECORD;
	if (recout_flush(out) != 0) /* before it waits */
		filter_write_failed();
	record_init(&q);
	c->rec = r;
	c->done = false;
	if (question(c, r, &q)) {
		struct ask_conf_question conf = { .record = &q, .deadline = clock_deadline(tool_common.timeout), .end = on_end, .arg = c };
		status = ask_wait(c->ask, &conf, &step, detail, sizeof detail);
		if (status == SP_OK && !c->done)
			status = SP_PEER;
	}
	record_clear(&q);
	tool_log(STEP, status == SP_OK ? "code" : sp_exit_name(status), "user", record_str(r, "user"), "router", record_str(r, "router"), NULL);
	if (status != SP_OK) {
		tool_fail(r, status, STEP, "%s", status == SP_RECORD ? "there is no router=" : *detail ? detail : "no code was given");
		return status;
	}
	if (recout_add(out, r) != 0)
		filter_write_failed();
	return SP_OK;
}

enum sp_exit code_run(struct ask *a, const char *router)
{
	struct asking c = { .ask = a, .router = router };
	return filter_run(&(struct filter){ .each = each, .arg = &c }, NULL);
}
