/* ports.c - two texts, one a line, as lists of ports: what was written is read back the same, and
 * union and intersection say of every port what the two lists say. */
#include "fuzz/fuzz.h"
#include "wire/ports.h"

#include <stdlib.h>

static void need(bool ok)
{
	if (!ok)
		abort();
}

static bool same(const struct ports *a, const struct ports *b)
{
	return ports_contains(a, b) && ports_contains(b, a) && a->n == b->n && a->all == b->all &&
	       (a->n == 0 || memcmp(a->range, b->range, a->n * sizeof *a->range) == 0);
}

static void again(const struct ports *p)
{
	char text[PORTS_TEXT];
	struct ports other;
	const char *why;
	ports_write(p, text);
	need(strlen(text) < PORTS_TEXT && ports_parse(view_of(text), &other, &why) && same(p, &other));
	need(p->all || (ports_of(p->range, p->n, &other) && same(p, &other)));
}

static void port(const struct ports *a, const struct ports *b, const struct ports *either, const struct ports *both,
                 const unsigned at[3])
{
	unsigned proto = at[0], number = at[1], way = at[2];
	bool x = ports_has(a, proto, number, way), y = ports_has(b, proto, number, way);
	need(ports_has(either, proto, number, way) == (x || y) && ports_has(both, proto, number, way) == (x && y));
}

void fuzz_one(const uint8_t *data, size_t n)
{
	static const unsigned numbers[] = { 1, 21, 22, 23, 80, 161, 1023, 8000, 65534, 65535 };
	struct view rest = { (const char *)data, n }, line, other = { NULL, 0 };
	struct ports a, b, either, both;
	const char *why = NULL;
	if (!view_split(&rest, '\n', &line) || !ports_parse(line, &a, &why)) {
		need(!n || why);
		return;
	}
	again(&a);
	if (rest.p)
		view_split(&rest, '\n', &other);
	if (!ports_parse(other, &b, &why) || !ports_union(&a, &b, &either) || !ports_intersect(&a, &b, &both))
		return;
	again(&either);
	again(&both);
	need(ports_contains(&either, &a) && ports_contains(&either, &b));
	need(ports_contains(&a, &both) && ports_contains(&b, &both));
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		for (unsigned way = PORTS_IN; way <= PORTS_OUT; way++) {
			port(&a, &b, &either, &both, (const unsigned[]){ PORTS_TCP, numbers[i], way });
			port(&a, &b, &either, &both, (const unsigned[]){ PORTS_UDP, numbers[i], way });
		}
}
