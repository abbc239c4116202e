/* tun.h - TUN devices: IP packets of the kernel's as reads and writes.
 * Everything is done by ioctl on this network namespace; the device goes when
 * its descriptor does, and with it every route through it. */
#ifndef SP_SYS_TUN_H
#define SP_SYS_TUN_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tun {
	int fd;              /* for tun_read, tun_write, poll; -1: closed */
	int index;           /* the kernel's number of the device */
	char name[IFNAMSIZ];
};

/* A new device, non-blocking and close-on-exec, checksums and segmentation
 * offloads off, IPv6 off. name: NULL or "" (the kernel chooses), a name, or a
 * pattern with %d ("sp%d"). 0, or -1 with errno and a constant reason; EBUSY:
 * a device of that name exists. t->fd is then -1. */
int tun_open(struct tun *t, const char *name, const char **why);
/* Own address, /32, and the peer's (NULL: none). 0/-1. */
int tun_address(const struct tun *t, struct in_addr own, const struct in_addr *peer);
/* Bytes of the largest packet, 68 to 65535. 0/-1. */
int tun_mtu(const struct tun *t, unsigned mtu);
int tun_up(const struct tun *t); /* 0/-1 */
/* One packet, cut off at n. Its bytes, or -1 with errno. */
ssize_t tun_read(int fd, void *p, size_t n);
/* From now on the kernel leaves checksums and segmentation to who reads with tun_read_some
 * (wire/gso.h does it): many packets come as one. 0/-1. */
int tun_offload(const struct tun *t);
struct tun_left { /* what is left to be done */
	uint16_t segment;         /* TCP: bytes of data of each packet; 0: it is one */
	bool sum;                 /* its checksum is to be finished */
	uint16_t start, offset;   /* of what, and where */
};
ssize_t tun_read_some(int fd, void *p, size_t n, struct tun_left *left);
/* One packet; or, where segment is not 0, TCP segments of so many bytes of data each, put
 * together as wire/gro.h says. 0/-1. */
int tun_write(int fd, const void *p, size_t n, uint16_t segment);
/* The device is gone when this returns. Twice is no harm. */
void tun_close(struct tun *t);

#endif
