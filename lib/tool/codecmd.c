/* codecmd.c - sp-login --code: codes for each record whose router wants them. It may stand
 * between holders: a session has its codes once, however often its record comes with
 * another permit=, and both ends are left to end it. */
#include "tool/codecmd.h"

#include "tool/dialcode.h"
#include "tool/filter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define STEP 316
#define SESSIONS_MAX 1024 /* remembered; then the oldest is forgotten */
#define SESSION_MAX 63    /* bytes; a longer one is nobody's */

struct asking {
	struct asker *asker;
	struct ask *own;
	const char *router;
	struct record *rec; /* being worked on */
	const char *key;    /* of the code that is asked for */
	bool done;
	char known[SESSIONS_MAX][SESSION_MAX + 1];
	unsigned nknown;
};

static void on_end(void *arg, const struct ask_end *end)
{
	struct asking *c = arg;
	struct view code = end->last ? record_get(end->last, "code") : (struct view){ NULL, 0 };
	struct view until = end->last ? record_get(end->last, "code_until") : code;
	if (end->status != SP_OK || !code.n || !until.n)
		return;
	c->done = record_setv(c->rec, view_of(c->key), code) == 0 &&
	          (strcmp(c->key, "code") != 0 || record_setv(c->rec, view_of("code_until"), until) == 0);
	record_wipe(end->last, "code");
}

static bool question(struct asking *c, struct record *r, bool token, struct record *q)
{
	struct view router = c->router ? view_of(c->router) : record_get(r, "router");
	return router.n && record_set(q, "op", "code") == 0 && record_setv(q, view_of("router"), router) == 0 &&
	       (!token || record_setv(q, view_of("token"), record_get(r, "token")) == 0);
}

/* One code, as `key`. SP_OK, or the status and the reason. */
static enum sp_exit get(struct asking *c, struct record *r, const char *key, char *detail, size_t size)
{
	struct record q;
	int step = 0;
	const char *why = "";
	enum sp_exit status = SP_RECORD;
	struct ask *to = asker_of(c->asker, c->own, r, &why);
	bool token = record_get(r, "token").n > 0;
	record_init(&q);
	c->rec = r;
	c->key = key;
	c->done = false;
	if (!to) {
		status = SP_SYSTEM;
		snprintf(detail, size, "%s: %s", record_str(r, "identity"), why);
	} else if (to == c->own && !token && !c->asker->identity && !c->asker->cert) {
		snprintf(detail, size, "the record has %s: sp-login gives it", c->asker->tls ? "no identity=" : "no token=");
	} else if (!question(c, r, token, &q)) {
		snprintf(detail, size, "there is no router=");
	} else {
		struct ask_conf_question conf = { .record = &q, .deadline = clock_deadline(tool_common.timeout), .end = on_end, .arg = c };
		status = ask_wait(to, &conf, &step, detail, size);
		if (status == SP_OK && !c->done) {
			status = SP_PEER;
			snprintf(detail, size, "no code was given");
		}
	}
	record_wipe(&q, "token");
	record_clear(&q);
	return status;
}

/* One for each endpoint that the router may be told to call: it asks again each time. */
static enum sp_exit get_all(struct asking *c, struct record *r, char *detail, size_t size)
{
	enum sp_exit status = get(c, r, "code", detail, size);
	for (unsigned n = 2; status == SP_OK && n <= DIALCODES_MAX; n++) {
		char key[16], dial[16];
		snprintf(key, sizeof key, "code%u", n);
		snprintf(dial, sizeof dial, "dial%u", n);
		if (record_has(r, dial))
			status = get(c, r, key, detail, size);
	}
	return status;
}

/* Has this record's session its codes? From now on it has. */
static bool known(struct asking *c, struct record *r)
{
	struct view session = record_get(r, "session");
	if (!session.n || session.n > SESSION_MAX)
		return false;
	for (unsigned i = 0; i < c->nknown && i < SESSIONS_MAX; i++)
		if (view_is(session, c->known[i]))
			return true;
	return !view_str(session, c->known[c->nknown++ % SESSIONS_MAX], SESSION_MAX + 1);
}

static enum sp_exit each(void *arg, struct record *r, struct recout *out)
{
	struct asking *c = arg;
	char detail[512] = "";
	enum sp_exit status = SP_OK;
	if ((c->router || dialcode_wanted(r)) && !known(c, r)) {
		if (recout_flush(out) != 0) /* before it waits */
			filter_write_failed();
		status = get_all(c, r, detail, sizeof detail);
		tool_log(STEP, status == SP_OK ? "code" : sp_exit_name(status), "user", record_str(r, "user"), "router",
		         c->router ? c->router : record_str(r, "router"), "detail", *detail ? detail : NULL, NULL);
	}
	if (status != SP_OK) {
		dialcode_wipe(r);
		tool_fail(r, status, STEP, "%s", detail);
		return status;
	}
	if (record_has(r, "hold")) { /* Ctrl-C is for all stages: who holds undoes in its turn, then we end */
		signal(SIGINT, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
	}
	if (recout_add(out, r) != 0)
		filter_write_failed();
	return SP_OK;
}

enum sp_exit code_run(struct asker *a, struct ask *own, const char *router)
{
	static struct asking c;
	c.asker = a;
	c.own = own;
	c.router = router;
	return filter_run(&(struct filter){ .each = each, .arg = &c }, NULL);
}
