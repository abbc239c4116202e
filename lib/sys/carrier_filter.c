/* carrier_filter.c - a stream's bytes within TLS, by sp-tls(1): it is given the connected
 * socket, speaks plainly over a socket pair, and says in its log, a pipe to us, that the
 * connection is open, or why it failed. It ends with the stream, and with us. Clients only. */
#include "sys/stream_impl.h"

#include "base/recio.h"
#include "sys/sock.h"
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX 16
#define REASONS_MAX 32  /* that are told apart: they outlive the stream */
#define LAST_MS 1000    /* for the last word of an sp-tls that hung up */

enum { SOCKET = 3, LOG = 4 }; /* of sp-tls */

struct filter { /* what a context is here */
	char *arg[ARGS_MAX];
	unsigned n;
	bool by_host;
	char *reason[REASONS_MAX];
};

struct beside {
	struct filter *f;
	char *host;
	bool started, open, orderly, denied;
	int other; /* of the pair and the log, the one that is not the stream's descriptor now */
	struct recin log;
	const char *why;
};

static const char *keep(struct filter *f, const char *why)
{
	for (unsigned i = 0; i < REASONS_MAX; i++) {
		if (!f->reason[i])
			f->reason[i] = strdup(why);
		if (f->reason[i] && strcmp(f->reason[i], why) == 0)
			return f->reason[i];
	}
	return "TLS failed";
}

static bool begin(struct stream *s, struct ssl_ctx_st *ctx, const char *host)
{
	struct beside *o = s->own = calloc(1, sizeof *o);
	if (!o)
		return false;
	o->f = (struct filter *)(void *)ctx;
	o->other = -1;
	o->host = host ? strdup(host) : NULL;
	recin_init(&o->log, -1, "sp-tls");
	return o->host != NULL;
}

static void gone(void *arg, pid_t pid, int status)
{
	(void)arg, (void)pid, (void)status;
}

static pid_t run(const struct stream *s, int pair, int log)
{
	const struct beside *o = s->own;
	union { const char *name; char *arg; } expected = { s->name };
	char *argv[ARGS_MAX + 10], to_name[] = "--name", quiet[] = "SP_CONFIG=/dev/null", host[] = "--host", to_log[] = "--log", fd_log[] = "fd:4",
		fd_socket[] = "fd:3", *env[] = { quiet, NULL };
	/* What it would say on standard error, the log has. */
	struct spawn_fd fd[] = { { pair, 0 }, { pair, 1 }, { -1, 2 }, { s->fd, SOCKET }, { log, LOG } };
	unsigned n = o->f->n;
	memcpy(argv, o->f->arg, n * sizeof *argv);
	if (o->f->by_host) {
		argv[n++] = host;
		argv[n++] = o->host;
	}
	if (*s->name) {
		argv[n++] = to_name;
		argv[n++] = expected.arg;
	}
	argv[n++] = to_log;
	argv[n++] = fd_log;
	argv[n++] = fd_socket;
	argv[n] = NULL;
	return spawn(&(struct spawn){ .argv = argv, .fd = fd, .nfd = 5, .env = env });
}

/* The socket is sp-tls's now, and the log is what we wait for. */
static int start(struct stream *s, struct beside *o)
{
	int pair[2] = { -1, -1 }, log[2] = { -1, -1 };
	pid_t pid = -1;
	o->started = true;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 && pipe2(log, O_CLOEXEC) == 0 &&
	    sock_nonblock(pair[0], true) && sock_nonblock(log[0], true))
		pid = run(s, pair[1], log[1]);
	int e = errno;
	if (pair[1] >= 0)
		close(pair[1]);
	if (log[1] >= 0)
		close(log[1]);
	if (pid > 0 && loop_child(s->loop, pid, gone, NULL) == 0) {
		loop_forget(s->loop, s->fd);
		close(s->fd);
		s->fd = o->log.fd = log[0];
		o->other = pair[0];
		return 0;
	}
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	o->why = e == ENOENT ? "there is no sp-tls" : "unable to run sp-tls";
	if (pair[0] >= 0)
		close(pair[0]);
	if (log[0] >= 0)
		close(log[0]);
	return -1;
}

/* What there is of the log. false: it has ended. */
static bool listen_to(struct beside *o)
{
	struct record r = { 0 };
	const char *why;
	int got, n;
	while ((n = recin_fill(&o->log)) > 0)
		;
	bool more = n < 0 && (errno == EAGAIN || errno == EINTR);
	while ((got = recin_next(&o->log, &r, &why)) != 0) {
		struct view event = got == 1 ? record_get(&r, "event") : (struct view){ 0 };
		o->open |= view_is(event, "open");
		o->orderly |= view_is(event, "closed");
		if (!view_is(event, "failed") || !record_str(&r, "detail"))
			continue;
		o->why = keep(o->f, record_str(&r, "detail"));
		o->denied = view_is(record_get(&r, "error"), "denied");
	}
	record_clear(&r);
	return more;
}

static int handshake(struct stream *s)
{
	struct beside *o = s->own;
	if (!o->started)
		return start(s, o);
	bool more = listen_to(o);
	if (!o->open)
		return more && !o->why ? 0 : -1;
	loop_forget(s->loop, s->fd);
	s->fd = o->other;
	o->other = o->log.fd;
	return 1;
}

static ssize_t get(struct stream *s, void *p, size_t n)
{
	struct beside *o = s->own;
	ssize_t got = carrier_read(s, p, n);
	if (got >= 0)
		return got;
	struct pollfd log = { .fd = o->log.fd, .events = POLLIN };
	while (listen_to(o) && poll(&log, 1, LAST_MS) > 0)
		;
	return o->orderly ? -2 : -1;
}

static const char *reason(struct stream *s)
{
	struct beside *o = s->own;
	s->denied |= o->denied;
	return o->why ? o->why : s->phase == HANDSHAKE ? "sp-tls ended" : NULL;
}

static void end(struct stream *s)
{
	shutdown(s->fd, SHUT_WR);
}

static void clear(struct stream *s)
{
	struct beside *o = s->own;
	if (!o)
		return;
	if (o->other >= 0)
		close(o->other);
	recin_clear(&o->log);
	free(o->host);
	free(o);
}

/* It is told when it is run. With a host, that is the name. */
static bool expect(struct stream *s)
{
	const struct beside *o = s->own;
	return !o->f->by_host;
}

static void filter_free(struct ssl_ctx_st *ctx)
{
	struct filter *f = (struct filter *)(void *)ctx;
	for (unsigned i = 0; i < f->n; i++)
		free(f->arg[i]);
	for (unsigned i = 0; i < REASONS_MAX; i++)
		free(f->reason[i]);
	free(f);
}

static const struct carrier carrier_filter = { .begin = begin, .handshake = handshake, .get = get, .put = carrier_write,
	.reason = reason, .end = end, .clear = clear, .expect = expect, .free = filter_free };

static bool add(struct filter *f, const char *option, const char *value)
{
	if (option && !value)
		return true;
	if (option && !add(f, NULL, option))
		return false;
	f->arg[f->n] = strdup(value);
	return f->arg[f->n++] != NULL;
}

struct ssl_ctx_st *tls_filter(const struct tls_conf *conf, const char *roles, const char **why)
{
	*why = tls_fault(conf); /* sp-tls looks closer, but not before it is needed */
	if (*why)
		return NULL;
	struct filter *f = calloc(1, sizeof *f);
	*why = "out of memory";
	if (!f)
		return NULL;
	carrier_secure = &carrier_filter;
	f->by_host = !roles;
	struct ssl_ctx_st *ctx = (struct ssl_ctx_st *)(void *)f;
	if (add(f, NULL, "sp-tls") && add(f, "--ca", conf->ca) && add(f, "--crl", conf->crl) && add(f, "--cert", conf->cert) &&
	    add(f, "--key", conf->key) && add(f, "--role", roles) && add(f, "--name", conf->name) && add(f, "--connect", conf->connect))
		return ctx;
	filter_free(ctx);
	return NULL;
}
