/* What is told of those who are not let in: some at once, then one a second, with how many were not. */
#include "engine/refusal.h"
#include "unit/tap.h"

static struct refusals f;

static const char *told(void)
{
	static char text[64];
	struct record r = { 0 };
	bool yes = refusal_told(&f, &r, NULL);
	snprintf(text, sizeof text, "%s %s", yes ? "told" : "counted", record_has(&r, "count") ? record_str(&r, "count") : "-");
	record_clear(&r);
	return text;
}

int main(void)
{
	for (int i = 0; i < REFUSALS_AT_ONCE; i++)
		check_str(told(), "told -", "one of those at once");
	for (int i = 0; i < 5; i++)
		check_str(told(), "counted -", "one more");
	f.used -= REFUSALS_EVERY; /* as if it had passed */
	check_str(told(), "told 5", "a second later: with those that were not");
	check_str(told(), "counted -", "then not");
	f.used = 0;
	check_str(told(), "told 1", "after a rest");
	check_str(told(), "told -", "and the next at once, as none was left out");
	return tap_done();
}
