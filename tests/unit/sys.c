/* sys.c - the loop, sockets, streams and children, against the real kernel. */
#include "unit/tap.h"

#include "sys/loop.h"
#include "sys/sock.h"
#include "sys/spawn.h"
#include "sys/stream.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;

static void bump(void *arg) { ++*(int *)arg; }
static void stop(void *arg) { bump(arg); loop_stop(loop); }

static void timers(void)
{
	struct loop_timer a = { 0 }, b = { 0 }, c = { 0 };
	int na = 0, nb = 0, nc = 0;
	int64_t start = clock_ms();
	loop = loop_new();
	loop_at(loop, &a, start + 20, bump, &na);
	loop_at(loop, &b, start + 40, stop, &nb);
	loop_at(loop, &c, start + 10, bump, &nc);
	loop_cancel(loop, &c);
	loop_run(loop);
	check(na == 1 && nb == 1 && nc == 0, "timers fire once, cancelled ones do not");
	check(clock_ms() - start >= 40, "not before their time");
	loop_at(loop, &a, clock_ms() + 1000000, bump, &na);
	loop_at(loop, &a, clock_ms(), bump, &na);
	loop_run(loop);
	check(na == 2, "arming again moves it; a loop with nothing left ends");
	loop_free(loop);
}

static int other;
static void forget_other(void *arg, int fd, short revents)
{
	(void)revents;
	++*(int *)arg;
	loop_forget(loop, fd);
	loop_forget(loop, other);
}

static void descriptors(void)
{
	int a[2], b[2], calls = 0;
	loop = loop_new();
	check(pipe(a) == 0 && pipe(b) == 0, "two pipes");
	check(write(a[1], "x", 1) == 1 && write(b[1], "x", 1) == 1, "both ready");
	other = b[0];
	loop_fd(loop, a[0], POLLIN, forget_other, &calls);
	loop_fd(loop, b[0], POLLIN, forget_other, &calls);
	other = a[0];
	loop_run(loop);
	check(calls <= 2 && calls >= 1, "a callback may forget others that are ready");
	close(a[0]); close(a[1]); close(b[0]); close(b[1]);
	loop_free(loop);
}

static int child_status = -1;
static void child_ended(void *arg, pid_t pid, int status)
{
	(void)pid;
	(void)arg;
	child_status = spawn_status(status);
}

static int got_signal;
static void on_signal(void *arg, int signo)
{
	(void)arg;
	got_signal = signo;
	loop_stop(loop);
}

static void children(void)
{
	char sh[] = "/bin/sh", dc[] = "-c", seven[] = "exit 7", nothing[] = "/nonexistent";
	char *argv[] = { sh, dc, seven, NULL }, *bad[] = { nothing, NULL };
	loop = loop_new();
	pid_t pid = spawn(&(struct spawn){ .argv = argv });
	check(pid > 0 && loop_child(loop, pid, child_ended, NULL) == 0, "a child is watched");
	loop_run(loop);
	check(child_status == 7, "its exit status arrives");
	errno = 0;
	check(spawn(&(struct spawn){ .argv = bad }) < 0 && errno == ENOENT, "exec's error is reported");
	loop_signal(loop, SIGUSR1, on_signal, NULL);
	raise(SIGUSR1);
	loop_run(loop);
	check(got_signal == SIGUSR1, "a signal arrives between callbacks");
	loop_free(loop);
}

static void filters(void)
{
	char cat[] = "/bin/sh", dc[] = "-c", script[] = "cat; ls /proc/self/fd | wc -l";
	char *argv[] = { cat, dc, script, NULL };
	char text[64] = "";
	int to, from, leak = dup(0);
	pid_t pid = spawn_filter(argv, &to, &from);
	check(pid > 0 && write(to, "hello\n", 6) == 6, "a filter is spawned");
	close(to);
	sock_nonblock(from, false);
	size_t n = 0;
	for (ssize_t k; (k = read(from, text + n, sizeof text - 1 - n)) > 0;)
		n += (size_t)k;
	check(strcmp(text, "hello\n4\n") == 0, "it has its three descriptors (and ls's own) and no other");
	close(from);
	close(leak);
	char **w = spawn_split("sp-auth --server 'a b' \"c d\"e \\'x ''");
	check(w && strcmp(w[2], "a b") == 0 && strcmp(w[3], "c de") == 0 && strcmp(w[4], "'x") == 0 &&
	              strcmp(w[5], "") == 0 && !w[6], "a command line is split as a shell would");
	free(w);
}

static void addresses(void)
{
	struct addr a;
	const char *why = NULL;
	check(addr_parse("tcp:[::1]:80", &a, &why) && strcmp(a.host, "::1") == 0 && strcmp(a.port, "80") == 0, "tcp, IPv6");
	check(addr_parse("tcp:*:0?speed=33600", &a, &why) && !a.host[0] && strcmp(a.query, "speed=33600") == 0, "tcp, any, query");
	check(addr_parse("unix:/run/x", &a, &why) && a.kind == ADDR_UNIX && strcmp(a.path, "/run/x") == 0, "unix");
	check(addr_parse("fd:3", &a, &why) && a.fd == 3, "fd");
	static const char *const bad[] = { "", "tcp", "tcp:", "tcp:host", "tcp::1", "tcp:::1", "tcp:a:", "fd:", "fd:-1", "unix:", "x:y:1", "tcp:[::1:80" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check(!addr_parse(bad[i], &a, &why) && why, "refused: %s (%s)", bad[i], why ? why : "");
}

/* An echo over a stream, plain or TLS, with more data than any buffer at once. */
struct end { struct stream *s; struct buf got; size_t want; const char *why; bool open, closed; };

static void end_open(void *arg) { ((struct end *)arg)->open = true; }
static void echo_data(void *arg, struct buf *in)
{
	struct end *e = arg;
	stream_write(e->s, buf_view(in));
	buf_consume(in, in->len);
}
static void keep_data(void *arg, struct buf *in)
{
	struct end *e = arg;
	buf_addv(&e->got, buf_view(in));
	buf_consume(in, in->len);
	if (e->got.len >= e->want)
		loop_stop(loop);
}
static void end_closed(void *arg, const char *why)
{
	struct end *e = arg;
	e->closed = true;
	e->why = why;
	loop_stop(loop);
}
static const struct stream_ops echo_ops = { end_open, echo_data, NULL, end_closed, NULL };
static const struct stream_ops keep_ops = { end_open, keep_data, NULL, end_closed, NULL };

static void echo(struct ssl_ctx_st *server, struct ssl_ctx_st *client, const char *what)
{
	int sv[2];
	struct end a = { 0 }, b = { 0 };
	char block[50000];
	loop = loop_new();
	buf_init(&b.got, 8u << 20);
	b.want = 40 * sizeof block;
	memset(block, 'x', sizeof block);
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv) == 0, "%s: a socketpair", what);
	a.s = stream_new(loop, sv[0], false, server, NULL, clock_ms() + 5000, &echo_ops, &a);
	b.s = stream_new(loop, sv[1], false, client, client ? "127.0.0.1" : NULL, clock_ms() + 5000, &keep_ops, &b);
	for (int i = 0; i < 40; i++)
		stream_write(b.s, (struct view){ block, sizeof block });
	loop_run(loop);
	check(b.got.len == b.want && a.open && b.open, "%s: two megabytes there and back", what);
	stream_free(b.s);
	b.s = NULL;
	loop_run(loop);
	check(a.closed && !a.why, "%s: the orderly end is seen", what);
	stream_free(a.s);
	buf_clear(&b.got);
	loop_free(loop);
}

static void refused(struct ssl_ctx_st *server, struct ssl_ctx_st *client, const char *host, const char *what)
{
	int sv[2];
	struct end a = { 0 }, b = { 0 };
	loop = loop_new();
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv) == 0, "%s: a socketpair", what);
	a.s = stream_new(loop, sv[0], false, server, NULL, clock_ms() + 5000, &echo_ops, &a);
	b.s = stream_new(loop, sv[1], false, client, host, clock_ms() + 5000, &keep_ops, &b);
	loop_run(loop);
	check(b.closed && !b.open && b.why, "%s (%s)", what, b.why ? b.why : "not refused");
	stream_free(a.s);
	stream_free(b.s);
	loop_free(loop);
}

static void tls(void)
{
	char dir[] = "/tmp/sp-unit.XXXXXX", cmd[1024], cert[64], key[64];
	const char *why = NULL;
	check(mkdtemp(dir) != NULL, "a folder");
	snprintf(cert, sizeof cert, "%s/cert", dir);
	snprintf(key, sizeof key, "%s/key", dir);
	snprintf(cmd, sizeof cmd, "umask 077; openssl req -x509 -newkey ed25519 -nodes -subj /CN=x -days 1 "
	         "-keyout %s -out %s 2>/dev/null", key, cert);
	check(system(cmd) == 0, "a certificate");
	struct tls_conf own = { .cert = cert, .key = key }, trust = { .ca = cert },
	                strange = { .ca = "/etc/ssl/certs/ca-certificates.crt" }, nobody = { .ca = NULL };
	struct ssl_ctx_st *s = tls_server(&own, &why), *c = tls_client(&trust, &why);
	if (!check(s && c, "two contexts (%s)", why))
		return;
	echo(s, c, "TLS");
	struct ssl_ctx_st *none = tls_client(&strange, &why);
	if (none)
		refused(s, none, "127.0.0.1", "an unknown authority is refused");
	check(tls_client(&nobody, &why) == NULL, "no authority, no client");
	snprintf(cmd, sizeof cmd, "chmod 644 %s", key);
	check(system(cmd) == 0 && !tls_server(&own, &why), "a key that others can read is refused");
	tls_free(s); tls_free(c); tls_free(none);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	check(system(cmd) == 0, "removed");
}

int main(void)
{
	timers();
	descriptors();
	children();
	filters();
	addresses();
	echo(NULL, NULL, "plain");
	tls();
	return tap_done();
}
