/* The table of codes: once, for one user and router, for a time, and not without bound. */
#include "engine/login_codes.h"
#include "unit/tap.h"

#include <errno.h>

static struct login_codes *table;
static char code[CODE_LEN + 1];

static int make(const char *user, const char *domain, const char *router, int64_t now)
{
	struct code_for who = { view_of(user), view_of(domain), view_of(router) };
	return login_codes_make(table, &who, now, 100, code);
}

static bool use(const char *user, const char *domain, const char *router, int64_t now)
{
	struct code_for who = { view_of(user), view_of(domain), view_of(router) };
	return login_codes_use(table, &who, view_of(code), now);
}

static void one(void)
{
	check(make("alice", "EMEA", "r1", 1000) == 0 && strlen(code) == CODE_LEN, "a code");
	check(strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == CODE_LEN, "of base32");
	check(use("alice", "emea", "r1", 1099), "is good, in whatever letters the domain comes");
	check(!use("alice", "EMEA", "r1", 1099), "once");
	make("alice", "EMEA", "r1", 1000);
	check(use("alice", "", "r1", 1000), "also for who does not say the domain");
	make("alice", "EMEA", "r1", 1000);
	check(!use("alice", "EMEA", "r1", 1100), "not when its time is up");
	static const char *const wrong[][3] = {
		{ "bob", "EMEA", "r1" }, { "alice", "APAC", "r1" }, { "alice", "EMEA", "r2" }, { "", "", "" } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		make("alice", "EMEA", "r1", 1000);
		check(!use(wrong[i][0], wrong[i][1], wrong[i][2], 1000), "not for another");
		check(!use("alice", "EMEA", "r1", 1000), "and not for him after that");
	}
	struct code_for who = { view_of("alice"), view_of("EMEA"), view_of("r1") };
	check(!login_codes_use(table, &who, (struct view){ "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", CODE_LEN }, 0), "nothing is no code");
}

static void at_once(void)
{
	char made[7][CODE_LEN + 1];
	for (int i = 0; i < 7; i++) {
		make("frank", "", "r1", 4000);
		memcpy(made[i], code, sizeof code);
	}
	for (int i = 0; i < 7; i++) {
		memcpy(code, made[i], sizeof code);
		check(use("frank", "", "r1", 4000) == (i >= 3), "code %d of seven that were made in one millisecond", i + 1);
	}
}

static void bounds(void)
{
	static char long_name[CODE_NAME_MAX + 2];
	char first[CODE_LEN + 1], user[16];
	int made = 0;
	memset(long_name, 'x', CODE_NAME_MAX + 1);
	check(make(long_name, "", "r1", 5000) == -1 && errno == EINVAL, "a name that is too long");
	check(make("", "", "r1", 5000) == -1 && make("alice", "", "", 5000) == -1, "no name");
	for (int i = 0; i <= CODES_OF_USER; i++) {
		make("alice", "", "r1", 5000 + i);
		if (i == 0)
			memcpy(first, code, sizeof first);
	}
	check(use("alice", "", "r1", 5050), "the last of five");
	memcpy(code, first, sizeof first);
	check(!use("alice", "", "r1", 5050), "the first had to make room");
	for (int i = 0; i < 2 * CODES_MAX; i++) {
		snprintf(user, sizeof user, "u%d", i);
		made += make(user, "", "r1", 6000) == 0;
	}
	check(made == CODES_MAX, "%d of many users", made);
	check(make("late", "", "r1", 6000) == -1 && errno == EBUSY, "then none");
	check(make("late", "", "r1", 6100) == 0, "until the time of others is up");
}

int main(void)
{
	table = login_codes_new();
	one();
	at_once();
	bounds();
	login_codes_free(table);
	return tap_done();
}
