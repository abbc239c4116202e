/* process.c - sp.core.process: children, also inside a network namespace.
 * spawn{arg0, arg1, ..., fds={[0]=handle, [3]=handle}, env={"NAME=VALUE"},
 * netns="NAME", group=bool, survive=bool} a handle; a descriptor that is false
 * is /dev/null; 0, 1, 2 that are not named are inherited.
 * open(pid) a handle for a process that somebody else started.
 * handle:pid() · :fd() polls readable when it ended · :kill("TERM") ·
 * :status() as a shell would give it, nil while it runs. A handle that is
 * collected sends TERM to a child that still runs (unless survive). */
#include "lua/bind.h"

#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TYPE "sp.process"
#define FDS_MAX 16

struct process {
	pid_t pid;
	int fd;     /* pidfd, -1 when done with */
	int status; /* -1 while it runs */
	int keep;   /* outlives us */
};

static struct process *process_new(lua_State *L)
{
	struct process *p = lua_newuserdatauv(L, sizeof *p, 0);

	*p = (struct process){ .pid = -1, .fd = -1, .status = -1, .keep = 1 };
	luaL_setmetatable(L, TYPE);
	return p;
}

/* The words at [1], [2]... of the table as argv; collected by Lua. */
static char **words(lua_State *L, int table)
{
	lua_Integer i, n = luaL_len(L, table);
	char **v = lua_newuserdatauv(L, sizeof *v * ((size_t)n + 1), 1);

	for (i = 0; i < n; i++) {
		const char *s;

		lua_geti(L, table, i + 1);
		s = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
		if (!s)
			luaL_error(L, "word %d of a command is not a string", (int)i + 1);
		memcpy(&v[i], &s, sizeof s); /* execve takes char *const * and changes nothing */
		lua_pop(L, 1);
	}
	v[n] = NULL;
	return v;
}

static unsigned descriptors(lua_State *L, int table, struct spawn_fd *fd)
{
	unsigned n = 0;

	lua_pushnil(L);
	while (lua_next(L, table)) {
		if (n == FDS_MAX)
			luaL_error(L, "too many descriptors");
		fd[n].theirs = (int)luaL_checkinteger(L, -2);
		fd[n].ours = lua_toboolean(L, -1) ? bind_fd(L, lua_gettop(L)) : -1;
		n++;
		lua_pop(L, 1);
	}
	return n;
}

/* spawn() with the network namespace of that name entered meanwhile. */
static pid_t spawn_in(const struct spawn *s, const char *netns)
{
	char path[256];
	int home = -1, there = -1, keep;
	pid_t pid = -1;

	if (!netns)
		return spawn(s);
	snprintf(path, sizeof path, "/run/netns/%s", netns);
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET))
		goto out;
	pid = spawn(s);
	keep = errno;
	if (setns(home, CLONE_NEWNET))
		abort(); /* in a foreign network from here on: nothing would be right */
	errno = keep;
out:
	keep = errno;
	if (home >= 0)
		close(home);
	if (there >= 0)
		close(there);
	errno = keep;
	return pid;
}

static int process_spawn(lua_State *L)
{
	struct spawn_fd fd[FDS_MAX];
	struct spawn s = { .fd = fd };
	struct process *p;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argcheck(L, luaL_len(L, 1) > 0, 1, "no command");
	s.argv = words(L, 1);
	if (lua_getfield(L, 1, "fds") == LUA_TTABLE)
		s.nfd = descriptors(L, lua_gettop(L), fd);
	if (lua_getfield(L, 1, "env") == LUA_TTABLE)
		s.env = words(L, lua_gettop(L));
	s.group = bind_flag(L, 1, "group");
	s.survive = bind_flag(L, 1, "survive");
	p = process_new(L);
	p->pid = spawn_in(&s, bind_field(L, 1, "netns"));
	if (p->pid < 0)
		return bind_fail(L, lua_pushfstring(L, "start %s", s.argv[0]), NULL);
	p->keep = s.survive;
	p->fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	return p->fd < 0 ? bind_fail(L, "watch a child", NULL) : 1;
}

static int process_open(lua_State *L)
{
	pid_t pid = (pid_t)luaL_checkinteger(L, 1);
	struct process *p = process_new(L);

	p->pid = pid;
	p->fd = (int)syscall(SYS_pidfd_open, pid, 0);
	return p->fd < 0 ? bind_fail(L, "find the process", NULL) : 1;
}

static struct process *process_arg(lua_State *L)
{
	return luaL_checkudata(L, 1, TYPE);
}

static int process_pid(lua_State *L)
{
	lua_pushinteger(L, process_arg(L)->pid);
	return 1;
}

static int process_fd(lua_State *L)
{
	lua_pushinteger(L, process_arg(L)->fd);
	return 1;
}

static int process_status(lua_State *L)
{
	struct process *p = process_arg(L);
	int status;

	if (p->status < 0 && p->pid > 0 && waitpid(p->pid, &status, WNOHANG) == p->pid)
		p->status = spawn_status(status);
	if (p->status < 0)
		lua_pushnil(L);
	else
		lua_pushinteger(L, p->status);
	return 1;
}

static int process_kill(lua_State *L)
{
	struct process *p = process_arg(L);
	int signo = bind_signal(L, 2);

	if (p->status >= 0 || p->fd < 0 || syscall(SYS_pidfd_send_signal, p->fd, signo, NULL, 0))
		lua_pushboolean(L, 0);
	else
		lua_pushboolean(L, 1);
	return 1;
}

static int process_gc(lua_State *L)
{
	struct process *p = process_arg(L);

	if (p->fd >= 0 && p->status < 0 && !p->keep)
		syscall(SYS_pidfd_send_signal, p->fd, SIGTERM, NULL, 0);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	return 0;
}

int open_process(lua_State *L)
{
	static const luaL_Reg verb[] = { { "spawn", process_spawn }, { "open", process_open }, { NULL, NULL } };
	static const luaL_Reg method[] = {
		{ "pid", process_pid },       { "fd", process_fd }, { "kill", process_kill },
		{ "status", process_status }, { NULL, NULL },
	};

	bind_type(L, TYPE, method, process_gc);
	luaL_newlib(L, verb);
	return 1;
}
