/* reply.c - unit tests of lib/engine/reply.h: the same question is known again, for a minute,
 * of the same party; what is kept has bounds; what does not fit is large. */
#include "engine/reply.h"
#include "unit/tap.h"

static struct replies all;

static struct view q(const char *text)
{
	return view_of(text);
}

static int parsed(const char *text)
{
	struct record r = { 0 };
	const char *why;
	int rc = reply_question(&r, view_of(text), &why);
	record_clear(&r);
	return rc;
}

static void test_question(void)
{
	check(parsed("id=1\top=search") == 1, "a line without LF");
	check(parsed("id=1\top=search\n") == 1, "a line with LF");
	check(parsed("") == 0 && parsed("\n") == 0, "no line");
	check(parsed("id=1\nid=2\n") == 0 && parsed("id=1\n\n") == 0, "two lines");
	check(parsed("nonsense") == 0, "no record");
}

static void test_again(void)
{
	struct reply *r = reply_new(&all, "a", "1", q("id=1"), 1000);
	check(r && reply_find(&all, "a", q("id=1"), 1000) == r, "the same question");
	check(!reply_find(&all, "a", q("id=1\top=x"), 1000), "another one with the same id");
	check(!reply_find(&all, "b", q("id=1"), 1000), "another party's");
	check(reply_find(&all, "a", q("id=1"), 1000 + REPLY_KEEP_MS) == r, "a minute later");
	check(!reply_find(&all, "a", q("id=1"), 1001 + REPLY_KEEP_MS), "and then no more");
	r->at = &all;
	check(reply_find(&all, "a", q("id=1"), 1001 + REPLY_KEEP_MS) == r, "unless it is still under way");
	check(reply_under_way(&all, &all, view_of("1")) == r && !reply_under_way(&all, &all, view_of("2")), "by its id");
	check(reply_any_under_way(&all, &all) && !reply_any_under_way(&all, &r), "where it is asked");
	replies_clear(&all);
	check(all.n == 0 && !all.first, "cleared");
}

static void test_bounds(void)
{
	char id[16], party[16];
	unsigned made = 0;
	for (unsigned i = 0; i < REPLIES_OF_ONE; i++) {
		snprintf(id, sizeof id, "%u", i);
		reply_new(&all, "a", id, view_of(id), 1);
	}
	check(reply_new(&all, "a", "more", q("more"), 1) && all.n == REPLIES_OF_ONE, "one party's last one goes for one more");
	check(!reply_find(&all, "a", q("0"), 1) && reply_find(&all, "a", q("1"), 1), "it was the oldest");
	for (struct reply *r = all.first; r; r = r->next)
		r->at = &all;
	check(!reply_new(&all, "a", "x", q("x"), 1), "all under way: no more of that party");
	for (unsigned i = 0; i < REPLIES_MAX; i++) {
		snprintf(party, sizeof party, "p%u", i);
		made += reply_new(&all, party, "1", q("1"), 2) != NULL;
	}
	check(made == REPLIES_MAX && all.n == REPLIES_MAX, "all places are taken, and others' last ones go");
	check(reply_any_under_way(&all, &all), "not those under way");
	check(reply_new(&all, "late", "1", q("1"), 3 + REPLY_KEEP_MS) && all.n == REPLIES_OF_ONE + 1, "what is too old goes");
	replies_clear(&all);
}

static void test_large(void)
{
	struct record row = { 0 };
	char text[401];
	memset(text, 'x', 400);
	text[400] = '\0';
	struct reply *r = reply_new(&all, "a", "1", q("id=1"), 1);
	record_set(&row, "v", text);
	reply_add(r, &row);
	reply_add(r, &row);
	check(!r->large && r->text.len == 806, "two rows fit");
	reply_add(r, &row);
	check(r->large && r->text.len == 0, "three do not, and nothing is left of them");
	reply_add(r, &row);
	check(r->large && r->text.len == 0, "nor a fourth");
	record_clear(&row);
	memset(text, 'i', REPLY_ID);
	text[REPLY_ID] = '\0';
	check(!reply_new(&all, "a", text, q("long"), 1), "an id that is too long");
	replies_clear(&all);
}

int main(void)
{
	test_question();
	test_again();
	test_bounds();
	test_large();
	return tap_done();
}
