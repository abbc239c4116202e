/* dialtell.c - the progress of a call as records: for the log by step, for --progress
 * with what it says about the line. */
#include "tool/dialtell.h"

#include <arpa/inet.h>
#include <errno.h>

#define STEP 326

void dialtell_note(struct hold_session *h, int step, const char *word)
{
	tool_log(step, word, "session", record_str(&h->rec, "session"), "router", record_str(&h->rec, "router"), NULL);
	hold_progress(h, step, "event", word, NULL);
}

void dialtell_progress(struct hold_session *h, struct record *f)
{
	const char *state = record_str(f, "state"), *line = record_str(f, "line"), *speed = record_str(f, "speed");
	const char *alias = record_str(f, "alias"), *sp = record_str(f, "sp_address"), *reason = record_str(f, "reason");
	tool_log(STEP, "progress", "session", record_str(&h->rec, "session"), "state", state, "line", line, "speed", speed,
	         "alias", alias, "reason", reason, NULL);
	hold_progress(h, STEP, "state", state, "line", line, "speed", speed, "alias", alias, "sp_address", sp, "reason",
	              reason, "detail", record_str(f, "detail"), NULL);
}

bool dialtell_ready(struct hold_session *h, struct record *f)
{
	static const char *const keys[] = { "line", "speed", "alias" };
	struct in_addr a;
	const char *alias = record_str(f, "alias");
	if (alias && inet_pton(AF_INET, alias, &a) != 1)
		return false;
	for (unsigned i = 0; i < 3; i++) {
		struct view v = record_get(f, keys[i]);
		if (v.n && record_setv(&h->rec, view_of(keys[i]), v) != 0)
			tool_say("unable to add %s=: %s", keys[i], strerror(errno));
	}
	record_set(&h->rec, "state", "connected");
	return true;
}

void dialtell_next(struct hold_session *h, const char *detail)
{
	const char *dial = record_str(&h->rec, "dial");
	tool_log(STEP, "next-endpoint", "session", record_str(&h->rec, "session"), "dial", dial, "detail", detail, NULL);
	hold_progress(h, STEP, "event", "next-endpoint", "dial", dial, "detail", detail, NULL);
}

void dialtell_failed(struct hold_session *h, enum sp_exit status, int step, const char *detail)
{
	tool_log(step, status == SP_DENIED ? "refused" : "failed", "session", record_str(&h->rec, "session"), "router",
	         record_str(&h->rec, "router"), "detail", detail, NULL);
}
