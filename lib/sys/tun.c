/* tun.c - TUN devices, by /dev/net/tun and the interface ioctls.
 * No packet information header; a virtio header, which says nothing about what the
 * kernel hands over: whole packets with their checksums filled in. It takes more than
 * one at once, where the header says that they are TCP segments. Only IPv4 is wanted: IPv6 is
 * switched off where /proc/sys can be written, else its few packets arrive and
 * whoever reads them drops them. */
#include "sys/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { IP_HEADER = 20, TCP_OFFSET = 12, TCP_SUM = 16 };

/* One ioctl about a device, on a socket of its own. */
static int ask(const struct tun *t, unsigned long what, struct ifreq *r)
{
	int rc, e, s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -1;
	memcpy(r->ifr_name, t->name, sizeof r->ifr_name);
	rc = ioctl(s, what, r);
	e = errno;
	close(s);
	errno = e;
	return rc < 0 ? -1 : 0;
}

static void no_ipv6(const struct tun *t)
{
	char path[64 + IFNAMSIZ];
	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", t->name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "1", 1) < 0)
		errno = 0; /* without it the link only carries a few packets more */
	close(fd);
}

int tun_open(struct tun *t, const char *name, const char **why)
{
	struct ifreq r;
	int e;
	memset(t, 0, sizeof *t);
	memset(&r, 0, sizeof r);
	t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	*why = "unable to open /dev/net/tun";
	if (t->fd < 0)
		return -1;
	r.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL | IFF_VNET_HDR);
	*why = "the device's name is too long";
	if (name && strlen(name) >= sizeof r.ifr_name) {
		errno = ENAMETOOLONG;
		goto out;
	}
	if (name)
		snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	*why = "unable to make a TUN device";
	if (ioctl(t->fd, TUNSETIFF, &r) < 0 || ioctl(t->fd, TUNSETOFFLOAD, 0ul) < 0)
		goto out;
	memcpy(t->name, r.ifr_name, sizeof t->name);
	*why = "unable to find the new TUN device";
	if (ask(t, SIOCGIFINDEX, &r) < 0)
		goto out;
	t->index = r.ifr_ifindex;
	no_ipv6(t);
	return 0;
out:
	e = errno;
	tun_close(t);
	errno = e;
	return -1;
}

static void put(struct sockaddr *sa, struct in_addr a)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = a };
	memcpy(sa, &in, sizeof in);
}

int tun_address(const struct tun *t, struct in_addr own, const struct in_addr *peer)
{
	struct ifreq r;
	memset(&r, 0, sizeof r);
	put(&r.ifr_addr, own);
	if (ask(t, SIOCSIFADDR, &r) < 0)
		return -1;
	put(&r.ifr_netmask, (struct in_addr){ INADDR_BROADCAST });
	if (ask(t, SIOCSIFNETMASK, &r) < 0)
		return -1;
	if (!peer)
		return 0;
	put(&r.ifr_dstaddr, *peer);
	return ask(t, SIOCSIFDSTADDR, &r);
}

int tun_mtu(const struct tun *t, unsigned mtu)
{
	struct ifreq r;
	memset(&r, 0, sizeof r);
	if (mtu < 68 || mtu > 65535) {
		errno = EINVAL;
		return -1;
	}
	r.ifr_mtu = (int)mtu;
	return ask(t, SIOCSIFMTU, &r);
}

int tun_up(const struct tun *t)
{
	struct ifreq r;
	memset(&r, 0, sizeof r);
	if (ask(t, SIOCGIFFLAGS, &r) < 0)
		return -1;
	r.ifr_flags = (short)(r.ifr_flags | IFF_UP | IFF_RUNNING);
	return ask(t, SIOCSIFFLAGS, &r);
}

ssize_t tun_read_some(int fd, void *p, size_t n, struct tun_left *left)
{
	struct virtio_net_hdr h = { 0 };
	struct iovec v[2] = { { &h, sizeof h }, { p, n } };
	ssize_t got = readv(fd, v, 2);
	if (got < (ssize_t)sizeof h)
		return got;
	*left = (struct tun_left){ .segment = h.gso_type == VIRTIO_NET_HDR_GSO_NONE ? 0 : h.gso_size,
	                           .sum = h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, .start = h.csum_start, .offset = h.csum_offset };
	return got - (ssize_t)sizeof h;
}

ssize_t tun_read(int fd, void *p, size_t n)
{
	struct tun_left left;
	return tun_read_some(fd, p, n, &left);
}

int tun_offload(const struct tun *t)
{
	return ioctl(t->fd, TUNSETOFFLOAD, (unsigned long)(TUN_F_CSUM | TUN_F_TSO4)) < 0 ? -1 : 0;
}

int tun_write(int fd, const void *p, size_t n, uint16_t segment)
{
	union { const void *from; void *p; } packet = { p }; /* writev takes no const */
	struct virtio_net_hdr h = { 0 };
	struct iovec v[2] = { { &h, sizeof h }, { packet.p, n } };
	if (segment) {
		h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		h.gso_size = segment;
		h.csum_start = IP_HEADER;
		h.csum_offset = TCP_SUM;
		h.hdr_len = (uint16_t)(IP_HEADER + (((const uint8_t *)p)[IP_HEADER + TCP_OFFSET] >> 4) * 4);
	}
	return writev(fd, v, 2) < 0 ? -1 : 0;
}

void tun_close(struct tun *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}
