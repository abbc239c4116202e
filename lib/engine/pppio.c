/* pppio.c - the three ends of a link in one loop: line, TUN, clock. The TUN is
 * not read while the line is behind, so that packets wait in the kernel's queue
 * and are dropped there, where TCP looks for it. */
#include "engine/pppio.h"

#include <errno.h>
#include <unistd.h>

#define LINE_READ 16384
#define PACKETS_AT_ONCE 64 /* then the line has its turn */
#define LINGER 1000        /* ms for the last bytes to leave */

void pppio_stop(struct pppio *io)
{
	if (!io->c.loop || io->ended)
		return;
	io->ended = true;
	loop_forget(io->c.loop, io->c.line);
	if (io->tun >= 0)
		loop_forget(io->c.loop, io->tun);
	loop_cancel(io->c.loop, &io->timer);
	loop_cancel(io->c.loop, &io->linger);
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

static void from_line(struct pppio *io)
{
	char b[LINE_READ];
	ssize_t n = read(io->c.line, b, sizeof b);
	if (n > 0)
		ppp_input(io->c.ppp, clock_ms(), b, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		line_lost(io);
}

static void to_line(struct pppio *io)
{
	struct buf *out = ppp_output(io->c.ppp);
	size_t may = pace_may(&io->pace, clock_ms()), n = out->len < may ? out->len : may;
	if (n == 0 || io->lost)
		return;
	ssize_t done = write(io->c.line, out->data, n);
	if (done > 0) {
		pace_took(&io->pace, (size_t)done);
		buf_consume(out, (size_t)done);
	} else if (done < 0 && errno != EAGAIN && errno != EINTR) {
		line_lost(io);
	}
}

static void on_line(void *arg, int fd, short revents)
{
	struct pppio *io = arg;
	(void)fd;
	io->busy = true;
	if (revents & (POLLIN | POLLHUP | POLLERR))
		from_line(io);
	io->busy = false;
	pppio_touch(io);
}

static bool queue_full(const struct pppio *io)
{
	return ppp_output(io->c.ppp)->len > (io->pace.rate ? PPPIO_PACED_QUEUE : PPP_OUT_HIGH);
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

static void from_tun(struct pppio *io)
{
	uint8_t ip[2048];
	for (int i = 0; i < PACKETS_AT_ONCE && !queue_full(io); i++) {
		ssize_t n = read(io->tun, ip, sizeof ip);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			tun_lost(io);
		if (n <= 0)
			break;
		if (!io->c.leaves || io->c.leaves(io->c.arg, ip, (size_t)n))
			(void)ppp_send(io->c.ppp, ip, (size_t)n); /* counted there when it cannot be sent */
	}
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
	if (io->tun >= 0 && !queue_full(io))
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
	*io = (struct pppio){ .c = *conf, .tun = -1, .busy = true };
	pace_init(&io->pace, conf->speed, clock_ms());
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
	while (io->tun >= 0 && write(io->tun, ip, n) < 0 && errno == EINTR)
		;
}
