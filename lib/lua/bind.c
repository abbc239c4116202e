/* bind.c - helpers of the Lua modules, and their table. */
#include "lua/bind.h"

#include <errno.h>
#include <string.h>

int bind_fail(lua_State *L, const char *what, const char *cause)
{
	if (!cause)
		cause = strerror(errno);
	lua_pushnil(L);
	lua_pushfstring(L, "unable to %s: %s", what, cause);
	return 2;
}

void bind_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction gc)
{
	if (luaL_newmetatable(L, type)) {
		lua_newtable(L);
		luaL_setfuncs(L, methods, 0);
		lua_setfield(L, -2, "__index");
		lua_pushcfunction(L, gc);
		lua_setfield(L, -2, "__gc");
		lua_pushcfunction(L, gc);
		lua_setfield(L, -2, "__close");
	}
}

const char *bind_field(lua_State *L, int arg, const char *key)
{
	const char *text = NULL;

	if (lua_getfield(L, arg, key) == LUA_TSTRING)
		text = lua_tostring(L, -1);
	else if (!lua_isnil(L, -1))
		luaL_error(L, "%s must be a string", key);
	lua_pop(L, 1);
	return text;
}

int bind_flag(lua_State *L, int arg, const char *key)
{
	int set;

	lua_getfield(L, arg, key);
	set = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return set;
}

void bind_all(lua_State *L)
{
	static const luaL_Reg module[] = {
		{ "sp.core.fd", open_fd },           { "sp.core.poll", open_poll },
		{ "sp.core.process", open_process }, { "sp.core.signal", open_signal },
		{ "sp.core.record", open_record },   { "sp.core.secret", open_secret },
		{ "sp.core.file", open_file },       { NULL, NULL },
	};

	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	luaL_setfuncs(L, module, 0);
	lua_pop(L, 1);
}
