/* chan.c - unit tests of lib/engine/chan.h and of the stream below it: peers that
 * half-close, go away, or never stop. */
#include "base/num.h"
#include "engine/chan.h"
#include "unit/tap.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;
static struct chan *chan;
static struct loop_timer later, limit;
static unsigned asked;
static bool closed;
static char why[64], got[256];
static int64_t answer_ms; /* -1: never */

static void answer(void *arg)
{
	struct record r = { 0 };
	(void)arg;
	record_set(&r, "id", "1");
	record_set(&r, "done", "0");
	chan_send(chan, &r);
	record_clear(&r);
}

static void on_record(void *arg, struct record *r)
{
	(void)arg;
	(void)r;
	asked++;
	if (answer_ms >= 0)
		loop_at(loop, &later, clock_deadline(answer_ms), answer, NULL);
}

static void on_closed(void *arg, const char *reason)
{
	(void)arg;
	closed = true;
	snprintf(why, sizeof why, "%s", reason ? reason : "orderly");
	loop_stop(loop);
}

static const struct chan_ops ops = { .record = on_record, .closed = on_closed };

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void run_for(int64_t ms)
{
	loop_at(loop, &limit, clock_deadline(ms), stop, NULL);
	loop_run(loop);
	loop_cancel(loop, &limit);
}

/* One question, and what happens to the sending side then; returns the ms until
 * the channel was closed. */
static int64_t asks(int64_t linger, int64_t answers, bool goes_away)
{
	int sv[2];
	int64_t since = clock_ms();
	ssize_t n = 0;
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv);
	answer_ms = answers;
	asked = 0;
	closed = false;
	chan = chan_accept(loop, sv[0], NULL, CLOCK_NEVER, &ops, NULL);
	if (linger)
		chan_serve(chan, linger);
	check(write(sv[1], "id=1\top=x\n", 10) == 10, "a question is written");
	shutdown(sv[1], SHUT_WR);
	if (goes_away) {
		run_for(50);
		check(!closed, "half-closed: still open");
		close(sv[1]);
	}
	run_for(2000);
	if (!goes_away)
		n = read(sv[1], got, sizeof got - 1);
	got[n > 0 ? n : 0] = '\0';
	since = clock_ms() - since;
	chan_free(chan);
	loop_cancel(loop, &later);
	if (!goes_away)
		close(sv[1]);
	return since;
}

static void half_closed(void)
{
	int64_t ms = asks(1000, 50, false);
	check_str(got, "id=1\tdone=0\n", "a server answers a peer that asks no more");
	check(closed && ms < 900 && strcmp(why, "orderly") == 0, "then it is closed (%s after %d ms)", why, (int)ms);
	asks(0, 50, false);
	check(closed && asked == 1 && !*got, "without chan_serve it is closed at once");
	ms = asks(100, -1, false);
	check(closed && ms >= 100 && strcmp(why, "timed out") == 0, "an answer that does not come is not waited for");
	ms = asks(5000, -1, true);
	check(closed && ms < 1000, "a peer that is gone altogether is noticed (%d ms)", (int)ms);
}

static struct stream *stream;
static int peer;
static size_t bytes;
static char block[8192];

static void on_data(void *arg, struct buf *in)
{
	(void)arg;
	bytes += in->len;
	buf_consume(in, in->len);
	if (peer >= 0 && write(peer, block, sizeof block) < 0)
		perror("# peer");
}

static const struct stream_ops stream_ops = { .data = on_data, .closed = on_closed };

static void stream_open(void)
{
	int sv[2];
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv);
	peer = sv[1];
	bytes = 0;
	closed = false;
	stream = stream_new(loop, sv[0], false, NULL, NULL, CLOCK_NEVER, &stream_ops, NULL);
}

static int64_t cpu_ms(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

static void paused_and_gone(void)
{
	stream_open();
	run_for(10);
	stream_pause(stream, true);
	check(write(peer, "last words", 10) == 10, "a peer writes");
	close(peer);
	peer = -1;
	int64_t before = cpu_ms();
	run_for(400);
	check(cpu_ms() - before < 100, "paused, and the peer is gone: the loop rests (%d ms of 400)", (int)(cpu_ms() - before));
	check(!closed && bytes == 0, "what it sent is kept");
	stream_pause(stream, false);
	run_for(1000);
	check(closed && bytes == 10, "and read when we go on, then its end");
	stream_free(stream);
}

static void never_stops(void)
{
	stream_open();
	alarm(10); /* a loop that does not come back would hang */
	check(write(peer, block, sizeof block) == (ssize_t)sizeof block, "a peer that always has more");
	run_for(50);
	check(!closed && bytes > sizeof block, "does not keep timers from firing (%zu KiB)", bytes / 1024);
	alarm(0);
	stream_free(stream);
	close(peer);
}

#define MUCH (48u << 20) /* three times what a stream keeps by itself: to see how the work grows */

/* Byte i of what is sent: no two parts of it look the same. */
static unsigned char pattern(size_t i) { return (unsigned char)(i * 31 + (i >> 11)); }

static void read_some(void *arg, int fd, short revents)
{
	bool *same = arg;
	ssize_t n = read(fd, block, sizeof block);
	(void)revents;
	for (ssize_t i = 0; i < n; i++)
		*same = *same && (unsigned char)block[i] == pattern(bytes + (size_t)i);
	bytes += n > 0 ? (size_t)n : 0;
	if (n <= 0 || bytes == MUCH)
		loop_stop(loop);
}

static void much_in_small_pieces(void)
{
	static char text[MUCH / 4];
	int small = 4096;
	bool same = true, full = true;
	stream_open();
	stream_limits(stream, STREAM_IN_MAX, MUCH);
	setsockopt(stream_fd(stream), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	int64_t before = cpu_ms();
	for (size_t part = 0; part < 4; part++) {
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = (char)pattern(part * sizeof text + i);
		check(stream_write(stream, (struct view){ text, sizeof text }) == 0, "a quarter of 48 MiB waits");
	}
	full = stream_write(stream, (struct view){ text, 1 }) != 0;
	check(full && stream_queued(stream) == MUCH, "no more than that does");
	loop_fd(loop, peer, POLLIN, read_some, &same);
	run_for(60000);
	check(same && bytes == MUCH && stream_queued(stream) == 0, "it comes as it was written");
	check(cpu_ms() - before < 2500, "without being moved for each piece (%d ms)", (int)(cpu_ms() - before));
	loop_forget(loop, peer);
	stream_free(stream);
	close(peer);
}

static void room_again(void)
{
	static char text[60000];
	unsigned n = 0;
	stream_open();
	stream_limits(stream, STREAM_IN_MAX, 1000000);
	run_for(10);
	while (stream_write(stream, (struct view){ text, sizeof text }) == 0)
		;
	run_for(10); /* a part goes into the socket's own buffer: less than half of all */
	size_t queued = stream_queued(stream);
	while (stream_write(stream, (struct view){ text, 1000 }) == 0)
		n++;
	check(queued < 960000 && n >= (1000000 - queued) / 1000, "what was sent makes room (%zu queued, %u more)", queued, n);
	stream_free(stream);
	close(peer);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new();
	half_closed();
	paused_and_gone();
	never_stops();
	much_in_small_pieces();
	room_again();
	loop_free(loop);
	return tap_done();
}
