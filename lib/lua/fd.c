/* fd.c - sp.core.fd: descriptors as handles.
 * open(path, "r"|"w"|"a") handle · pipe() read end, write end · tty(fd) bool
 * handle:read([max]) bytes ("" at the end; false when it would block) ·
 * :write(bytes) count · :number() · :close() · :block(bool) */
#include "lua/bind.h"

#include "sys/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TYPE "sp.fd"
#define READ_MAX 65536

static void fd_type(lua_State *L);

int *bind_fd_new(lua_State *L)
{
	int *fd = lua_newuserdatauv(L, sizeof *fd, 0);

	*fd = -1;
	fd_type(L);
	lua_setmetatable(L, -2);
	return fd;
}

int bind_fd(lua_State *L, int arg)
{
	int *fd;

	if (lua_isinteger(L, arg))
		return (int)lua_tointeger(L, arg);
	fd = luaL_checkudata(L, arg, TYPE);
	if (*fd < 0)
		luaL_argerror(L, arg, "descriptor is closed");
	return *fd;
}

static int fd_close(lua_State *L)
{
	int *fd = luaL_checkudata(L, 1, TYPE);

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return 0;
}

static int fd_number(lua_State *L)
{
	lua_pushinteger(L, bind_fd(L, 1));
	return 1;
}

static int fd_open(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	static const char *const mode[] = { "r", "w", "a", NULL };
	static const int flag[] = { O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC, O_WRONLY | O_CREAT | O_APPEND };
	int f = flag[luaL_checkoption(L, 2, "r", mode)];
	int *fd = bind_fd_new(L);

	*fd = open(path, f | O_CLOEXEC | O_NOCTTY, 0600);
	return *fd < 0 ? bind_fail(L, lua_pushfstring(L, "open %s", path), NULL) : 1;
}

static int fd_pipe(lua_State *L)
{
	int *r = bind_fd_new(L), *w = bind_fd_new(L), both[2];

	if (pipe2(both, O_CLOEXEC))
		return bind_fail(L, "make a pipe", NULL);
	*r = both[0];
	*w = both[1];
	return 2;
}

static int fd_read(lua_State *L)
{
	int fd = bind_fd(L, 1);
	size_t max = (size_t)luaL_optinteger(L, 2, READ_MAX);
	luaL_Buffer b;
	ssize_t n;

	luaL_argcheck(L, max > 0 && max <= READ_MAX, 2, "out of range");
	n = read(fd, luaL_buffinitsize(L, &b, max), max);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		lua_pushboolean(L, 0);
		return 1;
	}
	if (n < 0)
		return bind_fail(L, "read", NULL);
	luaL_pushresultsize(&b, (size_t)n);
	return 1;
}

static int fd_write(lua_State *L)
{
	int fd = bind_fd(L, 1);
	size_t n;
	const char *p = luaL_checklstring(L, 2, &n);
	ssize_t done = write(fd, p, n);

	if (done < 0 && errno != EAGAIN && errno != EINTR)
		return bind_fail(L, "write", NULL);
	lua_pushinteger(L, done < 0 ? 0 : done);
	return 1;
}

static int fd_block(lua_State *L)
{
	luaL_checktype(L, 2, LUA_TBOOLEAN);
	if (!sock_nonblock(bind_fd(L, 1), !lua_toboolean(L, 2)))
		return bind_fail(L, "change a descriptor", NULL);
	lua_pushboolean(L, 1);
	return 1;
}

static int fd_tty(lua_State *L)
{
	lua_pushboolean(L, isatty(bind_fd(L, 1)));
	return 1;
}

static void fd_type(lua_State *L)
{
	static const luaL_Reg method[] = {
		{ "number", fd_number }, { "read", fd_read },   { "write", fd_write },
		{ "close", fd_close },   { "block", fd_block }, { NULL, NULL },
	};

	bind_type(L, TYPE, method, fd_close);
}

int open_fd(lua_State *L)
{
	static const luaL_Reg verb[] = {
		{ "open", fd_open }, { "pipe", fd_pipe },   { "tty", fd_tty },
		{ "read", fd_read }, { "write", fd_write }, { NULL, NULL },
	};

	luaL_newlib(L, verb);
	return 1;
}
