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

static const char *reason(struct stream *s)
{
	struct secure *o = s->own;
	return ERR_peek_last_error() || s->phase != OPEN ? tls_reason(o->ssl, o->unready, &s->denied) : NULL;
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

static X509 *shown(const struct stream *s)
{
	const struct secure *o = s->own;
	return tls_shown(o->ssl);
}

static const char *still(struct stream *s)
{
	struct secure *o = s->own;
	return tls_again(o->ssl, &o->judged);
}

static bool expect(struct stream *s)
{
	const struct secure *o = s->own;
	return tls_expect(o->ssl, s->name);
}

const struct carrier carrier_tls = { begin, handshake, get, put, reason, end, clear, peer, shown, still, expect, SSL_CTX_free };
