/* poll.c - sp.core.poll: the one place where a recipe waits.
 * now() monotonic milliseconds · wait(list, deadline) polls descriptors until
 * one is ready or the deadline (of now(); nil: none) passed. list[i] =
 * {fd=handle or number, events="r"|"w"|""}; returns the indices that are
 * ready, an empty list at the deadline. "" waits for the other end's going. */
#include "lua/bind.h"

#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

static int poll_now(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)clock_ms());
	return 1;
}

static void entry(lua_State *L, int i, struct pollfd *p)
{
	const char *events;

	lua_geti(L, 1, i + 1);
	luaL_checktype(L, -1, LUA_TTABLE);
	lua_getfield(L, -1, "fd");
	p->fd = bind_fd(L, lua_gettop(L));
	lua_pop(L, 1);
	events = bind_field(L, lua_gettop(L), "events");
	p->events = (short)((events && strchr(events, 'r') ? POLLIN : 0) | (events && strchr(events, 'w') ? POLLOUT : 0));
	p->revents = 0;
	lua_pop(L, 1);
}

/* poll takes an int and rounds nothing: a deadline that is further away than
 * that is polled again by the caller, who sees an empty list too early. */
static int patience(lua_State *L, int arg)
{
	lua_Integer left;

	if (lua_isnoneornil(L, arg))
		return -1;
	left = luaL_checkinteger(L, arg) - (lua_Integer)clock_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static int poll_wait(lua_State *L)
{
	int n, i, found, wait_ms;
	struct pollfd *p;

	luaL_checktype(L, 1, LUA_TTABLE);
	n = (int)luaL_len(L, 1);
	p = lua_newuserdatauv(L, sizeof *p * (size_t)(n + 1), 0);
	for (i = 0; i < n; i++)
		entry(L, i, &p[i]);
	wait_ms = patience(L, 2);
	found = poll(p, (nfds_t)n, wait_ms);
	if (found < 0 && errno != EINTR)
		return bind_fail(L, "wait", NULL);
	lua_newtable(L);
	for (i = 0; i < n && found > 0; i++) {
		if (!p[i].revents)
			continue;
		lua_pushinteger(L, i + 1);
		lua_seti(L, -2, luaL_len(L, -2) + 1);
	}
	return 1;
}

int open_poll(lua_State *L)
{
	static const luaL_Reg verb[] = { { "now", poll_now }, { "wait", poll_wait }, { NULL, NULL } };

	luaL_newlib(L, verb);
	return 1;
}
