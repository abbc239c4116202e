/* prefix.c - which hosts a route may lead to. */
#include "engine/prefix.h"
#include "unit/tap.h"

#include <arpa/inet.h>
#include <stdlib.h>

static struct in_addr ip(const char *text)
{
	struct in_addr a;
	if (inet_pton(AF_INET, text, &a) != 1)
		abort();
	return a;
}

static void parses(void)
{
	static const char *const good[] = { "10.0.0.0/8", "10.50.0.0/24", "10.50.0.5/32", "172.16.0.0/12" };
	static const char *const bad[] = { "", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/7", "0.0.0.0/0", "10.0.0.0/33",
		                           "10.0.0.1/24", "10.0.0/24", "10.0.0.0/24x", "10.0.0.0/ 24", "fd00::/8",
		                           "10.0.0.0/24/24", "010.0.0.0/8" };
	struct prefix p;
	const char *why;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		check(prefix_parse(good[i], &p, &why), "%s is a network", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		why = NULL;
		bool no = !prefix_parse(bad[i], &p, &why);
		check(no && why, "\"%s\" is none: %s", bad[i], why ? why : "?");
	}
}

/* host as text, the connection's source, expected verdict (NULL: it may). */
static const struct {
	const char *host, *source, *why;
} cases[] = {
	{ "10.50.0.5", "10.50.0.5", NULL },
	{ "10.60.1.0", "10.60.1.0", NULL }, /* the edge of a /24, but inside the /16 */
	{ "10.70.0.0", "10.70.0.0", NULL }, /* 31 and 32 bits have no edges */
	{ "10.50.0.5", "10.50.0.6", "host= is not where the connection comes from" },
	{ "10.51.0.5", "10.51.0.5", "host= is in no network of the vendor" },
	{ "10.50.0.0", "10.50.0.0", "host= is a network or broadcast address" },
	{ "10.50.0.255", "10.50.0.255", "host= is a network or broadcast address" },
	{ "0.0.0.0", "0.0.0.0", "host= is no host" },
	{ "0.1.2.3", "0.1.2.3", "host= is no host" },
	{ "127.0.0.1", "127.0.0.1", "host= is a loopback address" },
	{ "224.0.0.1", "224.0.0.1", "host= is a multicast address" },
	{ "239.1.1.1", "239.1.1.1", "host= is a multicast address" },
	{ "240.0.0.1", "240.0.0.1", "host= is a reserved or broadcast address" },
	{ "255.255.255.255", "255.255.255.255", "host= is a reserved or broadcast address" },
	{ "10.50.0.5/32", "10.50.0.5", "host= is no IPv4 address" },
	{ "10.50.0.5 ", "10.50.0.5", "host= is no IPv4 address" },
	{ "0", "10.50.0.5", "host= is no IPv4 address" },
	{ "", "10.50.0.5", "host= is no IPv4 address" },
	{ NULL, "10.50.0.5", "host= is no IPv4 address" },
	{ "::ffff:10.50.0.5", "10.50.0.5", "host= is no IPv4 address" },
};

int main(void)
{
	const struct prefix net[] = { { ip("10.50.0.0"), 24 }, { ip("10.60.0.0"), 16 }, { ip("10.70.0.0"), 31 } };
	struct in_addr host;
	parses();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_str(prefix_judge(cases[i].host, ip(cases[i].source), net, 3, &host), cases[i].why,
		          cases[i].host ? cases[i].host : "no host=");
	check_str(prefix_judge("10.50.0.5", ip("10.50.0.5"), net, 0, &host), "host= is in no network of the vendor",
	          "without a prefix nobody may");
	return tap_done();
}
