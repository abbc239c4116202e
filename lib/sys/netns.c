/* netns.c - by unshare(2) and setns(2); the process is away for some calls only. */
#include "sys/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define WHERE "/proc/self/ns/net"

int netns_open(struct netns *n)
{
	n->own = -1;
	n->home = open(WHERE, O_RDONLY | O_CLOEXEC);
	if (n->home < 0)
		return -1;
	if (unshare(CLONE_NEWNET) == 0) {
		n->own = open(WHERE, O_RDONLY | O_CLOEXEC);
		if (n->own >= 0)
			return 0;
		int e = errno;
		netns_leave(n);
		errno = e;
	}
	netns_close(n);
	return -1;
}

int netns_enter(const struct netns *n)
{
	return setns(n->own, CLONE_NEWNET);
}

void netns_leave(const struct netns *n)
{
	if (setns(n->home, CLONE_NEWNET) != 0)
		abort(); /* what comes next would be done in the wrong place */
}

void netns_close(struct netns *n)
{
	int e = errno;
	if (n->own >= 0)
		close(n->own);
	if (n->home >= 0)
		close(n->home);
	n->own = n->home = -1;
	errno = e;
}

static int begin(struct in_addr from, struct in_addr to, uint16_t port)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr = from };
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_addr = to, .sin_port = htons(port) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one); /* the port is chosen with the peer known */
	if (bind(fd, (const struct sockaddr *)&own, sizeof own) == 0 &&
	    (connect(fd, (const struct sockaddr *)&peer, sizeof peer) == 0 || errno == EINPROGRESS))
		return fd;
	int e = errno;
	close(fd);
	errno = e;
	return -1;
}

int netns_connect(const struct netns *n, struct in_addr from, struct in_addr to, uint16_t port)
{
	if (netns_enter(n) != 0)
		return -1;
	int fd = begin(from, to, port), e = errno;
	netns_leave(n);
	errno = e;
	return fd;
}
