/* Handshakes that fail, by where they come from. */
#include "engine/shake.h"
#include "unit/tap.h"

static struct guesses g;

int main(void)
{
	static const int64_t want[] = { 0, 0, 0, 250, 500, 1000, 2000, 2000, 2000 };
	check(guesses_init(&g) == 0, "begins");
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		int64_t got = shake_wait(&g, "192.0.2.1");
		check(got == want[i], "after %zu that failed the next waits %lld ms", i, (long long)got);
		shake_over(&g, "192.0.2.1", false);
	}
	check(shake_wait(&g, "192.0.2.1") == 2000, "and the next beside it no longer");
	check(shake_wait(&g, "192.0.2.2") == 0, "nobody else waits");
	shake_over(&g, "192.0.2.1", true);
	check(shake_wait(&g, "192.0.2.1") == 0, "one that succeeds forgets them");
	for (int i = 0; i < 5; i++)
		shake_over(&g, "", false);
	check(shake_wait(&g, "") == 0, "unix: is not counted");
	return tap_done();
}
