/* telnet_line.c - the carrier and DTR of a port behind a terminal server, which take a
 * real port's wires: here the server's side is written out. */
#include "unit/tap.h"

#include "base/buf.h"
#include "engine/telnet_line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGREES "\xff\xfb\x00\xff\xfd\x00\xff\xfb\x03\xff\xfd\x03\xff\xfd\x2c"
#define BAUD "\xff\xfa\x2c\x65\x00\x00\x25\x80\xff\xf0"
#define CARRIER "\xff\xfa\x2c\x6b\x80\xff\xf0"
#define NO_CARRIER "\xff\xfa\x2c\x6b\x00\xff\xf0"
#define DTR_OFF "\xff\xfa\x2c\x05\x09\xff\xf0"
#define DTR_WAS_OFF "\xff\xfa\x2c\x69\x09\xff\xf0"

static struct loop *loop;
static struct telnet_line *line;
static int listener, server = -1;
static struct { int open, gone, closed; enum reason reason; char detail[200]; } told;
static struct buf heard;

static void on_open(void *arg)
{
	(void)arg;
	told.open++;
}

static void on_gone(void *arg, enum reason reason, const char *detail)
{
	(void)arg;
	told.gone++;
	told.reason = reason;
	snprintf(told.detail, sizeof told.detail, "%s", detail);
}

static void on_closed(void *arg)
{
	(void)arg;
	told.closed++;
}

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

/* Turns of the loop until *what is set, or the time is up. */
static bool until(const int *what)
{
	int64_t end = clock_deadline(10000);
	while (!(what && *what) && clock_ms() < end) {
		struct loop_timer t = { 0 };
		char in[4096];
		loop_at(loop, &t, clock_deadline(5), stop, NULL);
		loop_run(loop);
		loop_cancel(loop, &t);
		ssize_t n = server >= 0 ? recv(server, in, sizeof in, MSG_DONTWAIT) : 0;
		if (n > 0)
			buf_add(&heard, in, (size_t)n);
		if (!what)
			break;
	}
	return !what || *what;
}

static bool hears(const char *p, size_t n)
{
	int64_t end = clock_deadline(10000);
	while (!(heard.len && memmem(heard.data, heard.len, p, n)) && clock_ms() < end)
		until(NULL);
	return heard.len && memmem(heard.data, heard.len, p, n);
}
#define HEARS(text) hears(text, sizeof text - 1)
#define SAYS(text) check(send(server, text, sizeof text - 1, 0) == (ssize_t)(sizeof text - 1), "the server says " #text)

static void begin(const char *query)
{
	static const struct telnet_line_ops ops = { on_open, on_gone, on_closed };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sin;
	struct addr a;
	struct line_options o;
	char text[128];
	const char *why;
	memset(&told, 0, sizeof told);
	heard.len = 0;
	loop = loop_new();
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bind(listener, (struct sockaddr *)&sin, sizeof sin);
	listen(listener, 1);
	getsockname(listener, (struct sockaddr *)&sin, &n);
	snprintf(text, sizeof text, "telnet:127.0.0.1:%d?%s", ntohs(sin.sin_port), query);
	check(addr_parse(text, &a, &why) && line_options(&a, &o, &why) == 0, "%s", text);
	line = telnet_line_new(loop, &a, &o, CLOCK_NEVER, &ops, NULL, &why);
	server = accept(listener, NULL, NULL);
}

static void end(void)
{
	telnet_line_free(line);
	if (server >= 0)
		close(server);
	server = -1;
	close(listener);
	loop_free(loop);
}

static void agreed(void)
{
	SAYS(AGREES);
	check(HEARS("\xff\xfa\x2c\x01"), "the port's speed is set or asked");
	check(!told.open, "it is not open before that is answered");
	SAYS(BAUD CARRIER);
	check(until(&told.open), "it is open");
}

static void carrier(void)
{
	char got[16] = "";
	begin("speed=9600");
	agreed();
	check(telnet_line_control(line) && telnet_line_carrier(line) == 1, "there is a carrier");
	SAYS(NO_CARRIER CARRIER);
	until(NULL);
	check(!told.gone, "which does not count yet");
	telnet_line_follow(line, true);
	SAYS("last" NO_CARRIER);
	check(until(&told.gone) && told.reason == REASON_LOST_CARRIER, "now its end is the end");
	check(read(telnet_line_fd(line), got, sizeof got) == 4 && strcmp(got, "last") == 0, "the last bytes are there");
	check(read(telnet_line_fd(line), got, sizeof got) == 0, "then end of file");
	telnet_line_close(line);
	check(until(&told.closed), "it is closed");
	end();
}

static void hangup(void)
{
	begin("speed=9600");
	agreed();
	check(write(telnet_line_fd(line), "bye\xff", 4) == 4, "the owner's last word");
	telnet_line_close(line);
	check(HEARS("bye\xff\xff" DTR_OFF), "goes out, then DTR is to be dropped");
	check(!told.closed, "which is waited for");
	SAYS(DTR_WAS_OFF);
	check(until(&told.closed) && told.closed == 1 && !told.gone, "then it is closed");
	end();
}

static void half(void)
{
	char got[16];
	begin("speed=9600");
	agreed();
	check(write(telnet_line_fd(line), "bye", 3) == 3 && shutdown(telnet_line_fd(line), SHUT_WR) == 0, "its user ends writing");
	check(HEARS("bye"), "what was written goes out");
	check(until(&told.gone) && told.gone == 1, "and that is the end of the line");
	check(read(telnet_line_fd(line), got, sizeof got) == 0, "of its other half, too");
	end();
}

static void refusals(void)
{
	begin("baud=19200");
	SAYS(AGREES);
	check(HEARS("\xff\xfa\x2c\x01\x00\x00\x4b\x00\xff\xf0"), "its speed is to be 19200");
	SAYS(BAUD);
	check(until(&told.gone) && told.reason == REASON_PORT_ERROR && !told.open, "another speed is no line");
	check_str(told.detail, "the terminal server has set another speed", "and is said");
	end();
	begin("speed=9600");
	SAYS(AGREES "\r\nPort is in use, try later\r\n");
	shutdown(server, SHUT_WR);
	check(until(&told.gone) && told.reason == REASON_BUSY, "a port that is taken is busy");
	check_str(told.detail, "Port is in use, try later", "in the server's words");
	end();
	begin("speed=9600");
	telnet_line_close(line);
	check(until(&told.closed) && !told.open && !told.gone, "closed before it was open");
	end();
}

int main(void)
{
	buf_init(&heard, 65536);
	carrier();
	hangup();
	half();
	refusals();
	buf_clear(&heard);
	return tap_done();
}
