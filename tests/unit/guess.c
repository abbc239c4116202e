/* Wrong guesses, by source and user: when the next one is looked at. */
#include "engine/guess.h"
#include "unit/tap.h"

#define UNIT 1000
#define MAX 15000

static struct guesses g;

static uint64_t who(const char *source, const char *user)
{
	return guess_who(&g, source, view_of(user), view_of("EMEA"));
}

static int64_t wait(uint64_t w, int64_t now)
{
	return guess_wait(&g, w, now, UNIT, MAX);
}

static void alone(void)
{
	static const int64_t want[] = { 0, 0, 0, 1000, 2000, 4000, 8000, 8000 };
	uint64_t a = who("10.0.0.1", "alice");
	int64_t now = 1000000;
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		int64_t got = wait(a, now);
		check(got == want[i], "guess %zu waits %lld ms", i + 1, (long long)got);
		now += got;
		guess_wrong(&g, a, now, UNIT);
	}
	check(who("10.0.0.1", "ALICE") == a, "in whatever letters the user is written");
	check(wait(who("10.0.0.2", "alice"), now) == 0, "not alice elsewhere");
	check(wait(who("10.0.0.1", "bob"), now) == 0, "not bob there");
	check(wait(a, now + 8000 + GUESS_FORGET_MS) == 0, "it is forgotten");
	for (int i = 0; i < 3; i++)
		guess_wrong(&g, a, now, UNIT);
	check(wait(a, now) == 1000, "three again");
	guess_right(&g, a);
	check(wait(a, now) == 0, "and the right one ends it");
}

static void together(void)
{
	uint64_t a = who("10.0.0.3", "alice");
	for (int i = 0; i < 6; i++)
		guess_wrong(&g, a, 5000000, UNIT);
	check(wait(a, 5000000) == 8000, "the first of many at once");
	check(wait(a, 5000000) == -1 && wait(a, 5000000) == -1, "the next would wait for too long, and takes no turn");
	check(wait(a, 5008000) == 8000, "one behind the other");
}

static void given_back(void)
{
	uint64_t a = who("10.0.0.4", "alice");
	int64_t now = 7000000;
	check(guess_cost(&g, a, now, UNIT) == 0, "nobody's guess costs nothing");
	for (int i = 0; i < 4; i++)
		guess_wrong(&g, a, now, UNIT);
	check(guess_cost(&g, a, now, UNIT) == 2000 && guess_cost(&g, a, now, 0) == 0, "the fifth costs two units");
	check(wait(a, now) == 2000 && wait(a, now) == 4000, "each that waits");
	guess_back(&g, a, 2000);
	check(wait(a, now) == 4000, "but for one that was none");
	guess_back(&g, a, 6000);
	check(wait(a, now + 2000) == 0, "and when all were none");
	guess_back(&g, who("10.0.0.5", "alice"), 9000);
	check(wait(a, now + 2000) == 2000, "another's are not his");
}

static void many(void)
{
	char source[32];
	for (int i = 0; i < 3 * GUESS_ROWS; i++) {
		snprintf(source, sizeof source, "10.1.%d.%d", i / 256, i % 256);
		for (int n = 0; n < 3; n++)
			guess_wrong(&g, who(source, "alice"), 9000000 + i, UNIT);
	}
	check(wait(who(source, "alice"), 9000000) > 0, "the last of many is known");
	check(wait(who("10.1.0.0", "alice"), 9000000) == 0, "the first had to make room");
}

int main(void)
{
	alone();
	together();
	given_back();
	many();
	return tap_done();
}
