/* circuit.c - circuit ADDRESS [SECONDS]: calls over a line of any kind. What happens
 * goes to standard error, a word a line; standard input to the line, the line to
 * standard output. Hangs up when both have ended, at the end of the line, or on
 * SIGTERM; SECONDS: to be up. "circuit -d BYTES ADDRESS" reads no more than that
 * many bytes of the line before standard input has ended. */
#include "engine/circuit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct loop *loop;
static struct circuit *line;
static char data[16384];
static size_t have;
static uint64_t limit = UINT64_MAX, got;
static bool input_over;

static void on_input(void *arg, int fd, short revents);

static void on_line(void *arg, int fd, short revents)
{
	(void)arg, (void)revents;
	size_t most = !input_over && limit - got < sizeof data ? (size_t)(limit - got) : sizeof data;
	static char in[sizeof data];
	ssize_t n = read(fd, in, most);
	if (n > 0 && write(STDOUT_FILENO, in, (size_t)n) == n) {
		got += (uint64_t)n;
		if (!input_over && got >= limit)
			loop_forget(loop, fd);
	} else if (n == 0 || errno != EAGAIN) {
		fprintf(stderr, "end\n");
		loop_forget(loop, fd);
		loop_forget(loop, STDIN_FILENO);
		circuit_hangup(line);
	}
}

static void watch(bool out)
{
	short in = (short)(input_over || got < limit ? POLLIN : 0);
	loop_fd(loop, circuit_fd(line), (short)(in | (out ? POLLOUT : 0)), out ? on_input : on_line, NULL);
}

/* Input to the line; the same callback waits for room. */
static void on_input(void *arg, int fd, short revents)
{
	(void)arg;
	if (fd == circuit_fd(line) && (revents & (POLLIN | POLLHUP | POLLERR)))
		on_line(NULL, fd, revents);
	if (circuit_fd(line) < 0)
		return;
	if (have == 0 && fd == STDIN_FILENO) {
		ssize_t n = read(STDIN_FILENO, data, sizeof data);
		if (n <= 0) {
			fprintf(stderr, "sent\n");
			input_over = true;
			loop_forget(loop, STDIN_FILENO);
			watch(false);
			return;
		}
		have = (size_t)n;
	}
	if (have) {
		ssize_t n = write(circuit_fd(line), data, have);
		if (n > 0)
			memmove(data, data + n, have -= (size_t)n);
	}
	watch(have > 0);
	if (have)
		loop_forget(loop, STDIN_FILENO);
	else if (!input_over)
		loop_fd(loop, STDIN_FILENO, POLLIN, on_input, NULL);
}

static void on_event(void *arg, const struct circuit_event *ev)
{
	(void)arg;
	if (ev->what == CIRCUIT_PROGRESS) {
		fprintf(stderr, "%s\n", ev->word);
	} else if (ev->what == CIRCUIT_UP) {
		fprintf(stderr, "up peer=%s speed=%llu protocol=%s\n", circuit_peer(line), (unsigned long long)circuit_speed(line),
		        circuit_protocol(line));
		watch(false);
		loop_fd(loop, STDIN_FILENO, POLLIN, on_input, NULL);
	} else {
		fprintf(stderr, "down reason=%s detail=%s\n", reason_name(ev->reason), ev->detail);
		loop_stop(loop);
	}
}

static void on_signal(void *arg, int signo)
{
	(void)arg, (void)signo;
	if (circuit_fd(line) >= 0)
		loop_forget(loop, circuit_fd(line));
	loop_forget(loop, STDIN_FILENO);
	circuit_hangup(line);
}

int main(int argc, char **argv)
{
	static const struct circuit_ops ops = { on_event };
	const char *why = "";
	if (argc > 3 && strcmp(argv[1], "-d") == 0) {
		limit = strtoull(argv[2], NULL, 10);
		argv += 2;
	}
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stderr, NULL, _IOLBF, 0);
	loop = loop_new();
	loop_signal(loop, SIGTERM, on_signal, NULL);
	struct circuit_conf conf = { .address = argv[1], .deadline = argv[2] ? clock_deadline(1000 * atoi(argv[2])) : CLOCK_NEVER,
		                     .ops = &ops };
	line = circuit_call(loop, &conf, &why);
	if (!line) {
		fprintf(stderr, "no: %s: %s\n", why, strerror(errno));
		return 1;
	}
	loop_run(loop);
	circuit_free(line);
	loop_free(loop);
	return 0;
}
