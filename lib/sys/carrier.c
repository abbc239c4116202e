/* carrier.c - how a stream's bytes get to its peer: over the descriptor, or TLS. */
#include "sys/stream_impl.h"

#include "sys/tls_impl.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

bool carrier_tls(struct stream *s, SSL_CTX *ctx, const char *host)
{
	const char *why = tls_refresh(ctx); /* before SSL_new, which takes what is trusted along */
	s->ssl = SSL_new(ctx);
	if (!s->ssl || SSL_set_fd(s->ssl, s->fd) != 1)
		return false;
	s->unready = why;
	s->judged = tls_own_of(ctx)->turn;
	if (host)
		SSL_set_connect_state(s->ssl);
	else
		SSL_set_accept_state(s->ssl);
	return true;
}

/* What the other end says of our certificate, or the lack of one (RFC 8446, 6.2). */
static const char *alert_reason(unsigned long e)
{
	switch (ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : 0) {
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		return "the other side wants a certificate";
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
		return "the other side says that our certificate is revoked";
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
		return "the other side says that our certificate has expired";
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
		return "the other side does not accept our certificate";
	default:
		return NULL;
	}
}

const char *carrier_reason(struct stream *s)
{
	unsigned long e = ERR_peek_last_error();
	const char *why = s->unready ? s->unready : tls_refused(s->ssl), *alert = alert_reason(e);
	bool none = ERR_GET_LIB(e) == ERR_LIB_SSL && ERR_GET_REASON(e) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
	s->denied |= why || alert || none;
	if (!why)
		why = alert ? alert : none ? "no certificate" : e ? ERR_reason_error_string(e) : NULL;
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

int carrier_handshake(struct stream *s)
{
	if (!s->ssl)
		return 1;
	ERR_clear_error();
	if (s->unready)
		return -1;
	return tls_result(s, SSL_do_handshake(s->ssl));
}

ssize_t carrier_get(struct stream *s, void *p, size_t n)
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

ssize_t carrier_put(struct stream *s, const void *p, size_t n)
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

X509 *stream_peer(const struct stream *s)
{
	X509 *x = s->ssl ? SSL_get0_peer_certificate(s->ssl) : NULL;
	return x && SSL_get_verify_result(s->ssl) == X509_V_OK ? x : NULL;
}

const char *stream_still(struct stream *s)
{
	return s->ssl && s->phase == OPEN ? tls_again(s->ssl, &s->judged) : NULL;
}

#define LINGER_MS 1000
#define LINGER_MAX 64 /* at once: who is refused may not keep descriptors of ours */

static struct leaving {
	struct loop *loop; /* NULL: free */
	int fd;
	struct loop_timer timer;
} leaving[LINGER_MAX];

static void linger_end(void *arg)
{
	struct leaving *g = arg;
	loop_cancel(g->loop, &g->timer);
	loop_forget(g->loop, g->fd);
	close(g->fd);
	g->loop = NULL;
}

static void linger_read(void *arg, int fd, short revents)
{
	char nothing[4096];
	ssize_t n = read(fd, nothing, sizeof nothing);
	(void)revents;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		linger_end(arg);
}

void carrier_linger(struct loop *l, int fd)
{
	struct leaving *g = NULL;
	for (unsigned i = 0; i < LINGER_MAX && !g; i++)
		if (!leaving[i].loop)
			g = &leaving[i];
	if (!g || shutdown(fd, SHUT_WR) != 0 || loop_fd(l, fd, POLLIN, linger_read, g) != 0) {
		close(fd);
		return;
	}
	*g = (struct leaving){ .loop = l, .fd = fd };
	loop_at(l, &g->timer, clock_deadline(LINGER_MS), linger_end, g);
}
