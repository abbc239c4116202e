/* nas_nursery.c - where the processes of sessions come from. Parent and child share
 * their memory until one of them writes; the parent, which knows something of every
 * session, writes much, and the thousandth session would keep what was there of the
 * nine hundred and ninety-nine before it. So sessions are forked by a process that
 * was forked first and stays as small as it was: the nursery, which is given the
 * session's two sockets, and says the process's id. That one is the parent's child
 * all the same (CLONE_PARENT). A nursery that dies is replaced. */
#include "engine/nas_impl.h"
#include "engine/nas_session.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FD_PEER 3
#define FD_CONTROL 4
#define FD_SAFE 16
#define PATIENCE 5 /* s that it may take to fork */

/* What is sent: the workstation's address, when its TLS may begin, and with it two descriptors. */
struct birth {
	struct { char workstation[64]; int64_t later; } said;
	_Alignas(struct cmsghdr) char fds[CMSG_SPACE(2 * sizeof(int))];
	struct iovec io;
	struct msghdr m;
};

static void birth_init(struct birth *b)
{
	memset(b, 0, sizeof *b);
	b->io = (struct iovec){ &b->said, sizeof b->said };
	b->m = (struct msghdr){ .msg_iov = &b->io, .msg_iovlen = 1, .msg_control = b->fds, .msg_controllen = sizeof b->fds };
}

/* --- the nursery --- */

/* The session's process: keeps its two sockets and standard error, no more. */
static _Noreturn void become_session(const struct nas *n, const int fd[2], const struct birth *b)
{
	int p = fcntl(fd[0], F_DUPFD_CLOEXEC, FD_SAFE), c = fcntl(fd[1], F_DUPFD_CLOEXEC, FD_SAFE);
	bool ok = p >= 0 && c >= 0 && dup2(p, FD_PEER) == FD_PEER && dup2(c, FD_CONTROL) == FD_CONTROL;
	syscall(SYS_close_range, FD_CONTROL + 1, ~0U, 0);
	prctl(PR_SET_NAME, "sp-nas");
	if (!ok)
		_exit(SP_SYSTEM);
	_exit((int)nas_session(&n->conf, FD_PEER, FD_CONTROL, b->said.workstation, b->said.later));
}

static pid_t fork_session(const struct nas *n, const struct birth *b, const int fd[2], pid_t parent)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid != 0)
		return pid < 0 ? -errno : pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(SP_SYSTEM);
	become_session(n, fd, b);
}

static bool bear(const struct nas *n, int sock, pid_t parent)
{
	struct birth b;
	int fd[2];
	birth_init(&b);
	if (recvmsg(sock, &b.m, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof b.said || b.m.msg_controllen != sizeof b.fds)
		return false;
	memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&b.m)), sizeof fd);
	pid_t pid = fork_session(n, &b, fd, parent);
	close(fd[0]);
	close(fd[1]);
	return send(sock, &pid, sizeof pid, MSG_NOSIGNAL) == (ssize_t)sizeof pid;
}

/* Until the parent is gone. Signals to a group are for the parent to act upon; one to
 * a session that is not yet ready for it waits there. */
static _Noreturn void become_nursery(const struct nas *n, int sock, pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(sock, FD_PEER) == FD_PEER;
	sigset_t ends;
	syscall(SYS_close_range, FD_PEER + 1, ~0U, 0);
	prctl(PR_SET_NAME, "nas-nursery");
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	while (ok && bear(n, FD_PEER, parent))
		;
	_exit(ok ? SP_OK : SP_SYSTEM);
}

/* --- the parent --- */

int nas_nursery_open(struct nas *n)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	int pair[2];
	pid_t parent = getpid();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	n->nursery.pid = fork();
	if (n->nursery.pid == 0)
		become_nursery(n, pair[1], parent);
	int e = errno;
	close(pair[1]);
	n->nursery.fd = pair[0];
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (n->nursery.pid > 0)
		return 0;
	nas_nursery_close(n);
	errno = e;
	return -1;
}

void nas_nursery_close(struct nas *n)
{
	if (n->nursery.fd < 0)
		return;
	close(n->nursery.fd);
	n->nursery.fd = -1;
	if (n->nursery.pid > 0)
		kill(n->nursery.pid, SIGKILL);
	while (n->nursery.pid > 0 && waitpid(n->nursery.pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* -1 with errno EPIPE: the nursery is of no use. */
static pid_t ask(const struct nas *n, const int fd[2], const char *workstation, int64_t later)
{
	struct birth b;
	pid_t pid = 0;
	birth_init(&b);
	view_str(view_of(workstation), b.said.workstation, sizeof b.said.workstation);
	b.said.later = later;
	*CMSG_FIRSTHDR(&b.m) = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(2 * sizeof(int)) };
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&b.m)), fd, 2 * sizeof(int));
	bool told = n->nursery.fd >= 0 && sendmsg(n->nursery.fd, &b.m, MSG_NOSIGNAL) == (ssize_t)sizeof b.said &&
	            recv(n->nursery.fd, &pid, sizeof pid, 0) == (ssize_t)sizeof pid;
	errno = told ? -pid : EPIPE;
	return told && pid > 0 ? pid : -1;
}

pid_t nas_nursery_session(struct nas *n, const int fd[2], const char *workstation, int64_t later)
{
	pid_t pid = ask(n, fd, workstation, later);
	if (pid > 0 || errno != EPIPE)
		return pid;
	nas_say(n, "the process that sessions come from was lost, and is replaced");
	nas_nursery_close(n);
	return nas_nursery_open(n) == 0 ? ask(n, fd, workstation, later) : -1;
}
