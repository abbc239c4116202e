/* netns.h - a network namespace of this process's own, without a name: devices, addresses and
 * routes in it are nobody else's, and go with the process. A socket or TUN device stays in the
 * one where it was made. Needs CAP_SYS_ADMIN. */
#ifndef SP_SYS_NETNS_H
#define SP_SYS_NETNS_H

#include <netinet/in.h>
#include <stdint.h>

struct netns {
	int home, own; /* close-on-exec; -1: closed */
};

/* A new one; this process is in it until netns_leave. 0, or -1 with errno: it is where it was. */
int netns_open(struct netns *n);
int netns_enter(const struct netns *n); /* 0/-1 errno */
void netns_leave(const struct netns *n); /* back home; a process that cannot, ends */
void netns_close(struct netns *n); /* it goes with the last thing in it */

/* A TCP connection that begins there: a socket that is connecting, non-blocking and close-on-exec. -1 errno. */
int netns_connect(const struct netns *n, struct in_addr from, struct in_addr to, uint16_t port);

#endif
