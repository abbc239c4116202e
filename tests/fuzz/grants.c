/* grants.c - any records as grants, beside some of a user: what is taken is a row when it is read
 * again; and whatever the grants are, the explanation (may.h) and what search and alloc go by
 * (reach.h) say the same of every system. */
#include "engine/alloc.h"
#include "engine/load.h"
#include "engine/may.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

static struct store *store;

static void need(bool ok)
{
	if (!ok)
		abort();
}

static bool load(const char *table, struct view line)
{
	struct load l;
	struct record r = { 0 };
	const char *why;
	need(load_begin(&l, store, table_find(table), false) == 0);
	bool ok = record_parse(&r, line, &why) == 1 && load_row(&l, &r) == 0;
	if (ok)
		need(load_end(&l) == 0);
	else
		load_abort(&l);
	record_clear(&r);
	return ok;
}

static void begin(void)
{
	static const char *const rows[][2] = {
		{ "customers", "customer=acme" }, { "customers", "customer=globex" },
		{ "sites", "site=BOS\tcustomer=acme" }, { "groups", "group=field\tuser=alice\tdomain=*" },
		{ "systems", "system=A1\tserial=1\tcustomer=acme\tsite=BOS" }, { "systems", "system=A2\tserial=2\tcustomer=acme" },
		{ "systems", "system=G1\tserial=3\tcustomer=globex\tsite=BOS" },
	};
	char why[256];
	store = store_open(NULL, STORE_MEMORY, why, sizeof why);
	need(store != NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		need(load(rows[i][0], view_of(rows[i][1])));
}

static int no_fault(void *arg, struct record *row, const char *why)
{
	(void)arg;
	(void)row;
	(void)why;
	abort();
}

static void same_said(const char *who_line, time_t now)
{
	static const char *const systems[] = { "A1", "A2", "G1", "none" };
	struct record who = { 0 };
	struct reach reach;
	const char *why;
	need(record_parse(&who, view_of(who_line), &why) == 1);
	int known = reach_of(&reach, store, &who, now);
	need(known >= 0);
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
		struct may may;
		need(may_system(&may, store, &reach, known == 1, systems[i]) == 0);
		int reaches = known == 1 ? alloc_reaches(store, &reach, systems[i]) : 0;
		need(reaches == (may.allow || may.too_many));
		need(*may.rule.data && may.allow == (may.until > now));
		may_clear(&may);
	}
	reach_clear(&reach);
	record_clear(&who);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	static const time_t times[] = { 1792886400, 1792900800, 1793000000 }; /* a Saturday, and clocks are put back */
	struct view rest = { (const char *)p, n }, line;
	uint64_t rows;
	if (!store)
		begin();
	unsigned taken = 0;
	while (view_split(&rest, '\n', &line))
		taken += load("grants", line);
	if (!taken)
		return;
	need(load_check(store, table_find("grants"), no_fault, NULL, &rows) == 0);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		same_said("user=alice\tdomain=EMEA\tgroups=support", times[i]);
		same_said("user=bob", times[i]);
	}
	need(store_execute(store, false, "DELETE FROM grants") == 0);
}
