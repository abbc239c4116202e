/* sp.c - the orchestrator: Lua 5.4 with the verbs of lib/lua. This file finds
 * the Lua modules, hands over the arguments and turns the result into an exit
 * status; what the commands do stands in lua/sp/main.lua and recipes/. */
#include "lua/bind.h"
#include "tool/tool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct opt options[] = { { 0 } };

static const struct tool tool = {
	.name = "sp",
	.summary = "Reach the service processor of a storage system at a customer's site.\n\n"
	           "  connect [FILE]      from a service ticket to a session (sp connect --help)\n"
	           "  run FILE [ARG ...]  run a recipe, sp-recipe(5)\n"
	           "  lab COMMAND         a laboratory of all parties on this machine (sp lab --help)",
	.operands = "COMMAND [ARG ...]",
	.opt = options,
};

/* Shells in recipes must find the tools that are beside us, and a laboratory
 * the servers of /usr/sbin. */
static void search_path(void)
{
	char exe[PATH_MAX], path[2 * PATH_MAX];
	const char *was = getenv("PATH");
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *slash;

	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return;
	*slash = '\0';
	if ((size_t)snprintf(path, sizeof path, "%s:%s:/usr/sbin:/sbin", exe, was ? was : "/usr/bin:/bin") < sizeof path)
		setenv("PATH", path, 1);
}

/* Is `top` a folder with our modules, not to be changed by strangers? */
static bool is_top(const char *top)
{
	char path[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(path, sizeof path, "%s/lua/sp/main.lua", top) >= sizeof path)
		return false;
	return stat(path, &st) == 0 && (st.st_uid == 0 || st.st_uid == getuid()) && !(st.st_mode & S_IWOTH);
}

/* The source tree that the executable lies in (build/bin/sp, build/asan/bin/sp),
 * or where it was installed (bin/sp beside lib/sp). */
static bool beside(char *top)
{
	ssize_t n = readlink("/proc/self/exe", top, PATH_MAX - 10);

	if (n <= 0)
		return false;
	top[n] = '\0';
	for (int up = 0; up < 5; up++) {
		char *slash = strrchr(top, '/');

		if (!slash || slash == top)
			return false;
		*slash = '\0';
		if (up > 0 && is_top(top))
			return true;
		strcpy(slash, "/lib/sp");
		if (up == 1 && is_top(top))
			return true;
		*slash = '\0';
	}
	return false;
}

static void find_top(char *top)
{
	const char *env = getenv("SP_LUA");

	if (env && *env == '/' && strlen(env) < PATH_MAX && is_top(env))
		strcpy(top, env);
	else if (env)
		tool_die(SP_USAGE, "SP_LUA: there is no lua/sp/main.lua below %s", env);
	else if (!beside(top))
		strcpy(top, SP_LIBDIR);
}

/* package.path = the modules of this tree and nothing else; no C modules. */
static void paths(lua_State *L, const char *top)
{
	lua_getglobal(L, "package");
	lua_pushfstring(L, "%s/lua/?.lua;%s/lua/?/init.lua", top, top);
	lua_setfield(L, -2, "path");
	lua_pushliteral(L, "");
	lua_setfield(L, -2, "cpath");
	lua_pop(L, 1);
}

/* A source tree has its share/ beside lua/; an installed one elsewhere. */
static const char *share_of(lua_State *L, const char *top)
{
	static const char *const place[] = { "%s/share", "%s/../../share/sp" };

	for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
		const char *share = lua_pushfstring(L, place[i], top);

		if (access(lua_pushfstring(L, "%s/lab", share), F_OK) == 0)
			return share;
	}
	return lua_pushliteral(L, SP_SHAREDIR);
}

static void self(lua_State *L, const char *top)
{
	int base = lua_gettop(L);

	lua_newtable(L);
	lua_pushstring(L, share_of(L, top));
	lua_setfield(L, base + 1, "share");
	lua_pushstring(L, top);
	lua_setfield(L, base + 1, "top");
	lua_pushliteral(L, SP_VERSION);
	lua_setfield(L, base + 1, "version");
	lua_pushboolean(L, tool_common.json);
	lua_setfield(L, base + 1, "json");
	lua_pushstring(L, tool_common.log);
	lua_setfield(L, base + 1, "log");
	lua_settop(L, base + 1);
}

/* Runs require "sp.main"(self, ARG...) and returns its exit status. */
static int run(lua_State *L, const char *top, int n, char **arg)
{
	int status = SP_SYSTEM;

	lua_getglobal(L, "require");
	lua_pushliteral(L, "sp.main");
	if (lua_pcall(L, 1, 1, 0) != LUA_OK)
		goto out;
	self(L, top);
	for (int i = 0; i < n; i++)
		lua_pushstring(L, arg[i]);
	if (lua_pcall(L, n + 1, 1, 0) != LUA_OK)
		goto out;
	status = (int)lua_tointeger(L, -1);
	return status;
out:
	tool_say("%s", lua_tostring(L, -1) ? lua_tostring(L, -1) : "failed");
	return status;
}

int main(int argc, char **argv)
{
	char top[PATH_MAX];
	int at = tool_options(&tool, argc, argv), status;
	lua_State *L;

	if (at >= argc)
		tool_die(SP_USAGE, "no command: connect, run or lab (sp --help)");
	prctl(PR_SET_DUMPABLE, 0); /* passwords pass through; children decide for themselves */
	find_top(top);
	search_path();
	L = luaL_newstate();
	if (!L)
		tool_die(SP_SYSTEM, "unable to start Lua: %s", strerror(ENOMEM));
	luaL_openlibs(L);
	bind_all(L);
	paths(L, top);
	status = run(L, top, argc - at, argv + at);
	lua_close(L);
	if (fflush(stdout) || ferror(stdout)) /* print may have flushed and failed before */
		tool_die(SP_SYSTEM, "unable to write standard output");
	return status;
}
