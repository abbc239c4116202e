/* may.c - the grants of a user for one system, looked at one by one. The SQL is
 * made of the same pieces as a search's (reach.h), so that both say the same.
 * Refuses what would open more ranges of ports than a permit can hold. */
#include "engine/may.h"

#include "base/fold.h"
#include "engine/load.h"
#include "engine/window.h"

#include <sqlite3.h>

#define RULE_MAX 8192

enum why { NO_GRANT, EXPIRED, NOT_YET, CLOSED, APPLIES }; /* the nearer to yes the later */

static const char *const why_word[] = { "no-grant", "expired", "not-yet-valid", "outside-window", "" };

static int say(struct may *m, const char *word)
{
	m->rule.len = 0;
	return buf_adds(&m->rule, word);
}

/* "expired group=support scope=customer object=acme" */
static int rule_of(struct may *m, enum why why, struct record *grant)
{
	const char *sep = *why_word[why] ? " " : "";
	int rc = say(m, why_word[why]);
	for (size_t i = 0; i < grant->n && rc == 0; i++, sep = " ") {
		struct view v = field_value(grant, &grant->field[i]);
		rc = buf_printf(&m->rule, "%s%.*s=%.*s", sep, (int)grant->field[i].key.n, grant->field[i].key.p, (int)v.n, v.p);
	}
	return rc;
}

static enum why why_of(struct record *grant, const char *now, bool applies)
{
	const char *from = record_str(grant, "valid_from"), *until = record_str(grant, "valid_until");
	return applies                               ? APPLIES
	       : from && strcmp(from, now) > 0       ? NOT_YET
	       : until && strcmp(until, now) <= 0    ? EXPIRED
	                                             : CLOSED;
}

static time_t end_of(struct record *grant, time_t now)
{
	const char *zone = record_str(grant, "zone"), *why;
	struct window w;
	time_t until = WINDOW_ALWAYS, valid;
	if (window_parse(record_get(grant, "window"), &w, &why))
		until = window_until(&w, zone ? zone : "", now);
	return time_parse(record_get(grant, "valid_until"), &valid) && valid < until ? valid : until;
}

/* Takes in a grant that applies. 1, 0 it opens too many ranges. */
static int take(struct may *m, struct record *grant, time_t now)
{
	struct ports p;
	const char *why;
	time_t end = end_of(grant, now);
	if (end > m->until)
		m->until = end;
	return ports_parse(record_get(grant, "ports"), &p, &why) && ports_union(&m->ports, &p, &m->ports);
}

/* His grants that have this system in their scope. How near to yes they come, or -1. */
static int look(struct may *m, struct store *s, const struct reach *r, struct sqlite3_stmt *st)
{
	const struct table *t = table_find("grants");
	struct record grant = { 0 };
	int best = NO_GRANT, got = 0, fits = 1;
	time_t now;
	if (!time_parse(view_of(r->now), &now))
		return -1;
	while (fits && (got = store_step(s, st)) == 1) {
		if (dump_record(t, st, &grant) != 0)
			break;
		enum why why = why_of(&grant, r->now, sqlite3_column_int(st, sqlite3_column_count(st) - 1));
		if ((int)why > best && rule_of(m, why, &grant) != 0)
			break;
		best = (int)why > best ? (int)why : best;
		fits = why != APPLIES || take(m, &grant, now);
	}
	sqlite3_reset(st);
	record_clear(&grant);
	if (got == 0 && best == NO_GRANT)
		return say(m, why_word[NO_GRANT]) == 0 ? best : -1;
	m->too_many = !fits;
	if (!fits)
		return say(m, "too-many-ports") == 0 ? NO_GRANT : -1;
	return got == 0 ? best : -1;
}

/* Is there such a system at all? 1/0/-1. */
static int exists(struct store *s, const char *system)
{
	struct sqlite3_stmt *st = store_use(s, false, "SELECT 1 FROM systems WHERE system=:system");
	if (!st)
		return -1;
	store_binds(st, ":system", system);
	int rc = store_step(s, st);
	sqlite3_reset(st);
	return rc;
}

int may_system(struct may *m, struct store *s, const struct reach *r, bool known, const char *system)
{
	*m = (struct may){ 0 };
	buf_init(&m->rule, RULE_MAX);
	int rc = known ? exists(s, system) : 0;
	if (!known)
		say(m, r->user[0] ? "user-blocked" : "no-user");
	else if (rc == 0)
		say(m, "no-such-system");
	if (rc == 1) {
		struct sqlite3_stmt *st = store_use(s, false,
			"SELECT g.*, " REACH_NOW " FROM systems s CROSS JOIN grants g ON " REACH_SCOPE_ALL
			" WHERE s.system=:system AND " REACH_HIS " ORDER BY g.\"user\", g.\"domain\", g.\"group\", g.scope, g.object, g.valid_from");
		if (st) {
			reach_bind(r, st);
			store_binds(st, ":system", system);
		}
		rc = st ? look(m, s, r, st) : -1;
		m->allow = rc == APPLIES;
	}
	if (!m->allow)
		m->until = 0;
	return rc < 0 || buf_addc(&m->rule, '\0') != 0 ? -1 : 0;
}

void may_clear(struct may *m)
{
	buf_clear(&m->rule);
}

int may_answer(const struct may *m, struct record *r)
{
	char text[PORTS_TEXT], until[TIME_TEXT];
	if (record_set(r, "decision", m->allow ? "allow" : "deny") != 0 || record_set(r, "rule", m->rule.data) != 0)
		return -1;
	ports_write(&m->ports, text);
	if (m->allow && *text && record_set(r, "ports", text) != 0)
		return -1;
	if (!m->allow || m->until == WINDOW_ALWAYS)
		return 0;
	time_text(m->until, until);
	return record_set(r, "may_until", until);
}

int may_find(struct store *s, struct view serial, char system[MAY_SYSTEM])
{
	struct sqlite3_stmt *st = store_use(s, false, "SELECT system FROM systems WHERE serial_fold=:serial LIMIT 2");
	struct buf fold;
	int n = 0, got = 0;
	system[0] = '\0';
	buf_init(&fold, 4 * RECORD_LINE_MAX);
	if (!st || fold_serial(serial, &fold) != 0)
		got = -1;
	else if (fold.len)
		store_bind(st, ":serial", buf_view(&fold));
	while (got >= 0 && fold.len && (got = store_step(s, st)) == 1)
		n += view_str(view_of(store_text(st, 0)), system, MAY_SYSTEM);
	buf_clear(&fold);
	return got < 0 ? -1 : n;
}
