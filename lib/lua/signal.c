/* signal.c - sp.core.signal: signals as a descriptor that polls.
 * catch{"INT", "TERM"} blocks them and returns a handle · take(handle) the
 * name of the next one, or false when there is none. Children get them back
 * (lib/sys/spawn). */
#include "lua/bind.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} table[] = {
	{ "INT", SIGINT },   { "TERM", SIGTERM }, { "HUP", SIGHUP },   { "KILL", SIGKILL },   { "STOP", SIGSTOP },
	{ "CONT", SIGCONT }, { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "WINCH", SIGWINCH }, { "QUIT", SIGQUIT },
};
#define NAMES (sizeof table / sizeof *table)

int bind_signal(lua_State *L, int arg)
{
	const char *name = luaL_checkstring(L, arg);
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].number;
	return luaL_argerror(L, arg, "unknown signal");
}

static int signal_catch(lua_State *L)
{
	sigset_t set;
	int i, n, *fd;

	luaL_checktype(L, 1, LUA_TTABLE);
	n = (int)luaL_len(L, 1);
	sigemptyset(&set);
	for (i = 1; i <= n; i++) {
		lua_geti(L, 1, i);
		sigaddset(&set, bind_signal(L, lua_gettop(L)));
		lua_pop(L, 1);
	}
	fd = bind_fd_new(L);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		*fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *fd < 0 ? bind_fail(L, "catch signals", NULL) : 1;
}

static int signal_take(lua_State *L)
{
	struct signalfd_siginfo info;
	size_t i;

	if (read(bind_fd(L, 1), &info, sizeof info) == sizeof info)
		for (i = 0; i < NAMES; i++)
			if ((uint32_t)table[i].number == info.ssi_signo) {
				lua_pushstring(L, table[i].name);
				lua_pushinteger(L, table[i].number);
				return 2;
			}
	lua_pushboolean(L, 0);
	return 1;
}

int open_signal(lua_State *L)
{
	static const luaL_Reg verb[] = { { "catch", signal_catch }, { "take", signal_take }, { NULL, NULL } };

	signal(SIGPIPE, SIG_IGN);
	luaL_newlib(L, verb);
	return 1;
}
