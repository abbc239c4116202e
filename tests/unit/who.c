/* What a certificate's line says, and what a chain of lines makes of it. */
#include "unit/tap.h"
#include "wire/who.h"

#include <errno.h>

static void taken(const char *line)
{
	struct who w;
	struct buf out;
	const char *why = "";
	buf_init(&out, WHO_TEXT_MAX);
	bool ok = who_parse(&w, view_of(line), &why) == 1 && who_write(&w, &out) == 0;
	check(ok && view_is(buf_view(&out), line), "%s, and written again%s%s", line, ok ? "" : ": ", ok ? "" : why);
	buf_clear(&out);
}

static void refused(const char *line, const char *want)
{
	struct who w;
	const char *why = NULL;
	int rc = who_parse(&w, view_of(line), &why);
	check(rc == -1 && w.role == ROLE_NONE && !w.issues && !*w.name, "refused: %s", line);
	check_str(why, want, "and why");
}

static void lines(void)
{
	taken("role=monitor\tname=mon1");
	taken("role=processor\tserial=000187260123");
	taken("role=processor\tname=sp1\tserial=000187260123");
	taken("role=user\tuser=alice\tdomain=EMEA\tgroups=support,field");
	taken("role=login\tissues=user\tname=sec1");
	taken("issues=*\tname=sp authority");
	refused("", "empty line");
	refused("name=x", "it says neither role= nor issues=");
	refused("role=root\tname=x", "role= is none that is known");
	refused("role=monitor", "the name of its role is missing: user=, serial= or name=");
	refused("role=monitor\tname=", "a name is empty or too long");
	refused("role=monitor\tname=x\tuser=alice", "a field is not one of its role");
	refused("role=user\tuser=a\tname=x", "a field is not one of its role");
	refused("role=user\tuser=a\tissues=user", "a user vouches for nobody");
	refused("role=user\tuser=a\tonly_on=monday", "a field is not known");
	refused("role=user\tuser=a\\nb", "a name has characters that it may not have");
	refused("role=user\tuser=a,b", "a name has characters that it may not have");
	refused("role=user\tuser=0123456789012345678901234567890123456789012345678901234567890123456789", "a name is empty or too long");
	refused("issues=user,king\tname=x", "issues= has a role that is not known");
	refused("issues=\tname=x", "issues= has a role that is not known");
}

static void chain(const char *want, const char *what, struct view leaf, struct view middle, struct view root)
{
	struct view line[3] = { leaf, middle.p ? middle : root, root };
	unsigned n = root.p ? middle.p ? 3 : 2 : 1;
	struct who w;
	const char *why = NULL;
	int rc = who_vouched(&w, line, n, &why);
	check((rc == 1) == !want, "%s", what);
	check_str(why, want, "its reason");
	check(rc == 1 || w.role == ROLE_NONE, "who is refused is nobody");
}

static void chains(void)
{
	struct view none = { NULL, 0 }, all = view_of("issues=*\tname=root"), users = view_of("role=login\tissues=user\tname=sec"),
	            alice = view_of("role=user\tuser=alice"), mon = view_of("role=monitor\tname=m");
	chain(NULL, "a root vouches for a monitor", mon, none, all);
	chain(NULL, "the security server vouches for a user", alice, users, all);
	chain(NULL, "the security server is a party itself", users, none, all);
	chain("an authority may not vouch for that role", "it does not for a monitor", mon, users, all);
	chain("an authority may not vouch for that role", "nor does one below it for more than it may", mon, all, users);
	chain("nobody vouches for it", "a root that shows itself is nobody", all, none, none);
	chain("it is an authority, and no party", "nor is an authority without a role", all, none, all);
	chain("it says neither role= nor issues=", "an authority that says nothing vouches for nobody", mon, none, view_of("name=x"));
	struct view many[WHO_CHAIN_MAX + 1];
	for (unsigned i = 0; i <= WHO_CHAIN_MAX; i++)
		many[i] = i ? all : mon;
	struct who w;
	const char *why;
	check(who_vouched(&w, many, WHO_CHAIN_MAX, &why) == 1 && who_vouched(&w, many, WHO_CHAIN_MAX + 1, &why) == -1,
	      "a chain has a bound");
}

int main(void)
{
	struct who w = { .role = ROLE_MONITOR };
	struct buf out;
	buf_init(&out, 100);
	lines();
	chains();
	check(who_write(&w, &out) == -1 && errno == EINVAL && !out.len, "what would not be believed is not written");
	check(role_of(view_of("none")) == ROLE_NONE && strcmp(role_name(ROLE_ROUTER), "router") == 0, "roles have names");
	return tap_done();
}
