/* ports.c - unit tests of lib/wire/ports.h: texts, and what two lists have together. */
#include "unit/tap.h"
#include "wire/ports.h"

static struct ports of(const char *text)
{
	struct ports p;
	const char *why;
	if (!ports_parse(view_of(text), &p, &why))
		check_str(why, "", text);
	return p;
}

static void is(struct ports p, const char *want, const char *name)
{
	char text[PORTS_TEXT];
	ports_write(&p, text);
	check_str(text, want, name);
}

static void texts(void)
{
	is(of(""), "", "no list: all");
	is(of("none"), "none", "and nothing is a word");
	is(of("tcp/22,tcp/80,udp/161:both"), "tcp/22,tcp/80,udp/161:both", "ports and ways");
	is(of("udp/161,tcp/80,tcp/22:in"), "tcp/22,tcp/80,udp/161", "by protocol and port");
	is(of("tcp/22,tcp/23,tcp/24-30"), "tcp/22-30", "neighbours are one range");
	is(of("tcp/22,tcp/1-100:out"), "tcp/1-21:out,tcp/22:both,tcp/23-100:out", "another way within a range");
	is(of("tcp/1-65535,udp/65535"), "tcp/1-65535,udp/65535", "the last port");
}

static void refused(const char *text, const char *want)
{
	struct ports p;
	const char *why = NULL;
	bool ok = ports_parse(view_of(text), &p, &why);
	check(!ok && why && strstr(why, want), "%s", text);
}

static void refusals(void)
{
	refused("tcp", "must be like");
	refused("icmp/8", "must be like");
	refused("22", "must be like");
	refused("tcp/22,", "must be like");
	refused(",tcp/22", "must be like");
	refused(" tcp/22", "must be like");
	refused("tcp/0", "from 1 to 65535");
	refused("tcp/65536", "from 1 to 65535");
	refused("tcp/", "from 1 to 65535");
	refused("tcp/-22", "from 1 to 65535");
	refused("tcp/22-", "from 1 to 65535");
	refused("tcp/25-22", "from 1 to 65535");
	refused("tcp/22:", "in, out or both");
	refused("tcp/22:up", "in, out or both");
	refused("tcp/1,tcp/3,tcp/5,tcp/7,tcp/9,tcp/11,tcp/13,tcp/15,tcp/17,tcp/19,tcp/21,tcp/23,tcp/25,tcp/27,tcp/29,"
	        "tcp/31,tcp/33", "more than 16");
	refused("tcp/1-99:out,tcp/3,tcp/5,tcp/7,tcp/9,tcp/11,tcp/13,tcp/15,tcp/17", "taken apart");
}

static void longest(void)
{
	struct ports_range r[PORTS_MAX];
	struct ports p;
	char text[PORTS_TEXT];
	for (unsigned i = 0; i < PORTS_MAX; i++)
		r[i] = (struct ports_range){ PORTS_UDP, PORTS_BOTH, (uint16_t)(10000 + 10 * i), (uint16_t)(10004 + 10 * i) };
	check(ports_of(r, PORTS_MAX, &p) && p.n == PORTS_MAX, "sixteen ranges");
	ports_write(&p, text);
	check(strlen(text) == 16 * 20 + 15, "are written whole");
	r[3].way = 0;
	check(!ports_of(r, PORTS_MAX, &p), "a range without a way is none");
	r[3] = (struct ports_range){ 1, PORTS_IN, 1, 1 };
	check(!ports_of(r, PORTS_MAX, &p), "nor one of another protocol");
}

static void together(void)
{
	struct ports a = of("tcp/20-30,udp/5:both"), b = of("tcp/25-40:both,udp/5:out"), to = { 0 };
	check(ports_union(&a, &b, &to), "union");
	is(to, "tcp/20-24,tcp/25-40:both,udp/5:both", "of two lists");
	check(ports_intersect(&a, &b, &to), "intersection");
	is(to, "tcp/25-30,udp/5:out", "of two lists");
	struct ports all = of(""), none = of("none"), x = of("tcp/22"), y = of("tcp/23");
	check(ports_union(&x, &all, &to) && to.all, "with all, the union is all");
	check(ports_intersect(&x, &all, &to) && ports_contains(&to, &x) && !to.all, "and the intersection is the other");
	check(ports_intersect(&x, &y, &to) && !to.all && to.n == 0, "what has nothing in common gives nothing, not all");
	check(ports_union(&none, &x, &to) && to.n == 1, "nothing adds nothing");
	check(ports_union(&x, &y, &x), "into one of the two");
	is(x, "tcp/22-23", "neighbours are joined");
}

static void too_many(void)
{
	char text[PORTS_TEXT] = "", more[PORTS_TEXT] = "";
	for (unsigned i = 0; i < 16; i++) {
		snprintf(text + strlen(text), 16, "%stcp/%u", i ? "," : "", 10 * i + 1);
		snprintf(more + strlen(more), 16, "%stcp/%u", i ? "," : "", 10 * i + 5);
	}
	struct ports a = of(text), b = of(more), to = of("tcp/9");
	check(!ports_union(&a, &b, &to), "a union of more than 16 ranges");
	is(to, "tcp/9", "leaves its target as it was");
}

static void questions(void)
{
	struct ports p = of("tcp/22-25,udp/161:both,tcp/26:out"), all = of(""), none = of("none"), q = of("tcp/23-24,udp/161:out");
	check(ports_has(&p, PORTS_TCP, 22, PORTS_IN) && ports_has(&p, PORTS_UDP, 161, PORTS_BOTH), "a port that is open");
	check(!ports_has(&p, PORTS_TCP, 22, PORTS_OUT) && !ports_has(&p, PORTS_UDP, 22, PORTS_IN) &&
	              !ports_has(&p, PORTS_TCP, 27, PORTS_IN) && !ports_has(&none, PORTS_TCP, 22, PORTS_IN), "and not");
	check(ports_has(&all, PORTS_UDP, 65535, PORTS_BOTH) && !ports_has(&all, PORTS_TCP, 0, PORTS_IN) &&
	              !ports_has(&all, 1, 22, PORTS_IN), "all are those of TCP and UDP");
	check(ports_contains(&p, &q) && !ports_contains(&q, &p), "one list in another");
	check(ports_contains(&all, &p) && !ports_contains(&p, &all) && ports_contains(&p, &none), "all, and nothing");
	struct ports gap = of("tcp/22,tcp/24"), over = of("tcp/22-24"), mixed = of("tcp/22,tcp/23:both,tcp/24");
	check(!ports_contains(&gap, &over) && ports_contains(&mixed, &over), "a range over a gap, and over a change of way");
}

int main(void)
{
	texts();
	refusals();
	longest();
	together();
	too_many();
	questions();
	return tap_done();
}
