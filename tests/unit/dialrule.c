/* dialrule.c - where a wildcard of --permit-dial leads, and where it must not. */
#include "unit/tap.h"

#include "engine/dialrule.h"

int main(void)
{
	static const struct { const char *pattern, *dial; bool may; } t[] = {
		{ "tcp:198.51.100.*", "tcp:198.51.100.11:5000", true },
		{ "tcp:198.51.100.*", "tcp:198.51.100.11:5000?speed=33600", true },
		{ "tcp:198.51.100.*", "tcp:198.51.100.evil.example:5000", false },
		{ "tcp:198.51.100.*", "tcp:198.51.100.7.example:5000", false },
		{ "tcp:198.51.100.*:5000", "tcp:198.51.100.1:22:5000", false },
		{ "tcp:198.51.100.*", "tcp:198.51.101.1:5000", false },
		{ "tcp:sp*.example:5000", "tcp:sp1.example:5000", true },
		{ "tcp:\\[2001:db8::*", "tcp:[2001:db8::1]:5000", true },
		{ "unix:/run/lines/*", "unix:/run/lines/one", true },
		{ "unix:/run/lines/*", "unix:/run/lines/../docker.sock", false },
		{ "unix:/run/*/line", "unix:/run/../line", false },
		{ "tty:/dev/ttyS*", "tty:/dev/ttyS0?speed=33600", true },
		{ "tty:/dev/ttyS*", "tty:/dev/ttyS0/../sda", false },
		{ "*", "tcp:192.0.2.1:1", true },
		{ "*", "tty:/dev/ttyS0", false },
		{ "*", "unix:/run/lines/one", false },
		{ "*:*", "unix:/run/docker.sock", false },
		{ "tty:*", "tty:/dev/ttyS0", false },
		{ "telnet:198.51.100.*", "telnet:198.51.100.11:7001", true },
		{ "telnet:198.51.100.*", "telnet:198.51.100.11:7001?baud=9600&speed=9600", true },
		{ "telnet:198.51.100.*", "telnet:198.51.100.evil.example:7001", false },
		{ "telnet:*", "telnet:198.51.100.11:7001?modem=yes", false },
		{ "telnet:*", "telnet:198.51.100.11:7001?init=ATS0=1", false },
		{ "telnet:*", "telnet:198.51.100.11:7001?nonsense=1", false },
		{ "*", "telnet:198.51.100.11:7001", false },
		{ "tcp:198.51.100.*", "telnet:198.51.100.11:7001", false },
		{ "back:4711*", "back:47110815", true },
		{ "back:*", "back:47110815?speed=1000000", true },
		{ "back:*", "back:47110815?via=unix:/tmp/mine", false },
		{ "back:*", "back:47110815?speed=9600&via=unix:%2ftmp%2fmine", false },
		{ "back:*", "back:47110815?cert=/etc/passwd", false },
		{ "back:47*", "back:48", false },
		{ "tty:/dev/ttyS*", "tty:/dev/ttyS0?lock=%2ftmp", false },
		{ "*", "back:47110815", false },
		{ "*", "fd:0", false },
		{ "*", "tls:192.0.2.1:1", false },
		{ "*", "198.51.100.1", false },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		check(dialrule_permits(&t[i].pattern, 1, t[i].dial) == t[i].may, "%s %s %s", t[i].pattern,
		      t[i].may ? "permits" : "does not permit", t[i].dial);
	check(!dialrule_permits(NULL, 0, "tcp:192.0.2.1:1"), "no pattern, no call");
	return tap_done();
}
