/* ticketcheck.c - the question about a ticket, and what the answer means. Refuses
 * what does not say decision=accept. */
#include "engine/ticketcheck.h"

#include "base/exit.h"

#include <sqlite3.h>

/* Of the system, as far as it is known. 1/0/-1. */
static int facts(struct store *s, const char *system, struct record *q)
{
	static const char *const keys[] = { "serial", "customer", "site", "model" };
	struct sqlite3_stmt *st = store_use(s, false,
		"SELECT s.serial, c.name, s.site, s.model FROM systems s LEFT JOIN customers c ON c.customer=s.customer "
		"WHERE s.system=:system");
	if (!st)
		return -1;
	store_binds(st, ":system", system);
	int rc = store_step(s, st);
	for (int i = 0; rc == 1 && i < 4; i++)
		if (*store_text(st, i) && record_set(q, keys[i], store_text(st, i)) != 0)
			rc = -1;
	sqlite3_reset(st);
	return rc;
}

int ticket_question(struct store *s, struct record *about, struct record *q)
{
	static const char *const keys[] = { "ticket", "user", "domain", "groups", "workstation", "session", "system" };
	const char *system = record_str(about, "system");
	record_clear(q);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct view v = record_get(about, keys[i]);
		if (v.n && record_setv(q, view_of(keys[i]), v) != 0)
			return -1;
	}
	return system ? facts(s, system, q) : 0;
}

enum ticket_verdict ticket_verdict(struct record *r, const char *why, const char **detail)
{
	*detail = r && record_str(r, "detail") ? record_str(r, "detail") : r ? "" : why;
	if (!r)
		return TICKET_SILENT;
	const char *error = record_str(r, "error");
	if (!error)
		return view_is(record_get(r, "decision"), "accept") ? TICKET_ACCEPTED : TICKET_REFUSED;
	switch (sp_exit_of(error)) {
	case SP_TIMEOUT:
	case SP_BUSY:
	case SP_PEER:
	case SP_SYSTEM: return TICKET_SILENT;
	default: return TICKET_REFUSED;
	}
}
