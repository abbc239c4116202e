/* tls_impl.h - inside tls.c (contexts) and tls_verify.c (who is at the other end), and
 * what carrier.c asks of them. */
#ifndef SP_SYS_TLS_IMPL_H
#define SP_SYS_TLS_IMPL_H

#include "sys/stream_impl.h"

#include <openssl/ssl.h>

#include <limits.h>
#include <sys/stat.h>

extern const struct carrier carrier_tls;

struct tls_file {
	char path[PATH_MAX]; /* "": none */
	struct stat st;      /* as it was read */
};

struct tls_own { /* of a context */
	struct tls_file ca, crl;
	char name[256];
	unsigned roles;
	bool late;
	unsigned long turn; /* how often ca or crl has been read */
	const char *(*judge)(unsigned roles, const char *name, const struct view *statement, unsigned n);
};

struct tls_own *tls_own_of(SSL_CTX *ctx);
/* Reads what has changed of ca and crl. NULL, or why nobody can be let in. */
const char *tls_refresh(SSL_CTX *ctx);
/* OpenSSL's callback for a peer's chain. */
int tls_verify(X509_STORE_CTX *x, void *arg);
/* Judges the peer of a connection that is open once more when ca or crl has been read again
 * since turn *judged: NULL, and *judged is now's, or why he would not be let in. That his
 * certificate, or a list, has ended meanwhile is not looked at. */
const char *tls_again(SSL *ssl, unsigned long *judged);
/* The reason of a refusal by tls_verify is kept with the SSL: NULL, or constant. */
const char *tls_refused(const SSL *ssl);

#endif
