/* pppio.c - the three ends of a link in one loop: line, TUN, clock. On a paced line
 * packets wait in a queue of ours, where they take turns, and the link gets the next
 * one when the one before has gone: what is framed and compressed cannot be passed.
 * Otherwise the TUN is not read while the line is behind, so that packets wait in
 * the kernel's queue and are dropped there, where TCP looks for it. */
#include "engine/pppio.h"

#include "sys/tun.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#define LINE_READ 16384    /* bytes; then the TUN has its turn */
#define LINE_LITTLE 1024   /* who reads less has all; a tty has more when it gave 4096 */
#define PACKETS_AT_ONCE 64 /* then the line has its turn */
#define LINGER 1000        /* ms for the last bytes to leave */

void pppio_stop(struct pppio *io)
{
	if (!io->c.loop || io->ended)
		return;
	io->ended = io->lost = true;
	loop_forget(io->c.loop, io->c.line);
	loop_forget(io->c.loop, io->tun);
	io->tun = -1;
	loop_cancel(io->c.loop, &io->timer);
	loop_cancel(io->c.loop, &io->linger);
	queue_clear(&io->queue);
}

/* io may be gone afterwards. */
static void end(void *arg)
{
	struct pppio *io = arg;
	pppio_stop(io);
	io->c.done(io->c.arg);
}

static void line_lost(struct pppio *io)
{
	io->lost = true;
	ppp_line_lost(io->c.ppp, clock_ms());
}

/* What came at once, mostly of one connection, is mostly one packet by now. */
static void to_tun(struct pppio *io)
{
	gro_seal(&io->gro);
	while (io->gro.n && io->tun >= 0 && tun_write(io->tun, io->gro.b, io->gro.n, io->gro.segment) != 0 && errno == EINTR)
		;
	io->gro.n = 0;
}

static void from_line(struct pppio *io)
{
	char b[LINE_READ];
	for (ssize_t n = LINE_READ, all = 0; n > LINE_LITTLE && all < LINE_READ && !io->lost; all += n) {
		n = read(io->c.line, b, sizeof b);
		if (n > 0)
			ppp_input(io->c.ppp, clock_ms(), b, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			line_lost(io);
	}
	to_tun(io);
}

/* true: the line may take more. */
static bool written(struct pppio *io)
{
	struct buf *out = ppp_output(io->c.ppp);
	size_t may = pace_may(&io->pace, clock_ms()), n = out->len < may ? out->len : may;
	if (n == 0 || io->lost || io->full)
		return false;
	ssize_t done = write(io->c.line, out->data, n);
	if (done > 0) {
		pace_took(&io->pace, (size_t)done);
		buf_consume(out, (size_t)done);
	} else if (done < 0 && errno != EAGAIN && errno != EINTR) {
		line_lost(io);
	}
	io->full = done < (ssize_t)n;
	return !io->full;
}

/* The next packet of the queue, when nothing is before it. One that cannot be sent is
 * counted by the link. */
static void refill(struct pppio *io)
{
	uint8_t ip[QUEUE_PACKET];
	size_t n;
	while (ppp_output(io->c.ppp)->len == 0 && (n = queue_next(&io->queue, clock_ms(), ip)) > 0)
		(void)ppp_send(io->c.ppp, ip, n);
}

static void to_line(struct pppio *io)
{
	do
		refill(io);
	while (written(io));
}

/* The queue of a paced line never is: it drops what waits too long. */
static bool is_full(const struct pppio *io)
{
	return !io->pace.rate && ppp_output(io->c.ppp)->len > PPP_OUT_HIGH;
}

/* Its descriptor would be ready for ever. */
static void tun_lost(struct pppio *io)
{
	loop_forget(io->c.loop, io->tun);
	io->tun = -1;
	if (io->c.tun_lost)
		io->c.tun_lost(io->c.arg);
	ppp_close(io->c.ppp, clock_ms(), PPP_CLOSED);
}

/* One that cannot be sent is counted by the queue, or by the link. */
void pppio_send(struct pppio *io, const uint8_t *ip, size_t n)
{
	if (io->pace.rate)
		(void)queue_add(&io->queue, clock_ms(), ip, n);
	else
		(void)ppp_send(io->c.ppp, ip, n);
}

static void from_tun(struct pppio *io)
{
	uint8_t ip[QUEUE_PACKET];
	for (int i = 0; i < PACKETS_AT_ONCE && io->tun >= 0 && !is_full(io); i++) {
		ssize_t n = tun_read(io->tun, ip, sizeof ip);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			tun_lost(io);
		if (n <= 0)
			break;
		if (io->c.leaves && !io->c.leaves(io->c.arg, ip, (size_t)n))
			continue;
		pppio_send(io, ip, (size_t)n);
	}
}

static void on_line(void *arg, int fd, short revents)
{
	struct pppio *io = arg;
	(void)fd;
	io->busy = true;
	if (revents & POLLOUT)
		io->full = false;
	if (revents & (POLLIN | POLLHUP | POLLERR))
		from_line(io);
	to_line(io);
	from_tun(io); /* what came over the line has its answers there */
	io->busy = false;
	pppio_touch(io);
}

static void on_tun(void *arg, int fd, short revents)
{
	struct pppio *io = arg;
	(void)fd;
	(void)revents;
	io->busy = true;
	from_tun(io);
	io->busy = false;
	pppio_touch(io);
}

static void on_time(void *arg)
{
	struct pppio *io = arg;
	io->busy = true;
	ppp_tick(io->c.ppp, clock_ms());
	io->busy = false;
	pppio_touch(io);
}

/* Down: what is left to write leaves, but not for ever. */
static bool over(struct pppio *io)
{
	if (!ppp_is_down(io->c.ppp))
		return false;
	if (io->lost || ppp_output(io->c.ppp)->len == 0)
		return true;
	if (!io->linger.armed)
		loop_at(io->c.loop, &io->linger, clock_deadline(LINGER), end, io);
	return false;
}

/* Waits for what can happen next. */
static void watch(struct pppio *io)
{
	size_t left = ppp_output(io->c.ppp)->len;
	int64_t at = ppp_deadline(io->c.ppp);
	bool may = left && pace_may(&io->pace, clock_ms()) > 0;
	if (left && !may && pace_next(&io->pace, left) < at)
		at = pace_next(&io->pace, left);
	loop_fd(io->c.loop, io->c.line, (short)(POLLIN | (may ? POLLOUT : 0)), on_line, io);
	if (io->tun >= 0 && !is_full(io))
		loop_fd(io->c.loop, io->tun, POLLIN, on_tun, io);
	else if (io->tun >= 0)
		loop_forget(io->c.loop, io->tun);
	if (at == CLOCK_NEVER)
		loop_cancel(io->c.loop, &io->timer);
	else
		loop_at(io->c.loop, &io->timer, at, on_time, io);
}

void pppio_touch(struct pppio *io)
{
	if (!io->c.loop || io->ended || io->busy)
		return;
	io->busy = true;
	to_line(io);
	io->busy = false;
	if (over(io))
		end(io);
	else
		watch(io);
}

void pppio_begin(struct pppio *io, const struct pppio_conf *conf)
{
	uint8_t key[SIPHASH_KEY] = { 0 };
	*io = (struct pppio){ .c = *conf, .tun = -1, .busy = true };
	pace_init(&io->pace, conf->bits ? conf->speed * PACE_BITS_A_BYTE / conf->bits : conf->speed, clock_ms());
	if (getrandom(key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key)
		key[0] = (uint8_t)clock_ms(); /* as good as there is */
	queue_init(&io->queue, io->pace.rate, key);
	ppp_open(conf->ppp, clock_ms());
	io->busy = false;
	pppio_touch(io);
}

void pppio_tun(struct pppio *io, int fd)
{
	io->tun = fd; /* watched from the next pppio_touch, which comes after every callback */
}

void pppio_packet(struct pppio *io, const uint8_t *ip, size_t n)
{
	if (n > sizeof io->gro.b || gro_add(&io->gro, ip, n))
		return;
	to_tun(io);
	gro_add(&io->gro, ip, n);
}
