/* codecheck.c - sp-auth --code: FreeRADIUS's exec module runs it to have a password
 * checked that is a code. That module has no other way to give a password to a program
 * than its environment: it must be asked with codes only, which are worth nothing once
 * they were looked at. Refuses what that module cannot have written. */
#include "tool/codecmd.h"

#include <stdlib.h>
#include <string.h>

enum { ACCEPTED, REFUSED, FAILED };

/* A value as FreeRADIUS prints it: in double quotes, with \" and \\ inside. */
static bool unquote(const char *text, char *out, size_t size)
{
	size_t n = text ? strlen(text) : 0, at = 0;
	bool quoted = n >= 2 && text[0] == '"' && text[n - 1] == '"';
	size_t end = quoted ? n - 1 : n;
	for (size_t i = quoted; i < end; i++) {
		if (quoted && text[i] == '\\' && (++i == end || (text[i] != '\\' && text[i] != '"')))
			return false;
		if (at + 1 >= size)
			return false;
		out[at++] = text[i];
	}
	out[at] = '\0';
	return at > 0;
}

static bool add(struct record *q, const char *key, const char *variable)
{
	char value[256];
	bool ok = unquote(getenv(variable), value, sizeof value) && record_set(q, key, value) == 0;
	explicit_bzero(value, sizeof value);
	return ok;
}

static int one(struct ask *a, const struct record *q, int64_t deadline)
{
	struct ask_conf_question conf = { .record = q, .deadline = deadline };
	int step;
	char detail[512];
	enum sp_exit status = ask_wait(a, &conf, &step, detail, sizeof detail);
	if (status != SP_OK && status != SP_DENIED)
		tool_say("%s: %s", ask_address(a), detail);
	return status == SP_OK ? ACCEPTED : status == SP_DENIED ? REFUSED : FAILED;
}

/* Each knows its own codes only: who refuses does not speak for the others. */
static int all(struct asker *a, struct loop *l, const struct record *q, int64_t deadline)
{
	int worst = REFUSED;
	for (unsigned i = 0; i < a->address.n; i++) {
		struct ask *k = asker_one(a, i, l);
		int rc = one(k, q, deadline);
		ask_free(k);
		if (rc == ACCEPTED)
			return ACCEPTED;
		worst = rc > worst ? rc : worst;
	}
	return worst;
}

int code_check(struct asker *a, struct loop *l, const char *router, int64_t timeout_ms)
{
	struct record q;
	int rc = REFUSED;
	record_init(&q);
	bool whole = record_set(&q, "op", "check") == 0 && add(&q, "user", "USER_NAME") && add(&q, "code", "USER_PASSWORD") &&
	             (router ? record_set(&q, "router", router) == 0 : add(&q, "router", "NAS_IDENTIFIER"));
	unsetenv("USER_PASSWORD"); /* what we run needs it not */
	if (whole)
		rc = all(a, l, &q, clock_deadline(timeout_ms));
	record_wipe(&q, "code");
	const char *event = rc == ACCEPTED ? "accepted" : rc == REFUSED ? "refused" : "failed";
	tool_log(319, event, "user", record_str(&q, "user"), "router", record_str(&q, "router"), NULL);
	record_clear(&q);
	return rc;
}
