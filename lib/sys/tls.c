/* tls.c - TLS 1.3 contexts. A client trusts only the given authority and
 * checks the server's name; a server with an authority asks for a client
 * certificate, and refuses a bad one, but lets a client without one in: what
 * such a client may do is decided by who asked for the name. */
#include "sys/stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

static bool key_private(const char *path, const char **why)
{
	struct stat st;
	*why = "unable to read the key file";
	if (stat(path, &st) != 0)
		return false;
	*why = "the key file can be read by others than its owner";
	return (st.st_mode & 077) == 0;
}

static bool identity(SSL_CTX *ctx, const char *cert, const char *key, const char **why)
{
	if (!key_private(key, why))
		return false;
	*why = "unable to use the certificate";
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return false;
	*why = "the key does not belong to the certificate";
	return SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(ctx) == 1;
}

static SSL_CTX *context(const SSL_METHOD *method, const char *ca, const char **why)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	*why = "out of memory";
	if (!ctx)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                              SSL_MODE_RELEASE_BUFFERS);
	*why = "unable to read the authority's certificate";
	if (ca && SSL_CTX_load_verify_file(ctx, ca) != 1) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

static SSL_CTX *finish(SSL_CTX *ctx, const char *cert, const char *key, const char **why)
{
	if (cert && key && !identity(ctx, cert, key, why)) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	}
	ERR_clear_error();
	return ctx;
}

SSL_CTX *tls_server(const char *cert, const char *key, const char *ca, const char **why)
{
	*why = "a server needs a certificate and a key";
	if (!cert || !key)
		return NULL;
	SSL_CTX *ctx = context(TLS_server_method(), ca, why);
	if (!ctx)
		return NULL;
	if (ca)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"sp", 2);
	return finish(ctx, cert, key, why);
}

SSL_CTX *tls_client(const char *ca, const char *cert, const char *key, const char **why)
{
	*why = "an authority's certificate (--ca) is needed";
	if (!ca)
		return NULL;
	SSL_CTX *ctx = context(TLS_client_method(), ca, why);
	if (!ctx)
		return NULL;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return finish(ctx, cert, key, why);
}

void tls_free(SSL_CTX *ctx)
{
	SSL_CTX_free(ctx);
}
