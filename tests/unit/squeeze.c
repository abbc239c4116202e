/* squeeze.c - unit tests of lib/wire/squeeze.h: connections through it, also where datagrams are
 * lost or come twice or late. */
#include "unit/flow.h"
#include "unit/tap.h"
#include "wire/squeeze.h"

#include <stdlib.h>

static struct squeeze a, b;
static unsigned right, wrong, dropped, small;

/* What goes in comes out; of what a loss has spoiled nothing comes out that looks right. */
static void one(struct flow *f, unsigned lose, unsigned twice, uint32_t *seed)
{
	uint8_t ip[1500], line[1502], back[1500];
	struct out o = out_of(back, sizeof back);
	const char *why;
	size_t n = flow_next(f, ip), m = squeeze_out(&a, ip, n, line);
	if (m == 0 || (lose && flow_draw(seed, lose) == 0))
		return;
	small += m < n;
	int got = squeeze_in(&b, line, m, &o, &why);
	if (got == 1 && twice && flow_draw(seed, twice) == 0) {
		uint8_t again[1500];
		struct out to = out_of(again, sizeof again);
		squeeze_in(&b, line, m, &to, &why);
	}
	if (got != 1 || flow_tcp_sum(back, out_len(&o)) != 0) {
		dropped++;
		return;
	}
	memcpy(back + 4, ip + 4, 2); /* the identification, which no checksum of TCP's covers */
	memcpy(back + 10, ip + 10, 2);
	if (out_len(&o) == n && memcmp(back, ip, n) == 0)
		right++;
	else
		wrong++;
}

static void run(const char *what, unsigned lose, unsigned twice)
{
	struct flow f[5];
	uint32_t seed = 11;
	right = wrong = dropped = small = 0;
	squeeze_init(&a);
	squeeze_init(&b);
	for (uint32_t i = 0; i < 5; i++)
		flow_init(&f[i], i);
	for (int i = 0; i < 40000; i++)
		one(&f[flow_draw(&seed, 5)], lose, twice, &seed);
	check(wrong == 0 && right > 10000 && small > 5000 && (!lose == !dropped || twice), "%s: %u right, %u small, %u dropped, %u wrong", what,
	      right, small, dropped, wrong);
}

static void refuses(void)
{
	uint8_t b1[] = { 0x1c, 1 }, b2[] = { 0x45, 1, 2, 3 }, b3[] = { 0x1c, 1, 0xff, 0xff, 0xff }, room[64];
	struct out o = out_of(room, sizeof room);
	const char *why = NULL;
	squeeze_init(&b);
	check(!squeeze_is(b1, 2) && !squeeze_is(b2, 4) && squeeze_is(b3, 5), "what begins like one and has something in it is one");
	check(squeeze_in(&b, b2, 4, &o, &why) == -1 && why, "another is refused");
	why = NULL;
	check(squeeze_in(&b, b3, 5, &o, &why) == -1 && why && out_len(&o) == 0, "so is one of a connection that is not known");
}

int main(void)
{
	run("nothing is lost", 0, 0);
	run("one of thirty is lost", 30, 0);
	run("one of fifty comes twice", 0, 50);
	refuses();
	return tap_done();
}
