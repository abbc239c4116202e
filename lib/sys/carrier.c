/* carrier.c - how a stream's bytes get to its peer: over the descriptor, or TLS. */
#include "sys/stream_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <unistd.h>

bool carrier_tls(struct stream *s, SSL_CTX *ctx, const char *host)
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

const char *carrier_reason(struct stream *s)
{
	long v = SSL_get_verify_result(s->ssl);
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

int carrier_handshake(struct stream *s)
{
	if (!s->ssl)
		return 1;
	ERR_clear_error();
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
