/* search.c - who finds what: criteria, grants, pages; over a store in memory. */
#include "engine/load.h"
#include "engine/search.h"
#include "unit/tap.h"

#include <stdlib.h>

static struct store *store;
static struct buf found;
static char more[256];
static unsigned steps;

static void load(const char *table, const char *text)
{
	struct load l;
	struct record r = { 0 };
	struct view rest = view_of(text), line;
	const char *why = "";
	if (load_begin(&l, store, table_find(table), false) != 0)
		exit(8);
	while (view_split(&rest, '\n', &line) && line.n)
		if (record_parse(&r, line, &why) != 1 || load_row(&l, &r) != 0)
			printf("# %s: %s %s\n", table, why ? why : "", l.why);
	if (load_end(&l) != 0)
		exit(8);
	record_clear(&r);
}

static int row(void *arg, struct record *r)
{
	(void)arg;
	if (found.len)
		buf_addc(&found, ' ');
	return buf_addv(&found, record_get(r, "system"));
}

/* One page for who and ask; the systems found, or the reason. */
static const char *page(const char *who, const char *ask)
{
	struct record w = { 0 }, a = { 0 };
	struct reach reach;
	struct search q;
	const char *why = "";
	found.len = 0;
	more[0] = '\0';
	record_parse(&w, view_of(who), &why);
	record_parse(&a, view_of(ask), &why);
	int rc = reach_of(&reach, store, &w, 1800000000);
	if (rc != 1)
		buf_adds(&found, rc == 0 ? "(nobody)" : "(failed)");
	if (rc == 1) {
		rc = search_init(&q, store, &reach, &a, &why);
		if (rc == 0)
			buf_adds(&found, why);
		while (rc == 1 && (rc = search_step(&q, row, NULL)) == 1)
			steps++;
		if (rc < 0)
			buf_adds(&found, store_why(store));
		if (q.further)
			view_str(buf_view(&q.more), more, sizeof more);
		search_clear(&q);
	}
	reach_clear(&reach);
	record_clear(&w);
	record_clear(&a);
	buf_add(&found, "", 1);
	found.len--;
	return found.data;
}

static void want(const char *who, const char *ask, const char *systems)
{
	char what[200];
	snprintf(what, sizeof what, "%s: %s", who, ask);
	check_str(page(who, ask), systems, what);
}

static void fill(void)
{
	load("customers", "customer=acme\tname=Acme Bank\ncustomer=100%\tname=100% Baumwolle_GmbH\ncustomer=istanbul\t"
	     "name=İSTANBUL Bankası\ncustomer=athens\tname=Τράπεζα Αθηνών\ncustomer=moscow\tname=Сбер Банк\n"
	     "customer=mueller\tname=Groß & Müller\n");
	load("sites", "site=BOS-2\tcustomer=acme\tregion=US-East\nsite=NYC-1\tcustomer=acme\tregion=us-east\n"
	     "site=IST\tcustomer=istanbul\tregion=Ortadoğu\n");
	load("systems", "system=A1\tserial=000187260123\tcustomer=acme\tsite=BOS-2\tmodel=V5 200\tphone=+1 617 555 0142\n"
	     "system=A2\tserial=000187269999\tcustomer=acme\tsite=NYC-1\tmodel=V5 400\n"
	     "system=A3\tserial=999\tcustomer=acme\tmodel=V7\n"
	     "system=I1\tserial=555000187\tcustomer=istanbul\tsite=IST\tphone=0212 444 0142\n"
	     "system=G1\tserial=G-77\tcustomer=athens\nsystem=R1\tserial=R77\tcustomer=moscow\n"
	     "system=M1\tserial=M1\tcustomer=mueller\nsystem=P1\tserial=P1\tcustomer=100%\n");
	load("endpoints", "system=G1\tpriority=1\tphone=+30 21 0555 0142\nsystem=G1\tpriority=2\tphone=+30 21 1555 0142\n"
	     "system=R1\tdial=tcp:h:1\n");
	load("grants", "user=root\tscope=everything\ngroup=boston\tscope=site\tobject=BOS-2\ngroup=greek\tscope=customer\t"
	     "object=athens\nuser=one\tscope=system\tobject=R1\nuser=old\tscope=everything\tvalid_until=2026-01-01T00:00:00Z\n"
	     "user=early\tscope=everything\tvalid_from=2030-01-01T00:00:00Z\nuser=dom\tdomain=EMEA\tscope=everything\n"
	     "user=any\tdomain=*\tscope=customer\tobject=moscow\nuser=bad\tscope=everything\n"
	     "user=one\tscope=customer\tobject=moscow\n");
	load("groups", "group=greek\tuser=member\n");
	load("users", "user=bad\tstate=blocked\n");
}

static void criteria(void)
{
	want("user=root", "serial=000187260123", "A1");
	want("user=root", "serial=000187", "A1 A2 I1");
	want("user=root", "serial=0187", "I1");
	want("user=root", "serial=999", "A3 A2");
	want("user=root", "serial=g77", "G1");
	want("user=root", "serial=87", "I1");
	want("user=root", "serial=--", "serial= has neither letters nor digits");
	want("user=root", "customer=BANK", "A1 A2 A3 I1");
	want("user=root", "customer=ΤΡΑΠΕΖΑ", "G1");
	want("user=root", "customer=αθηνων", "G1");
	want("user=root", "customer=СБЕР", "R1");
	want("user=root", "customer=istanbul", "I1");
	want("user=root", "customer=ISTANBUL BANKASI", "I1");
	want("user=root", "customer=GROSS & MÜLLER", "M1");
	want("user=root", "customer=0% b", "P1");
	want("user=root", "customer=%", "P1");
	want("user=root", "customer=wolle_g", "P1");
	want("user=root", "customer=A_me", "");
	want("user=root", "customer=100%", "P1");
	want("user=root", "site=bos-2", "A1");
	want("user=root", "region=US-EAST", "A1 A2");
	want("user=root", "model=v5", "A1 A2");
	want("user=root", "phone=+1 (617) 555-0142", "A1");
	want("user=root", "phone=0142", "I1 A1 G1");
	want("user=root", "phone=+0142", "");
	want("user=root", "phone=0212 444 0142", "I1");
	want("user=root", "phone=555 0142", "A1 G1");
	want("user=root", "phone=142", "phone= needs at least four digits");
	want("user=root", "customer=acme\tmodel=v5\tregion=us-east\tserial=9", "A2");
	want("user=root", "customer=acme\tphone=0142\tserial=123", "A1");
	want("user=root", "customer=acme\tserial=555", "");
	want("user=root", "serial=\tcustomer=", "A1 A2 A3 G1 I1 M1 P1 R1");
}

static void grants(void)
{
	want("user=nobody", "serial=000187", "");
	want("user=nobody", "", "");
	want("user=nobody\tgroups=x,boston", "", "A1");
	want("user=nobody\tgroup=boston", "", "");
	want("user=nobody\tgroups=boston,greek", "", "A1 G1");
	want("user=nobody\tgroups=boston", "customer=bank", "A1");
	want("user=nobody\tgroups=boston", "serial=000187269999", "");
	want("user=member", "", "G1");
	want("user=member\tdomain=X", "", "");
	want("user=one", "", "R1");
	want("user=one", "serial=R77", "R1");
	want("user=old", "", "");
	want("user=early", "", "");
	want("user=dom", "", "");
	want("user=dom\tdomain=EMEA", "serial=R77", "R1");
	want("user=any\tdomain=EMEA", "", "R1");
	want("user=any", "", "R1");
	want("user=bad", "", "(nobody)");
	want("domain=EMEA", "", "(nobody)");
	want("user=x\tgroups=\"],(boston", "", "");
	want("user=\tgroups=boston", "", "(nobody)");
}

/* All pages, counted; no system twice, none left out. */
static void pages(const char *who, const char *criteria_text, unsigned limit, unsigned total)
{
	static bool seen[20000];
	char ask[512], what[200];
	unsigned n = 0, twice = 0;
	memset(seen, 0, sizeof seen);
	for (const char *sep = "";; sep = "\tafter=") {
		snprintf(ask, sizeof ask, "limit=%u%s%s%s%s", limit, *criteria_text ? "\t" : "", criteria_text, sep, *sep ? more : "");
		struct view rest = view_of(page(who, ask)), part;
		unsigned on_page = 0;
		while (rest.n && view_split(&rest, ' ', &part)) {
			unsigned id = *part.p == 'x' ? (unsigned)atoi(part.p + 1) % 20000 : 0;
			twice += id && seen[id];
			seen[id] = true;
			on_page++;
		}
		n += on_page;
		if (on_page > limit || !*more)
			break;
	}
	snprintf(what, sizeof what, "%s, %s by %u: %u systems, none twice", who, criteria_text, limit, total);
	if (!check(n == total && twice == 0, "%s", what))
		printf("# got %u, twice %u\n", n, twice);
}

static void many(void)
{
	struct buf text;
	buf_init(&text, 8 << 20);
	for (int c = 0; c < 100; c++)
		buf_printf(&text, "customer=c%d\tname=Customer %d\n", c, c);
	buf_addc(&text, '\0');
	load("customers", text.data);
	text.len = 0;
	for (int i = 1000; i < 11000; i++)
		buf_printf(&text, "system=x%d\tserial=77%05d\tcustomer=c%d\tmodel=M%d\tphone=+1555%05d\n", i, i % 5000, i % 100,
		           i % 7, i);
	buf_addc(&text, '\0');
	load("systems", text.data);
	load("grants", "user=half\tscope=customer\tobject=c1\nuser=half\tscope=customer\tobject=c2\n"
	     "user=half\tscope=system\tobject=x1001\nuser=half\tscope=system\tobject=x1003\n");
	pages("user=root", "customer=customer", 100, 10000);
	pages("user=root", "serial=77", 97, 10002); /* G-77 and R77 end with it */
	pages("user=root", "", 1000, 10008);
	pages("user=root", "model=m3", 7, 1428);
	pages("user=root", "phone=+1555", 100, 0);
	pages("user=half", "", 13, 201);
	pages("user=half", "serial=77", 50, 201);
	pages("user=half", "customer=customer 3", 50, 1);
	steps = 0;
	page("user=half", "model=M\tlimit=1000");
	check(steps < 10, "who reaches little looks at little (%u steps)", steps);
	want("user=root", "after=nonsense", "after= is no cursor of this search");
	want("user=root", "after=c9:x", "after= is no cursor of this search");
	want("user=root", "after=c1:xy", "after= is no cursor of this search");
	want("user=half", "after=a0:x2", "after= is no cursor of this search");
	want("user=half", "customer=customer 3\tafter=c4:acme", "x1003");
	want("user=root", "limit=0", "limit= must be a number from 1 to 1000");
	buf_clear(&text);
}

int main(void)
{
	char why[256];
	store = store_open(NULL, STORE_MEMORY, why, sizeof why);
	if (!check(store != NULL, "a store in memory"))
		return tap_done();
	buf_init(&found, 1 << 20);
	fill();
	criteria();
	grants();
	many();
	store_close(store);
	buf_clear(&found);
	return tap_done();
}
