/* stream.c - a non-blocking byte stream, plain or TLS, on a loop.
 * One function, step(), does what can be done now: connect, handshake, read,
 * write; then arms the loop for what it waits for. Callbacks may free the
 * stream: `busy` keeps the storage until step() is back. */
#include "sys/stream.h"

#include "sys/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

#define READS 16 /* of 16 KiB a turn: then the others have theirs */
enum phase { CONNECTING, HANDSHAKE, OPEN, CLOSED };

struct stream {
	struct loop *loop;
	int fd;
	SSL *ssl;
	enum phase phase;
	const struct stream_ops *ops;
	void *arg;
	struct buf in, out;
	struct loop_timer deadline;
	bool want_write; /* TLS wants to write before it can go on */
	bool paused, busy, freed, more;
};

static void step(struct stream *s);

static void on_fd(void *arg, int fd, short revents)
{
	(void)fd;
	(void)revents;
	step(arg);
}

static void dispose(struct stream *s)
{
	SSL_free(s->ssl);
	buf_clear(&s->in);
	buf_clear(&s->out);
	free(s);
}

static void shut(struct stream *s, const char *why)
{
	if (s->phase == CLOSED)
		return;
	s->phase = CLOSED;
	loop_cancel(s->loop, &s->deadline);
	loop_forget(s->loop, s->fd);
	s->ops->closed(s->arg, why);
}

static void too_late(void *arg)
{
	struct stream *s = arg;
	s->busy = true;
	shut(s, "timed out");
	s->busy = false;
	if (s->freed)
		dispose(s);
}

static void arm(struct stream *s)
{
	short events = 0;
	if (s->phase == CONNECTING || s->want_write || (s->phase == OPEN && (s->out.len || (s->more && !s->paused))))
		events |= POLLOUT;
	if (s->phase == HANDSHAKE || (s->phase == OPEN && !s->paused))
		events |= POLLIN;
	if (s->phase != CLOSED && loop_fd(s->loop, s->fd, events, on_fd, s) != 0)
		shut(s, "out of memory");
}

static const char *tls_reason(SSL *ssl)
{
	long v = SSL_get_verify_result(ssl);
	unsigned long e = ERR_peek_last_error();
	const char *why = v != X509_V_OK ? X509_verify_cert_error_string(v)
	                  : e            ? ERR_reason_error_string(e)
	                                 : NULL;
	ERR_clear_error();
	return why ? why : "TLS handshake failed";
}

/* What an SSL call's result means: 1 done, 0 try again later, -1 failed, -2 ended. */
static int tls_result(struct stream *s, int rc)
{
	s->want_write = false;
	switch (SSL_get_error(s->ssl, rc)) {
	case SSL_ERROR_NONE:
		return 1;
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_WANT_WRITE:
		s->want_write = true;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return -2;
	default:
		return -1;
	}
}

static void opened(struct stream *s)
{
	s->phase = OPEN;
	loop_cancel(s->loop, &s->deadline);
	if (s->ops->open)
		s->ops->open(s->arg);
}

static void do_connect(struct stream *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };
	if (poll(&p, 1, 0) == 0)
		return;
	int e = sock_connected(s->fd);
	if (e != 0) {
		shut(s, strerror(e));
		return;
	}
	s->phase = HANDSHAKE;
}

static void do_handshake(struct stream *s)
{
	if (!s->ssl) {
		opened(s);
		return;
	}
	ERR_clear_error();
	int rc = tls_result(s, SSL_do_handshake(s->ssl));
	if (rc == 1)
		opened(s);
	else if (rc < 0)
		shut(s, tls_reason(s->ssl));
}

/* n > 0 bytes, 0 nothing now, -1 failed, -2 orderly end. */
static ssize_t get(struct stream *s, void *p, size_t n)
{
	if (s->ssl) {
		ERR_clear_error();
		int got = SSL_read(s->ssl, p, (int)n);
		return got > 0 ? got : tls_result(s, got);
	}
	ssize_t got = read(s->fd, p, n);
	if (got > 0)
		return got;
	if (got == 0)
		return -2;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static ssize_t put(struct stream *s, const void *p, size_t n)
{
	if (s->ssl) {
		ERR_clear_error();
		int rc = SSL_write(s->ssl, p, (int)n);
		return rc > 0 ? rc : tls_result(s, rc);
	}
	ssize_t rc = send(s->fd, p, n, MSG_NOSIGNAL);
	if (rc < 0 && errno == ENOTSOCK)
		rc = write(s->fd, p, n);
	return rc >= 0 ? rc : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void do_read(struct stream *s)
{
	for (unsigned i = 0; s->phase == OPEN && !s->paused && !s->freed && !(s->more = i == READS); i++) {
		size_t room = s->in.max - s->in.len, n = room < 16384 ? room : 16384;
		if (n == 0 || buf_reserve(&s->in, n) != 0) {
			shut(s, n == 0 ? "the peer sends more than is allowed" : "out of memory");
			return;
		}
		ssize_t got = get(s, s->in.data + s->in.len, n);
		if (got == 0)
			return;
		if (got < 0) {
			shut(s, got == -2 ? NULL : s->ssl && ERR_peek_error() ? tls_reason(s->ssl) : "connection lost");
			return;
		}
		s->in.len += (size_t)got;
		s->ops->data(s->arg, &s->in);
	}
}

static void do_write(struct stream *s)
{
	bool some = s->out.len > 0;
	while (s->phase == OPEN && s->out.len) {
		ssize_t n = put(s, s->out.data, s->out.len < 65536 ? s->out.len : 65536);
		if (n == 0)
			return;
		if (n < 0) {
			shut(s, "connection lost");
			return;
		}
		buf_consume(&s->out, (size_t)n);
	}
	if (some && s->phase == OPEN && s->ops->drained)
		s->ops->drained(s->arg);
}

static void step(struct stream *s)
{
	bool outer = !s->busy;
	s->busy = true;
	if (s->phase == CONNECTING)
		do_connect(s);
	if (s->phase == HANDSHAKE)
		do_handshake(s);
	if (!s->freed && s->phase == OPEN)
		do_write(s);
	if (!s->freed && s->phase == OPEN)
		do_read(s);
	if (!s->freed)
		arm(s);
	if (!outer)
		return;
	s->busy = false;
	if (s->freed)
		dispose(s);
}

static bool tls_begin(struct stream *s, SSL_CTX *ctx, const char *host)
{
	struct in6_addr ip;
	s->ssl = SSL_new(ctx);
	if (!s->ssl || SSL_set_fd(s->ssl, s->fd) != 1)
		return false;
	if (!host) {
		SSL_set_accept_state(s->ssl);
		return true;
	}
	SSL_set_connect_state(s->ssl);
	if (inet_pton(AF_INET, host, &ip) == 1 || inet_pton(AF_INET6, host, &ip) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s->ssl), host) == 1;
	return SSL_set_tlsext_host_name(s->ssl, host) == 1 && SSL_set1_host(s->ssl, host) == 1;
}

struct stream *stream_new(struct loop *l, int fd, bool connecting, SSL_CTX *ctx, const char *host,
                          int64_t deadline, const struct stream_ops *ops, void *arg)
{
	struct stream *s = calloc(1, sizeof *s);
	if (!s)
		goto out;
	*s = (struct stream){ .loop = l, .fd = fd, .ops = ops, .arg = arg };
	s->phase = connecting ? CONNECTING : HANDSHAKE;
	buf_init(&s->in, STREAM_IN_MAX);
	buf_init(&s->out, STREAM_OUT_MAX);
	if (ctx && !tls_begin(s, ctx, host))
		goto out;
	/* A plain accepted stream is open at the first turn of the loop. */
	if (loop_fd(l, fd, connecting || !ctx || host ? POLLOUT : POLLIN, on_fd, s) != 0)
		goto out;
	if (deadline != CLOCK_NEVER)
		loop_at(l, &s->deadline, deadline, too_late, s);
	return s;
out:
	if (s)
		dispose(s);
	close(fd);
	errno = ENOMEM;
	return NULL;
}

void stream_limits(struct stream *s, size_t in_max, size_t out_max)
{
	s->in.max = in_max;
	s->out.max = out_max;
}

int stream_write(struct stream *s, struct view v)
{
	if (s->phase == CLOSED) {
		errno = EPIPE;
		return -1;
	}
	if (buf_addv(&s->out, v) != 0)
		return -1;
	if (s->phase == OPEN)
		loop_fd(s->loop, s->fd, (short)(POLLOUT | (s->paused ? 0 : POLLIN)), on_fd, s);
	return 0;
}

size_t stream_queued(const struct stream *s)
{
	return s->out.len;
}

int stream_fd(const struct stream *s)
{
	return s->fd;
}

void stream_pause(struct stream *s, bool paused)
{
	s->paused = paused;
	if (s->phase != OPEN || s->busy)
		return;
	/* TLS may hold bytes that poll does not know of: take a turn on resuming. */
	loop_fd(s->loop, s->fd, (short)((s->out.len || !paused ? POLLOUT : 0) | (paused ? 0 : POLLIN)), on_fd, s);
}

static void entry(X509_NAME *name, int nid, char *out, size_t size)
{
	if (X509_NAME_get_text_by_NID(name, nid, out, (int)size) < 0)
		out[0] = '\0';
}

bool stream_peer_name(const struct stream *s, char *cn, size_t cn_size, char *ou, size_t ou_size)
{
	X509 *x = s->ssl ? SSL_get1_peer_certificate(s->ssl) : NULL;
	cn[0] = ou[0] = '\0';
	if (!x || SSL_get_verify_result(s->ssl) != X509_V_OK) {
		X509_free(x);
		return false;
	}
	entry(X509_get_subject_name(x), NID_commonName, cn, cn_size);
	entry(X509_get_subject_name(x), NID_organizationalUnitName, ou, ou_size);
	X509_free(x);
	return true;
}

void stream_free(struct stream *s)
{
	if (!s || s->freed)
		return;
	if (s->phase != CLOSED) {
		loop_cancel(s->loop, &s->deadline);
		loop_forget(s->loop, s->fd);
		if (s->ssl && s->phase == OPEN)
			SSL_shutdown(s->ssl); /* tells the peer; does not wait */
		ERR_clear_error();
	}
	s->phase = CLOSED;
	close(s->fd);
	s->freed = true;
	if (!s->busy)
		dispose(s);
}
