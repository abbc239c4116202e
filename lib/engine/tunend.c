/* tunend.c - a TUN device in a loop, so many reads a turn. */
#include "engine/tunend.h"

#include "wire/gso.h"

#include <errno.h>

#define READS_A_TURN 16
#define PACKET_MAX 65536

/* What was read, packet by packet. */
static void take(struct tunend *e, uint8_t *b, size_t n, const struct tun_left *left)
{
	static uint8_t one[PACKET_MAX];
	struct gso g;
	if (!left->segment) {
		if (!left->sum || gso_sum(b, n, left->start, left->offset))
			e->packet(e->arg, b, n);
		return;
	}
	if (!gso_begin(&g, b, n, left->segment) || gso_room(&g) > sizeof one)
		return;
	for (size_t got; e->tun.fd >= 0 && (got = gso_next(&g, one)) != 0;)
		e->packet(e->arg, one, got);
}

static void on_fd(void *arg, int fd, short revents)
{
	static uint8_t b[PACKET_MAX];
	struct tunend *e = arg;
	struct tun_left left;
	ssize_t got = 1;
	(void)revents;
	for (unsigned n = 0; n < READS_A_TURN && got > 0 && e->tun.fd == fd; n++) {
		got = tun_read_some(fd, b, sizeof b, &left);
		if (got > 0)
			take(e, b, (size_t)got, &left);
	}
	if (got < 0 && errno != EAGAIN && errno != EINTR) {
		tunend_close(e);
		e->lost(e->arg);
	}
}

int tunend_open(struct tunend *e, const char *name, unsigned mtu, struct in_addr own, const char **why)
{
	e->gro.n = 0;
	if (tun_open(&e->tun, name, why) != 0)
		return -1;
	*why = "unable to configure the TUN device";
	if (tun_offload(&e->tun) == 0 && tun_mtu(&e->tun, mtu) == 0 && (!own.s_addr || tun_address(&e->tun, own, NULL) == 0) &&
	    tun_up(&e->tun) == 0 && loop_fd(e->loop, e->tun.fd, POLLIN, on_fd, e) == 0)
		return 0;
	int keep = errno;
	tunend_close(e);
	errno = keep;
	return -1;
}

static void flush(void *arg)
{
	struct tunend *e = arg;
	if (e->tun.fd < 0 || e->gro.n == 0)
		return;
	gro_seal(&e->gro);
	tun_write(e->tun.fd, e->gro.b, e->gro.n, e->gro.segment);
	e->gro.n = 0;
}

void tunend_write(struct tunend *e, struct view ip)
{
	const uint8_t *b = (const uint8_t *)ip.p;
	if (e->tun.fd < 0 || ip.n > sizeof e->gro.b)
		return;
	if (!gro_add(&e->gro, b, ip.n)) {
		flush(e);
		gro_add(&e->gro, b, ip.n);
	}
	if (!e->flush.armed)
		loop_at(e->loop, &e->flush, clock_ms(), flush, e);
}

void tunend_close(struct tunend *e)
{
	if (e->tun.fd < 0)
		return;
	loop_forget(e->loop, e->tun.fd);
	loop_cancel(e->loop, &e->flush);
	tun_close(&e->tun);
}
