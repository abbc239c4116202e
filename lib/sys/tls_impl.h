/* tls_impl.h - inside tls.c (contexts) and tls_verify.c (who is at the other end), and
 * what carrier.c and dtls.c ask of them. */
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
/* The name that this peer must have, beside what the context says; borrowed. false: out of memory. */
bool tls_expect(SSL *ssl, const char *name);
const char *tls_expected(const SSL *ssl); /* NULL: none */
/* Reads what has changed of ca and crl. NULL, or why nobody can be let in. */
const char *tls_refresh(SSL_CTX *ctx);
/* tls_ed25519.c; before the context's own certificate. false: out of memory. */
bool tls_admit_ed25519(SSL_CTX *ctx);
/* OpenSSL's callback for a peer's chain. */
int tls_verify(X509_STORE_CTX *x, void *arg);
/* Judges the peer of a connection that is open once more when ca or crl has been read again
 * since turn *judged: NULL, and *judged is now's, or why he would not be let in. That his
 * certificate, or a list, has ended meanwhile is not looked at. */
const char *tls_again(SSL *ssl, unsigned long *judged);
/* The reason of a refusal by tls_verify is kept with the SSL: NULL, or constant. */
const char *tls_refused(const SSL *ssl);
/* The certificate that the peer has shown, refused or not; borrowed. NULL: none. */
X509 *tls_shown(const SSL *ssl);
/* Why it failed, by OpenSSL's queue of errors, which is then empty. unready: why nobody can be
 * let in now, or NULL. Sets denied: a certificate was not accepted, here or there. */
const char *tls_reason(const SSL *ssl, const char *unready, bool *denied);

#endif
