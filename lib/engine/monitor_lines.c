/* monitor_lines.c - op=line: a router's line, as the network manager tells it
 * (338). Routers that the store does not have, and states that are none, are
 * refused. */
#include "engine/lines.h"
#include "engine/monitor_impl.h"

static bool state_known(struct view state)
{
	static const char *const words[] = { "idle", "dialing", "connected", "failed", "busy" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (view_is(state, words[i]))
			return true;
	return false;
}

static bool values_short(struct mon_ask *a)
{
	static const char *const keys[] = { "router", "line", "phone", "reason", "detail" };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (record_get(a->q, keys[i]).n > STATE_VALUE_MAX)
			return false;
	return true;
}

static void line_log(struct mon_ask *a, bool changed)
{
	static const char *const keys[] = { "router", "line", "line_state", "phone", "reason", "detail" };
	struct record r = { 0 };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (record_get(a->q, keys[i]).n && record_setv(&r, view_of(keys[i]), record_get(a->q, keys[i])) != 0)
			break;
	mon_log(a, 338, changed ? "line" : "line-known", &r);
	record_clear(&r);
}

void mon_line(struct mon_ask *a)
{
	struct store *s = a->c->m->conf.store;
	const char *router = record_str(a->q, "router"), *line = record_str(a->q, "line");
	struct record answer = { 0 };
	if (!router || !line || !*line || !state_known(record_get(a->q, "line_state")) || !values_short(a)) {
		mon_refuse(a, SP_RECORD, 338, NULL, "router=, line= and line_state= (idle, dialing, connected, failed or busy) are needed, and short values");
		return;
	}
	int rc = lines_router(s, router);
	if (rc == 0) {
		mon_refuse(a, SP_PEER, 338, NULL, "no such router");
		return;
	}
	int full = rc < 0 ? -1 : lines_full(s, router, line);
	if (full > 0) {
		mon_refuse(a, SP_PEER, 338, NULL, "this router has told of 1024 lines already");
		return;
	}
	enum calls_change change = full < 0 ? CALLS_FAILED : lines_state(s, a->q, a->now);
	if (change == CALLS_FAILED) {
		mon_store_failed(a, 338);
		return;
	}
	line_log(a, change == CALLS_CHANGED);
	mon_done(a, &answer);
	record_clear(&answer);
}
