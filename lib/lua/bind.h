/* bind.h - what the Lua modules in this folder share. Each .c is one module,
 * sp.core.NAME: verbs only, policy is in lua/sp/. A failure of the world is
 * nil and a message, misuse is a Lua error. Handles have __close and __gc. */
#ifndef SP_LUA_BIND_H
#define SP_LUA_BIND_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* Makes require "sp.core.*" find the modules of this folder. */
void bind_all(lua_State *L);

/* Pushes nil and "unable to WHAT: CAUSE" (cause NULL: of errno); returns 2. */
int bind_fail(lua_State *L, const char *what, const char *cause);
/* Pushes a metatable of that type, which knows methods and collects by gc
 * (also at the end of a <close> variable). */
void bind_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction gc);

/* A descriptor handle, closed (-1) at first: made before the descriptor is, so
 * that nothing is lost when memory is short. */
int *bind_fd_new(lua_State *L);
/* The number of an open handle or a plain integer at arg; else a Lua error. */
int bind_fd(lua_State *L, int arg);

/* Text of field `key` of the table at arg, NULL when there is none. Valid as
 * long as the table holds it. */
const char *bind_field(lua_State *L, int arg, const char *key);
int bind_flag(lua_State *L, int arg, const char *key);

int open_fd(lua_State *L);
int open_poll(lua_State *L);
int open_process(lua_State *L);
int open_signal(lua_State *L);
int open_record(lua_State *L);
int open_secret(lua_State *L);
int open_file(lua_State *L);

/* "TERM", "INT"... or a number at arg; else a Lua error. */
int bind_signal(lua_State *L, int arg);

#endif
