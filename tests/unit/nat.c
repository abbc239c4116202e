/* nat.c - the alias: every packet of tests/data/nat is translated as written
 * there, and back; and, whatever the file says, all checksums of what was
 * passed are what a full computation gives. The words of a file: out|in VERDICT. */
#include "unit/fixture.h"
#include "wire/nat.h"

#define WORKSTATION 0x0a320005u
#define ALIAS 0x0ac80007u
#define ADDRESS 0xc0000201u

static uint32_t sum(const uint8_t *p, size_t n, uint32_t s)
{
	for (size_t i = 0; i < n; i++)
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* All checksums of a whole packet, computed in full; inner: a quote, whose
 * transport may be cut. */
static bool sums_right(const uint8_t *p, size_t n, bool inner)
{
	size_t h = (size_t)(p[0] & 15) * 4, total = (size_t)p[2] << 8 | p[3], t = total - h;
	bool whole = total <= n && ((p[6] & 0x3f) | p[7]) == 0;
	if (sum(p, h, 0) != 0xffff)
		return false;
	if (!whole)
		return inner || ((p[6] & 0x3f) | p[7]) != 0;
	if (p[9] == 1 && sum(p + h, t, 0) != 0xffff)
		return false;
	if (p[9] == 1 && (p[h] == 3 || p[h] == 11 || p[h] == 12))
		return sums_right(p + h + 8, t - 8, true);
	uint32_t pseudo = sum(p + 12, 8, p[9]) + (uint32_t)t;
	if (p[9] == 6)
		return sum(p + h, t, pseudo) == 0xffff;
	if (p[9] == 17 && (p[h + 6] | p[h + 7]))
		return sum(p + h, t, pseudo) == 0xffff;
	return true;
}

static enum nat_verdict run(struct nat *n, const char *direction, uint8_t *p, size_t len)
{
	return strcmp(direction, "out") == 0 ? nat_out(n, p, len) : nat_in(n, p, len);
}

static void passes(const char *name, const struct fixture *f)
{
	struct nat n, back;
	uint8_t *p = exactly(f->before, f->nbefore);
	nat_init(&n, WORKSTATION, ALIAS, ADDRESS);
	nat_init(&back, WORKSTATION, ADDRESS, ALIAS);
	check(f->nafter == f->nbefore && sums_right(f->before, f->nbefore, false), "%s: the packet is right: %s", name, f->title);
	enum nat_verdict v = run(&n, f->word, p, f->nbefore);
	check(v == NAT_PASS && same(p, f->after, f->nafter), "%s: translated as written", name);
	check(sums_right(p, f->nbefore, false), "%s: its checksums are what a full computation gives", name);
	check(n.out.packets[NAT_PASS] + n.in.packets[NAT_PASS] == 1 && n.out.bytes + n.in.bytes == f->nbefore, "%s: counted", name);
	v = run(&back, f->word, p, f->nbefore);
	check(v == NAT_PASS && same(p, f->before, f->nbefore), "%s: and back", name);
	free(p);
}

static void refused(const char *name, const struct fixture *f)
{
	struct nat n;
	uint8_t *p = exactly(f->before, f->nbefore);
	nat_init(&n, WORKSTATION, ALIAS, ADDRESS);
	enum nat_verdict v = run(&n, f->word, p, f->nbefore);
	check_str(nat_verdict_name(v), f->verdict, f->title);
	struct nat_count *c = strcmp(f->word, "out") == 0 ? &n.out : &n.in;
	check(v < NAT_VERDICTS && c->packets[v] == 1 && c->bytes == 0, "%s: counted by its cause", name);
	free(p);
}

/* Every prefix of a good packet is refused, and none is read beyond its end. */
static void cut(const char *name, const struct fixture *f)
{
	bool all = true;
	for (size_t len = 0; len < f->nbefore; len++) {
		struct nat n;
		uint8_t *p = exactly(f->before, len);
		nat_init(&n, WORKSTATION, ALIAS, ADDRESS);
		all = all && run(&n, f->word, p, len) != NAT_PASS;
		free(p);
	}
	check(all, "%s: cut anywhere it is refused", name);
}

static void each(const char *name, const struct fixture *f)
{
	if (strcmp(f->verdict, "pass") == 0) {
		passes(name, f);
		cut(name, f);
	} else {
		refused(name, f);
	}
}

int main(void)
{
	fixtures_each("nat", each);
	check(strcmp(nat_verdict_name(NAT_VERDICTS), "unknown") == 0, "a verdict that does not exist has a name");
	return tap_done();
}
