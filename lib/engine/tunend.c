/* tunend.c - a TUN device in a loop, so many packets a turn. */
#include "engine/tunend.h"

#include <errno.h>

#define PACKETS_A_TURN 64

static void on_fd(void *arg, int fd, short revents)
{
	struct tunend *e = arg;
	uint8_t b[65536];
	(void)revents;
	for (unsigned n = 0; n < PACKETS_A_TURN && e->tun.fd == fd; n++) {
		ssize_t got = tun_read(fd, b, sizeof b);
		if (got > 0) {
			e->packet(e->arg, b, (size_t)got);
		} else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			return;
		} else if (got < 0) {
			tunend_close(e);
			e->lost(e->arg);
			return;
		}
	}
}

int tunend_open(struct tunend *e, const char *name, unsigned mtu, struct in_addr own, const char **why)
{
	if (tun_open(&e->tun, name, why) != 0)
		return -1;
	*why = "unable to configure the TUN device";
	if (tun_mtu(&e->tun, mtu) == 0 && (!own.s_addr || tun_address(&e->tun, own, NULL) == 0) && tun_up(&e->tun) == 0 &&
	    loop_fd(e->loop, e->tun.fd, POLLIN, on_fd, e) == 0)
		return 0;
	int keep = errno;
	tunend_close(e);
	errno = keep;
	return -1;
}

void tunend_write(struct tunend *e, struct view ip)
{
	if (e->tun.fd >= 0)
		tun_write(e->tun.fd, ip.p, ip.n, 0);
}

void tunend_close(struct tunend *e)
{
	if (e->tun.fd < 0)
		return;
	loop_forget(e->loop, e->tun.fd);
	tun_close(&e->tun);
}
