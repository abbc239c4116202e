/* pppio.c - the three ends of a link in one loop: line, TUN, clock. The TUN is
 * not read while the line is behind, so that packets wait in the kernel's queue
 * and are dropped there, where TCP looks for it. */
#include "engine/pppio.h"

#include <errno.h>
#include <unistd.h>

#define LINE_READ 16384
#define LINGER 1000 /* ms for the last bytes to leave */

static void end(struct pppio *io)
{
	if (io->ended)
		return;
	io->ended = true;
	loop_forget(io->loop, io->line);
	if (io->tun >= 0)
		loop_forget(io->loop, io->tun);
	loop_cancel(io->loop, &io->timer);
	loop_cancel(io->loop, &io->linger);
	io->done(io->arg);
}

static void line_lost(struct pppio *io)
{
	io->lost = true;
	ppp_line_lost(io->ppp, clock_ms());
}

static void flush(struct pppio *io)
{
	struct buf *b = ppp_output(io->ppp);
	while (b->len > 0 && !io->lost) {
		ssize_t n = write(io->line, b->data, b->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			line_lost(io);
		else
			buf_consume(b, (size_t)n);
	}
}

static void on_line(void *arg, int fd, short revents)
{
	struct pppio *io = arg;
	char b[LINE_READ];
	(void)revents;
	ssize_t n = read(fd, b, sizeof b);
	if (n > 0)
		ppp_input(io->ppp, clock_ms(), b, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		line_lost(io);
	pppio_touch(io);
}

static void on_tun(void *arg, int fd, short revents)
{
	struct pppio *io = arg;
	uint8_t ip[2048];
	ssize_t n = 0;
	(void)revents;
	for (int i = 0; i < 64 && ppp_output(io->ppp)->len <= PPP_OUT_HIGH && (n = read(fd, ip, sizeof ip)) > 0; i++)
		(void)ppp_send(io->ppp, ip, (size_t)n); /* counted there when it cannot be sent */
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		loop_forget(io->loop, fd); /* the device was deleted under us */
		io->tun = -1;
		ppp_close(io->ppp, clock_ms(), PPP_CLOSED);
	}
	pppio_touch(io);
}

static void on_time(void *arg)
{
	struct pppio *io = arg;
	ppp_tick(io->ppp, clock_ms());
	pppio_touch(io);
}

static void on_linger(void *arg)
{
	end(arg);
}

/* Down: what is left to write leaves, but not for ever. */
static bool over(struct pppio *io)
{
	if (!ppp_is_down(io->ppp))
		return false;
	if (io->lost || ppp_output(io->ppp)->len == 0)
		return true;
	if (!io->linger.armed)
		loop_at(io->loop, &io->linger, clock_deadline(LINGER), on_linger, io);
	return false;
}

void pppio_touch(struct pppio *io)
{
	if (io->ended)
		return;
	flush(io);
	if (over(io)) {
		end(io);
		return;
	}
	size_t waiting = ppp_output(io->ppp)->len;
	loop_fd(io->loop, io->line, waiting ? POLLIN | POLLOUT : POLLIN, on_line, io);
	if (io->tun >= 0)
		loop_fd(io->loop, io->tun, waiting <= PPP_OUT_HIGH ? POLLIN : 0, on_tun, io);
	int64_t at = ppp_deadline(io->ppp);
	if (at == CLOCK_NEVER)
		loop_cancel(io->loop, &io->timer);
	else
		loop_at(io->loop, &io->timer, at, on_time, io);
}

void pppio_begin(struct pppio *io, struct loop *l, struct ppp *ppp, int line, void (*done)(void *), void *arg)
{
	*io = (struct pppio){ .loop = l, .ppp = ppp, .line = line, .tun = -1, .done = done, .arg = arg };
	ppp_open(ppp, clock_ms());
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
