/* sp-search - criteria in, one record out per system that matches and that the
 * user may reach (steps 306-310). One channel to the monitor for all records. */
#include "sys/stream.h"
#include "tool/asker.h"
#include "tool/filter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const criteria[] = { "serial", "customer", "site", "phone", "model", "region" };
static const char *const answers[] = { "system", "serial", "customer", "site", "region", "model", "phone" };
#define PAGE_MAX 1000u /* what a monitor takes */
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *given[COUNT(criteria)], *token_file;
static struct asker asker = { .role = ROLE_MONITOR, .client = party_client, .dgram = &ask_dgram };
static uint64_t limit;
static struct secret token;

static const struct opt options[] = {
	ASKER_OPTIONS_SHORT(asker, "monitor"),
	{ "serial", 's', OPT_STR, &given[0], "DIGITS", "all, the first or the last digits of the serial number" },
	{ "customer", 'c', OPT_STR, &given[1], "TEXT", "part of the customer's name" },
	{ "site", 0, OPT_STR, &given[2], "ID", "site" },
	{ "phone", 0, OPT_STR, &given[3], "NUMBER", "telephone number or line address" },
	{ "model", 0, OPT_STR, &given[4], "MODEL", "model" },
	{ "region", 0, OPT_STR, &given[5], "REGION", "region" },
	{ "limit", 'n', OPT_NUM, &limit, "N", "at most N systems for each record" },
	ASKER_OPTIONS_IDENTITY(asker),
	{ "token-file", 0, OPT_STR, &token_file, "FILE", "sp-login's token, when records bring none" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-search",
	.summary = "Finds the systems that match and that you may reach: one record each.",
	.operands = "",
	.opt = options,
};

struct search {
	struct ask *own, *ask; /* ask: of this record's user */
	struct loop *loop;
	struct loop_timer flush;
	struct recout *out;
	struct record *in;  /* the record that is being answered */
	uint64_t count;
	bool stray, full;
};

/* Says what is wrong with standard output and ends: never comes back. */
_Noreturn static void write_failed(struct recout *out)
{
	if (errno == EILSEQ)
		tool_die(SP_RECORD, "a value is not UTF-8 and cannot be written as JSON");
	exit((int)tool_finish(out, SP_SYSTEM));
}

static void flush_now(void *arg)
{
	struct search *s = arg;
	if (recout_flush(s->out) != 0)
		write_failed(s->out);
}

static void on_row(void *arg, struct record *row)
{
	struct search *s = arg;
	struct record r = { 0 };
	if (s->full || s->stray)
		return;
	s->stray = record_get(row, "system").n == 0;
	bool ok = !s->stray && record_copy(&r, s->in) == 0;
	for (size_t i = 0; ok && i < COUNT(answers); i++) {
		struct view v = record_get(row, answers[i]);
		ok = !v.p || record_setv(&r, view_of(answers[i]), v) == 0;
	}
	if (!ok && !s->stray)
		tool_die(SP_SYSTEM, "unable to make a record: %s", strerror(errno));
	if (ok && recout_add(s->out, &r) != 0)
		write_failed(s->out);
	record_clear(&r);
	s->count += ok;
	s->full = limit && s->count >= limit;
	loop_at(s->loop, &s->flush, clock_ms(), flush_now, s); /* once all that came is taken */
	if (s->full || s->stray)
		loop_stop(s->loop);
}

/* The question, and what the log says of it (306). */
static void question(struct record *from, struct record *q)
{
	const char *v[COUNT(criteria)];
	const char *own = record_str(from, "token");
	int rc = record_set(q, "op", "search");
	if (rc == 0 && (own || token.n))
		rc = own ? record_set(q, "token", own) : record_setv(q, view_of("token"), secret_view(&token));
	for (size_t i = 0; i < COUNT(criteria); i++) {
		v[i] = given[i] ? given[i] : record_str(from, criteria[i]);
		if (rc == 0 && v[i] && *v[i])
			rc = record_set(q, criteria[i], v[i]);
	}
	if (rc == 0 && limit) /* of a page; on_row counts them all */
		rc = record_setf(q, "limit", "%u", limit < PAGE_MAX ? (unsigned)limit : PAGE_MAX);
	if (rc != 0)
		tool_die(SP_SYSTEM, "unable to make a question: %s", strerror(errno));
	tool_log(306, "criteria", "user", record_str(from, "user"), criteria[0], v[0], criteria[1], v[1], criteria[2],
	         v[2], criteria[3], v[3], criteria[4], v[4], criteria[5], v[5], NULL);
}

/* The record is marked as failed, and the log has why. */
static enum sp_exit fail(struct record *r, enum sp_exit status, int step, const char *who, const char *why)
{
	tool_fail(r, status, step, "%s%s%s", who, *who ? ": " : "", why);
	tool_log(step, "refused", "user", record_str(r, "user"), "error", sp_exit_name(status), "detail", record_str(r, "detail"), NULL);
	return status;
}

static void log_list(struct search *s)
{
	char count[24];
	snprintf(count, sizeof count, "%llu", (unsigned long long)s->count);
	tool_log(310, "list", "count", count, "user", record_str(s->in, "user"), "monitor", ask_address(s->ask), NULL);
}

static enum sp_exit each(void *arg, struct record *r, struct recout *out)
{
	struct search *s = arg;
	struct record q = { 0 };
	char detail[1024];
	const char *why;
	int step;
	s->out = out;
	s->in = r;
	s->count = 0;
	s->stray = s->full = false;
	flush_now(s); /* before it waits */
	s->ask = asker_of(&asker, s->own, r, &why);
	if (!s->ask)
		return fail(r, SP_SYSTEM, 307, record_str(r, "identity"), why);
	question(r, &q);
	struct ask_conf_question c = { .record = &q, .deadline = clock_deadline(tool_common.timeout),
		                       .paged = true, .row = on_row, .arg = s };
	enum sp_exit status = ask_wait(s->ask, &c, &step, detail, sizeof detail);
	loop_cancel(s->loop, &s->flush);
	record_clear(&q);
	if (s->stray)
		return fail(r, SP_PEER, 309, ask_address(s->ask), "an answer without system=");
	if (status != SP_OK && !s->full)
		return fail(r, status, step ? step : 307, "", *detail ? detail : "refused without a reason");
	log_list(s);
	if (s->count == 0)
		tool_say("no system that you may reach matches");
	return s->count ? SP_OK : SP_NONE;
}

static void on_reader(void *arg, int fd, short revents)
{
	(void)arg;
	(void)fd;
	if (!(revents & (POLLERR | POLLHUP)))
		return;
	signal(SIGPIPE, SIG_DFL); /* the end that a write would give */
	raise(SIGPIPE);
}

static void watch_reader(struct loop *l)
{
	struct stat st;
	if (fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		loop_fd(l, STDOUT_FILENO, 0, on_reader, NULL);
}

/* At a terminal the options are the only record. */
static enum sp_exit from_options(struct search *s)
{
	struct record r = { 0 };
	struct recout out;
	recout_init(&out, STDOUT_FILENO, tool_common.json);
	enum sp_exit status = each(s, &r, &out);
	if (status != SP_OK && status != SP_NONE && recout_add(&out, &r) != 0)
		write_failed(&out);
	record_clear(&r);
	return tool_finish(&out, status);
}

int main(int argc, char **argv)
{
	struct search s = { 0 };
	bool some = false;
	tool_common.timeout = 10000;
	if (tool_options(&tool, argc, argv) != argc)
		tool_die(SP_USAGE, "no operands are known: see --help");
	for (size_t i = 0; i < COUNT(criteria); i++)
		some |= given[i] != NULL;
	if (token_file)
		tool_password(&token, token_file, NULL, NULL);
	s.loop = loop_new();
	if (!s.loop)
		tool_die(SP_SYSTEM, "out of memory");
	s.own = asker_new(&asker, "monitor", s.loop);
	tool_confine();
	watch_reader(s.loop);
	enum sp_exit status = some && isatty(STDIN_FILENO)
	                              ? from_options(&s)
	                              : filter_run(&(struct filter){ .each = each, .arg = &s }, NULL);
	ask_free(s.own);
	asker_clear(&asker);
	loop_free(s.loop);
	secret_clear(&token);
	return (int)status;
}
