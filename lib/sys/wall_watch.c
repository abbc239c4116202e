/* wall_watch.c - what the kernel tells about changes of rules: is our table among what was deleted? */
#include "sys/netlink.h"
#include "sys/wall.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TABLE "sp_wall"

int wall_watch(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = 1u << (NFNLGRP_NFTABLES - 1) };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	int e = errno;
	close(fd);
	errno = e;
	return -1;
}

static bool is_ours(const struct nlmsghdr *h)
{
	const struct nfgenmsg *family = NLMSG_DATA(h);
	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE) || h->nlmsg_len < NLMSG_LENGTH(sizeof *family) ||
	    family->nfgen_family != NFPROTO_INET)
		return false;
	const char *name = netlink_find(h, sizeof *family, NFTA_TABLE_NAME, sizeof TABLE);
	return name && memcmp(name, TABLE, sizeof TABLE) == 0;
}

/* What was lost could have been it. */
bool wall_gone(int fd)
{
	_Alignas(struct nlmsghdr) char b[32768];
	bool gone = false;
	ssize_t n;
	while ((n = recv(fd, b, sizeof b, 0)) > 0 || (n < 0 && errno != EAGAIN)) {
		if (n < 0)
			return true;
		size_t left = (size_t)n;
		for (const struct nlmsghdr *h = (const struct nlmsghdr *)b; NLMSG_OK(h, left) && !gone; h = NLMSG_NEXT(h, left))
			gone = is_ours(h);
	}
	return gone;
}
