/* source.c - unit tests of lib/engine/source.h: what counts as one source, and how
 * long its next guess waits. */
#include "engine/source.h"
#include "unit/tap.h"

static struct source_guesses g;

static void is(const char *host, const char *want)
{
	char got[SOURCE_TEXT];
	source_of_host(host, got);
	check_str(got, want, *host ? host : "unix:");
}

static void names(void)
{
	is("192.0.2.7", "192.0.2.7");
	is("::ffff:192.0.2.7", "192.0.2.7");
	is("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
	is("fe80::1%eth0", "fe80::/64");
	is("", "");
}

static void together(void)
{
	char a[SOURCE_TEXT], b[SOURCE_TEXT], c[SOURCE_TEXT];
	source_with("2001:db8:1111:2222::/64", "alice", "EMEA", a);
	source_with("2001:db8:1111:2222::/64", "bob", "EMEA", b);
	source_with("2001:db8:1111:3333::/64", "alice", "EMEA", c);
	check(strcmp(a, b) != 0 && strcmp(a, c) != 0 && strncmp(a, "2001:db8:1111:2222::/64 ", 24) == 0, "source and user together");
	source_with("192.0.2.7", "alice", "", a);
	source_with("192.0.2.7", "", "alice", b);
	check(strcmp(a, b) != 0, "a domain is no user");
	source_with("", "alice", "", a);
	check_str(a, "", "unix: with a user");
}

static void waits(void)
{
	static const int64_t want[] = { 0, 0, 0, 1000, 2000, 4000, 8000, 8000, 8000 };
	int64_t now = 5;
	bool ok = true;
	for (unsigned i = 0; i < sizeof want / sizeof *want; i++, now += 10) {
		ok = ok && source_wait(&g, "a", now, 1000) == want[i];
		source_guessed_wrong(&g, "a", now);
	}
	check(ok, "three wrong guesses cost nothing, then the wait doubles, up to eight times the unit");
	check(source_wait(&g, "b", now, 1000) == 0, "another source does not wait");
	check(source_wait(&g, "a", now, 0) == 0, "without a unit nobody does");
	now += SOURCE_FORGET_MS;
	check(source_wait(&g, "a", now, 1000) == 0, "it is forgotten");
	source_guessed_wrong(&g, "a", now);
	check(source_wait(&g, "a", now, 1000) == 0, "and then begins anew");
}

static void many(void)
{
	char name[SOURCE_TEXT];
	int64_t now = 1000;
	memset(&g, 0, sizeof g);
	for (unsigned i = 0; i < SOURCE_ROWS; i++)
		for (unsigned k = 0; k < SOURCE_FREE; k++, now++) {
			snprintf(name, sizeof name, "s%u", i);
			source_guessed_wrong(&g, name, now);
		}
	check(source_wait(&g, "s0", now, 1000) == 1000, "as many as there is room for");
	source_guessed_wrong(&g, "s0", now++);
	source_guessed_wrong(&g, "new", now++);
	check(source_wait(&g, "s0", now, 1000) == 2000 && source_wait(&g, "s1", now, 1000) == 0 &&
	              source_wait(&g, "s2", now, 1000) == 1000, "one more takes the row of the one that was quiet longest");
}

int main(void)
{
	names();
	together();
	waits();
	many();
	return tap_done();
}
