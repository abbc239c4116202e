/* tls_impl.h - inside tls.c (contexts) and tls_verify.c (who is at the other end), and
 * what carrier.c asks of them. */
#ifndef SP_SYS_TLS_IMPL_H
#define SP_SYS_TLS_IMPL_H

#include "sys/tls.h"

#include <openssl/ssl.h>

#include <limits.h>
#include <sys/stat.h>

struct tls_file {
	char path[PATH_MAX]; /* "": none */
	struct stat st;      /* as it was read */
};

struct tls_own { /* of a context */
	struct tls_file ca, crl;
	char name[256];
	unsigned roles;
	bool late;
	const char *(*judge)(unsigned roles, const char *name, const struct view *statement, unsigned n);
};

struct tls_own *tls_own_of(SSL_CTX *ctx);
/* Reads what has changed of ca and crl. NULL, or why nobody can be let in. */
const char *tls_refresh(SSL_CTX *ctx);
/* OpenSSL's callback for a peer's chain. */
int tls_verify(X509_STORE_CTX *x, void *arg);
/* The reason of a refusal by tls_verify is kept with the SSL: NULL, or constant. */
const char *tls_refused(const SSL *ssl);

#endif
