/* carrier_tls.c - a stream's bytes within TLS, by OpenSSL. */
#include "sys/tls_impl.h"

#include <openssl/err.h>
#include <stdlib.h>

struct secure {
	SSL *ssl;
	unsigned long judged; /* tls_again */
	const char *unready;  /* why nobody can be let in now */
};

static bool begin(struct stream *s, SSL_CTX *ctx, const char *host)
{
	const char *why = tls_refresh(ctx); /* before SSL_new, which takes what is trusted along */
	struct secure *o = s->own = calloc(1, sizeof *o);
	if (!o)
		return false;
	o->ssl = SSL_new(ctx);
	if (!o->ssl || SSL_set_fd(o->ssl, s->fd) != 1)
		return false;
	o->unready = why;
	o->judged = tls_own_of(ctx)->turn;
	if (host)
		SSL_set_connect_state(o->ssl);
	else
		SSL_set_accept_state(o->ssl);
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

static const char *reason(struct stream *s)
{
	struct secure *o = s->own;
	unsigned long e = ERR_peek_last_error();
	if (!e && s->phase == OPEN)
		return NULL;
	const char *why = o->unready ? o->unready : tls_refused(o->ssl), *alert = alert_reason(e);
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
	struct secure *o = s->own;
	s->want_write = false;
	switch (SSL_get_error(o->ssl, rc)) {
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

static int handshake(struct stream *s)
{
	struct secure *o = s->own;
	ERR_clear_error();
	if (o->unready)
		return -1;
	return tls_result(s, SSL_do_handshake(o->ssl));
}

static ssize_t get(struct stream *s, void *p, size_t n)
{
	struct secure *o = s->own;
	ERR_clear_error();
	int got = SSL_read(o->ssl, p, (int)n);
	return got > 0 ? got : tls_result(s, got);
}

static ssize_t put(struct stream *s, const void *p, size_t n)
{
	struct secure *o = s->own;
	ERR_clear_error();
	int rc = SSL_write(o->ssl, p, (int)n);
	return rc > 0 ? rc : tls_result(s, rc);
}

static void end(struct stream *s)
{
	struct secure *o = s->own;
	SSL_shutdown(o->ssl);
	ERR_clear_error();
}

static void clear(struct stream *s)
{
	struct secure *o = s->own;
	if (o)
		SSL_free(o->ssl);
	free(o);
	ERR_clear_error();
}

static X509 *peer(const struct stream *s)
{
	const struct secure *o = s->own;
	X509 *x = SSL_get0_peer_certificate(o->ssl);
	return x && SSL_get_verify_result(o->ssl) == X509_V_OK ? x : NULL;
}

static const char *still(struct stream *s)
{
	struct secure *o = s->own;
	return tls_again(o->ssl, &o->judged);
}

const struct carrier carrier_tls = { begin, handshake, get, put, reason, end, clear, peer, still, SSL_CTX_free };
