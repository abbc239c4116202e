/* source.c - unit tests of lib/engine/source.h: what counts as one source. */
#include "engine/source.h"
#include "unit/tap.h"

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

int main(void)
{
	names();
	return tap_done();
}
