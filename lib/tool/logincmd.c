/* logincmd.c - sp-login's client: one question to the security server for all
 * records of the same user and group, and one more for each challenge that it
 * answers with; the password is asked for once, when the first record is there. The
 * certificate that comes goes into a file, which the records name; from a server that
 * gives none there is a token. Holds nothing. */
#include "tool/logincmd.h"

#include "sys/key.h"
#include "tool/filter.h"
#include "tool/identity.h"
#include "wire/username.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const answers[] = { "user", "domain", "group", "groups", "token", "token_until", "identity",
	                             "identity_until" };
static const char *const asked[] = { "user", "domain", "group" };
#define ROUNDS_MAX 8 /* nobody is asked without end */
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct login_client {
	struct ask *ask;
	const struct login_options *o;
	struct record who;    /* the last question, without secrets */
	struct record answer; /* what was answered to it */
	bool known;           /* there is a last question */
	enum sp_exit status;
	int step;
	char detail[512];
	bool have_password;
	struct secret password, group_password;
	struct evp_pkey_st *key; /* of the last question */
};

static void must(int rc)
{
	if (rc != 0)
		tool_die(SP_SYSTEM, "unable to make a record: %s", strerror(errno));
}

/* Who this record is about: options, else its fields, else $USER. */
static void identify(const struct login_options *o, struct record *r, struct record *who)
{
	const char *user = o->user ? o->user : record_str(r, "user");
	const char *domain = o->domain ? o->domain : record_str(r, "domain");
	const char *group = o->group ? o->group : record_str(r, "group");
	if (!user || !*user)
		user = getenv("USER");
	if (!user || !*user)
		tool_die(SP_USAGE, "who are you? --user is needed");
	struct username u = username_split(view_of(user));
	must(record_setv(who, view_of("user"), u.user));
	if (u.domain.n)
		must(record_setv(who, view_of("domain"), u.domain));
	else if (domain && *domain)
		must(record_set(who, "domain", domain));
	if (group && *group)
		must(record_set(who, "group", group));
}

static bool same(struct record *a, struct record *b)
{
	for (size_t i = 0; i < COUNT(asked); i++)
		if (!view_eq(record_get(a, asked[i]), record_get(b, asked[i])))
			return false;
	return true;
}

static void passwords(struct login_client *c)
{
	const struct login_options *o = c->o;
	char prompt[256];
	if (c->have_password)
		return;
	snprintf(prompt, sizeof prompt, "Password for %s: ", record_str(&c->who, "user"));
	tool_password(&c->password, o->password_file, o->password_fd, prompt);
	if (o->group_password_file || o->group_password_fd || o->group_password)
		tool_password(&c->group_password, o->group_password_file, o->group_password_fd,
		              "Password of the group: ");
	c->have_password = true;
}

static void on_end(void *arg, const struct ask_end *end)
{
	struct login_client *c = arg;
	if (end->status == SP_OK && end->last)
		must(record_copy(&c->answer, end->last));
}

static void fail(struct login_client *c, enum sp_exit status, const char *what, const char *why)
{
	c->status = status;
	snprintf(c->detail, sizeof c->detail, "%s: %s%s", ask_address(c->ask), what, why);
}

/* The answer's certificate becomes a file. */
static void keep(struct login_client *c)
{
	char path[PATH_MAX];
	struct view certificate = record_get(&c->answer, "certificate"), until = record_get(&c->answer, "certificate_until");
	if (!certificate.n && (!record_get(&c->answer, "token").n || !record_get(&c->answer, "token_until").n)) {
		fail(c, SP_PEER, "an answer without certificate= or token=", "");
		return;
	}
	if (!certificate.n)
		return;
	record_drop(&c->answer, "token");
	record_drop(&c->answer, "token_until");
	const char *why = identity_keep(c->key, certificate, c->o->identity, &c->who, path);
	if (why) {
		fail(c, SP_SYSTEM, "unable to keep the certificate: ", why);
		return;
	}
	must(record_set(&c->answer, "identity", path));
	must(record_setv(&c->answer, view_of("identity_until"), until));
}

static void question(struct login_client *c, struct record *q)
{
	struct buf csr;
	buf_init(&csr, 4096);
	key_free(c->key);
	c->key = identity_new(record_str(&c->who, "user"), &csr);
	must(record_copy(q, &c->who));
	must(record_set(q, "op", "login"));
	must(record_setv(q, view_of("csr"), buf_view(&csr)));
	buf_clear(&csr);
}

/* Sends q, which is wiped, and waits for what is answered. */
static void ask_server(struct login_client *c, struct record *q)
{
	struct ask_conf_question conf = { .record = q, .deadline = clock_deadline(tool_common.timeout),
	                                  .end = on_end, .arg = c };
	record_clear(&c->answer);
	c->status = ask_wait(c->ask, &conf, &c->step, c->detail, sizeof c->detail);
	record_wipe(q, "password");
	record_wipe(q, "group_password");
	record_clear(q);
	tool_log(302, "asked", "user", record_str(&c->who, "user"), "server", ask_address(c->ask), NULL);
}

static void log_in(struct login_client *c)
{
	struct record q;
	record_init(&q);
	question(c, &q);
	must(record_setv(&q, view_of("password"), secret_view(&c->password)));
	if (c->group_password.n)
		must(record_setv(&q, view_of("group_password"), secret_view(&c->group_password)));
	ask_server(c, &q);
}

/* The user is asked what the server wants to know besides, until it wants no more. */
static void answer_challenges(struct login_client *c)
{
	for (int i = 0; i < ROUNDS_MAX && c->status == SP_OK && record_get(&c->answer, "challenge").n; i++) {
		const char *prompt = record_str(&c->answer, "prompt");
		bool echo = view_is(record_get(&c->answer, "echo"), "yes");
		struct secret code;
		struct record q;
		record_init(&q);
		tool_log(304, "challenged", "user", record_str(&c->who, "user"), NULL);
		tool_code(&code, c->o->code_file, c->o->code_fd, prompt && *prompt ? prompt : "Code: ", echo);
		must(record_set(&q, "op", "answer"));
		must(record_setv(&q, view_of("challenge"), record_get(&c->answer, "challenge")));
		must(record_setv(&q, view_of("password"), secret_view(&code)));
		secret_clear(&code);
		ask_server(c, &q);
	}
}

static void conclude(struct login_client *c)
{
	if (c->status == SP_OK)
		keep(c);
	const char *event = c->status == SP_OK ? "accepted" : c->status == SP_DENIED ? "refused" : sp_exit_name(c->status);
	tool_log(305, event, "user", record_str(&c->who, "user"), "groups", record_str(&c->answer, "groups"),
	         "certificate_id", record_str(&c->answer, "certificate_id"), "detail", c->status == SP_OK ? NULL : c->detail, NULL);
}

static void learn(struct login_client *c, struct record *who)
{
	must(record_copy(&c->who, who));
	c->known = true;
	tool_log(301, "user", "user", record_str(who, "user"), "domain", record_str(who, "domain"), "group",
	         record_str(who, "group"), NULL);
	passwords(c);
	log_in(c);
	answer_challenges(c);
	conclude(c);
}

static enum sp_exit each(void *arg, struct record *r, struct recout *out)
{
	struct login_client *c = arg;
	struct record who;
	record_init(&who);
	identify(c->o, r, &who);
	if (!c->known || !same(&who, &c->who)) {
		if (recout_flush(out) != 0) /* before it waits */
			filter_write_failed();
		learn(c, &who);
	}
	record_clear(&who);
	if (c->status != SP_OK) {
		tool_fail(r, c->status, c->status == SP_DENIED ? 305 : c->step ? c->step : 302, "%s", c->detail);
		return c->status;
	}
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct view v = record_get(&c->answer, answers[i]);
		if (!v.p)
			record_drop(r, answers[i]);
		else if (record_setv(r, view_of(answers[i]), v) != 0) {
			tool_fail(r, SP_RECORD, 305, "the record has no room for what proves it");
			return SP_RECORD;
		}
	}
	if (recout_add(out, r) != 0)
		filter_write_failed();
	return SP_OK;
}

enum sp_exit login_run(struct ask *a, const struct login_options *o)
{
	struct login_client c = { .ask = a, .o = o };
	enum sp_exit status = filter_run(&(struct filter){ .each = each, .arg = &c }, NULL);
	record_clear(&c.who);
	record_clear(&c.answer);
	key_free(c.key);
	secret_clear(&c.password);
	secret_clear(&c.group_password);
	return status;
}
