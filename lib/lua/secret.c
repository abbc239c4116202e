/* secret.c - sp.core.secret: passwords that Lua holds but never sees.
 * ask(prompt, file, fd) a handle: from the file, the descriptor's number or,
 * with neither, the terminal; ends the program when there is none to be had.
 * handle:pipe() a descriptor from which a child reads it as one line.
 * random(bytes) as many random bytes in hexadecimal. */
#include "lua/bind.h"

#include "tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#define TYPE "sp.secret"
#define RANDOM_MAX 64

static int sec_clear(lua_State *L)
{
	secret_clear(luaL_checkudata(L, 1, TYPE));
	return 0;
}

static int sec_ask(lua_State *L)
{
	const char *prompt = luaL_checkstring(L, 1);
	const char *file = luaL_optstring(L, 2, NULL), *fd = luaL_optstring(L, 3, NULL);
	struct secret *s = lua_newuserdatauv(L, sizeof *s, 0);

	s->n = 0;
	s->b[0] = 0;
	luaL_setmetatable(L, TYPE);
	tool_password(s, file, fd, prompt);
	return 1;
}

/* A pipe takes 64 KiB without a reader: a line of SECRET_MAX never blocks. */
static int sec_pipe(lua_State *L)
{
	const struct secret *s = luaL_checkudata(L, 1, TYPE);
	struct view v = secret_view(s);
	int *r = bind_fd_new(L), both[2], ok;

	if (pipe2(both, O_CLOEXEC))
		return bind_fail(L, "make a pipe", NULL);
	*r = both[0];
	ok = write(both[1], v.p, v.n) == (ssize_t)v.n && write(both[1], "\n", 1) == 1;
	close(both[1]);
	return ok ? 1 : bind_fail(L, "hand a password on", NULL);
}

static int sec_random(lua_State *L)
{
	unsigned char raw[RANDOM_MAX];
	size_t i, n = (size_t)luaL_checkinteger(L, 1);
	char hex[2 * RANDOM_MAX + 1];

	if (n == 0 || n > sizeof raw)
		return luaL_argerror(L, 1, "out of range");
	if (getrandom(raw, n, 0) != (ssize_t)n)
		return bind_fail(L, "get random bytes", NULL);
	for (i = 0; i < n; i++)
		snprintf(&hex[2 * i], 3, "%02x", raw[i]);
	lua_pushstring(L, hex);
	return 1;
}

int open_secret(lua_State *L)
{
	static const luaL_Reg verb[] = { { "ask", sec_ask }, { "random", sec_random }, { NULL, NULL } };
	static const luaL_Reg method[] = { { "pipe", sec_pipe }, { "clear", sec_clear }, { NULL, NULL } };

	bind_type(L, TYPE, method, sec_clear);
	luaL_newlib(L, verb);
	return 1;
}
