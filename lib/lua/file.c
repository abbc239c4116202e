/* file.c - sp.core.file: the few things about files that Lua's io lacks.
 * mkdir(path[, mode]) · write(path, text[, mode]) whole, mode 0600 unless told
 * · list(path) names · link(path) where a symbolic link points · remove(path)
 * a file or an empty folder · exists(path) · watch(path) a descriptor that polls
 * readable when that file was written to (read it to arm it again). */
#include "lua/bind.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static int done(lua_State *L, int result, const char *verb)
{
	if (result)
		return bind_fail(L, lua_pushfstring(L, "%s %s", verb, lua_tostring(L, 1)), NULL);
	lua_pushboolean(L, 1);
	return 1;
}

static int file_mkdir(lua_State *L)
{
	return done(L, mkdir(luaL_checkstring(L, 1), (mode_t)luaL_optinteger(L, 2, 0700)), "make folder");
}

static int file_remove(lua_State *L)
{
	return done(L, remove(luaL_checkstring(L, 1)), "remove");
}

static int file_exists(lua_State *L)
{
	lua_pushboolean(L, access(luaL_checkstring(L, 1), F_OK) == 0);
	return 1;
}

static int file_write(lua_State *L)
{
	size_t n, at = 0;
	const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &n);
	mode_t mode = (mode_t)luaL_optinteger(L, 3, 0600);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode), bad;

	if (fd < 0)
		return done(L, -1, "write");
	bad = fchmod(fd, mode);
	while (!bad && at < n) {
		ssize_t put = write(fd, text + at, n - at);

		if (put < 0 && errno != EINTR)
			bad = -1;
		at += put > 0 ? (size_t)put : 0;
	}
	if (close(fd))
		bad = -1;
	return done(L, bad, "write");
}

static int file_list(lua_State *L)
{
	DIR *d = opendir(luaL_checkstring(L, 1));
	struct dirent *e;
	lua_Integer n = 0;

	if (!d)
		return done(L, -1, "read folder");
	lua_newtable(L);
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
			lua_pushstring(L, e->d_name);
			lua_seti(L, -2, ++n);
		}
	closedir(d);
	return 1;
}

static int file_link(lua_State *L)
{
	char to[PATH_MAX];
	ssize_t n = readlink(luaL_checkstring(L, 1), to, sizeof to);

	if (n < 0)
		return done(L, -1, "read link");
	lua_pushlstring(L, to, (size_t)n);
	return 1;
}

static int file_watch(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	int *fd = bind_fd_new(L);

	*fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (*fd < 0 || inotify_add_watch(*fd, path, IN_MODIFY) < 0)
		return done(L, -1, "watch");
	return 1;
}

int open_file(lua_State *L)
{
	static const luaL_Reg verb[] = {
		{ "mkdir", file_mkdir }, { "remove", file_remove }, { "exists", file_exists }, { "write", file_write },
		{ "list", file_list },   { "link", file_link },     { "watch", file_watch },   { NULL, NULL },
	};

	luaL_newlib(L, verb);
	return 1;
}
