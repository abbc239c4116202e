/* join.c - two streams as one: what is bounded, what is not lost at the end, who is told. */
#include "unit/tap.h"

#include "engine/hello.h"
#include "engine/join.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;
static struct join *join;
static int overs;
static enum join_end first;
static char *why_over;

static void on_over(void *arg, enum join_end end, const char *why)
{
	(void)arg;
	overs++;
	first = end;
	free(why_over);
	why_over = why ? strdup(why) : NULL;
	loop_stop(loop);
}

/* a byte more for every 'x' of the far end; 'e' is refused */
static int pass(void *arg, enum join_end from, struct view v, struct buf *to, const char **why)
{
	(void)arg;
	for (size_t i = 0; i < v.n; i++) {
		*why = "an e";
		if (v.p[i] == 'e' || buf_addc(to, v.p[i]) != 0 || (v.p[i] == 'x' && from == JOIN_FAR && buf_addc(to, '!') != 0))
			return -1;
	}
	return 0;
}

static const struct join_ops plain = { NULL, on_over }, translating = { pass, on_over };
static const struct stream_ops none = { .open = NULL };

/* far: our end of what the network would be; near: what the owner has */
static void begin(const struct join_ops *ops, int *near, int *far)
{
	int pair[2];
	overs = 0;
	loop = loop_new();
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair);
	*far = pair[1];
	join = join_local(loop, stream_new(loop, pair[0], false, NULL, NULL, CLOCK_NEVER, &none, NULL), ops, NULL, near);
}

static void end(int near, int far)
{
	join_free(join);
	if (near >= 0)
		close(near);
	if (far >= 0)
		close(far);
	loop_free(loop);
}

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void turns(int64_t ms)
{
	struct loop_timer t = { 0 };
	loop_at(loop, &t, clock_deadline(ms), stop, NULL);
	loop_run(loop);
	loop_cancel(loop, &t);
}

static size_t fill(int fd, int64_t ms)
{
	static char block[4096];
	size_t total = 0;
	int64_t until = clock_deadline(ms);
	ssize_t n;
	do {
		while ((n = write(fd, block, sizeof block)) > 0)
			total += (size_t)n;
		turns(5);
	} while (clock_ms() < until);
	return total;
}

static size_t drain(int fd, size_t want)
{
	static char block[65536];
	size_t total = 0;
	int64_t until = clock_deadline(10000);
	while (total < want && clock_ms() < until) {
		ssize_t n = read(fd, block, sizeof block);
		total += n > 0 ? (size_t)n : 0;
		if (n <= 0)
			turns(2);
	}
	return total;
}

static void bounded(void)
{
	int near, far;
	begin(&plain, &near, &far);
	size_t in = fill(far, 200);
	check(in > 0 && in < 2000000, "who is not read makes the other wait: %zu bytes", in);
	check(drain(near, in) == in, "and gets all of it");
	check(join_count(join, JOIN_NEAR) == in, "it is counted");
	in = fill(near, 200);
	check(in > 0 && in < 2000000 && drain(far, in) == in, "the other way, too: %zu bytes", in);
	check(overs == 0, "nobody is over");
	end(near, far);
}

static void last_bytes(void)
{
	int near, far;
	char got[16] = "";
	begin(&plain, &near, &far);
	check(write(far, "last", 4) == 4, "written");
	close(far);
	turns(2000);
	check(overs == 1 && first == JOIN_FAR && !why_over, "the far end is over");
	join_free(join);
	join = NULL;
	check(read(near, got, sizeof got) == 4 && strcmp(got, "last") == 0, "its last bytes are there");
	check(read(near, got, sizeof got) == 0, "then the end");
	end(near, -1);
}

static void owner_ends(void)
{
	int near, far;
	char got[16] = "";
	begin(&plain, &near, &far);
	check(write(near, "bye", 3) == 3, "written");
	shutdown(near, SHUT_WR);
	turns(2000);
	check(overs == 1 && first == JOIN_NEAR, "the near end is over");
	check(read(far, got, sizeof got) == 3 && strcmp(got, "bye") == 0, "what it wrote is out");
	check(write(far, "more", 4) == 4, "the other says more");
	turns(50);
	check(overs == 1 && read(near, got, sizeof got) < 0 && errno == EAGAIN, "which is thrown away");
	end(near, far);
}

static void half(void)
{
	int near, far;
	char got[16] = "";
	begin(&plain, &near, &far);
	join_half(join, 200);
	check(write(near, "ask", 3) == 3, "a question");
	shutdown(near, SHUT_WR);
	turns(50);
	check(overs == 0 && read(far, got, sizeof got) == 3 && read(far, got, sizeof got) == 0, "an end that sends no more is not over");
	size_t in = fill(far, 300);
	check(in > 0 && drain(near, in) == in && overs == 0, "what the other says meanwhile arrives, and goes on as long as it does");
	check(write(far, "last", 4) == 4, "the last of it");
	close(far);
	turns(2000);
	check(overs == 1 && first == JOIN_NEAR && !why_over && read(near, got, sizeof got) == 4, "until it sends no more, too");
	end(near, -1);
	begin(&plain, &near, &far);
	join_half(join, 100);
	shutdown(far, SHUT_WR);
	turns(2000);
	check(overs == 1 && first == JOIN_FAR && !why_over, "or nothing for so long");
	end(near, far);
	begin(&plain, &near, &far);
	join_half(join, 60000);
	shutdown(far, SHUT_WR);
	turns(50);
	close(near);
	turns(2000);
	check(overs == 1, "or is gone");
	end(-1, far);
}

static void held(void)
{
	int near, far;
	char got[16] = "";
	begin(&translating, &near, &far);
	join_hold(join, JOIN_NEAR, true);
	check(write(near, "ab", 2) == 2 && write(far, "xy", 2) == 2, "both say something");
	turns(50);
	check(read(far, got, sizeof got) < 0 && errno == EAGAIN, "one is held");
	check(read(near, got, sizeof got) == 3 && memcmp(got, "x!y", 3) == 0, "the other goes on, translated");
	join_hold(join, JOIN_NEAR, false);
	turns(50);
	check(read(far, got, sizeof got) == 2, "until it is let go");
	check(write(far, "he", 2) == 2, "what is refused");
	turns(2000);
	check(overs == 1 && first == JOIN_FAR, "is the end");
	check_str(why_over, "an e", "with the reason");
	end(near, far);
}

static void hellos(void)
{
	static const struct { const char *in; int rc; const char *why; } t[] = {
		{ "", 0, NULL }, { "op=call", 0, NULL }, { "op=call\n", 1, NULL }, { "op=call\nx", -1, "bytes before the call" },
		{ "op=call\nop=call\n", -1, "bytes before the call" }, { "nothing\n", -1, NULL }, { "\n", -1, NULL },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct buf in;
		struct record r;
		const char *why = NULL;
		record_init(&r);
		buf_init(&in, 65536);
		buf_adds(&in, t[i].in);
		int rc = hello_take(&in, &r, &why);
		check(rc == t[i].rc && (!t[i].why || strcmp(why, t[i].why) == 0), "hello %zu", i);
		check(rc != 1 || (in.len == 0 && view_is(record_get(&r, "op"), "call")), "its record");
		buf_clear(&in);
		record_clear(&r);
	}
}

int main(void)
{
	bounded();
	last_bytes();
	owner_ends();
	half();
	held();
	hellos();
	free(why_over);
	return tap_done();
}
