/* tls.c - TLS 1.3 and DTLS 1.2 contexts: own certificate, whom they trust. Refuses a key that others
 * can read or that is not the certificate's; keeps no sessions, so that nobody comes back
 * without being looked at. */
#include "sys/key.h"
#include "sys/tls_impl.h"

#include <openssl/err.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHAIN_MAX 16384 /* bytes of certificates that a stranger may send; ours have 1 KB each */

static int own_index = -1, name_index = -1;

static void own_free(void *parent, void *own, CRYPTO_EX_DATA *data, int index, long l, void *p)
{
	(void)parent, (void)data, (void)index, (void)l, (void)p;
	free(own);
}

struct tls_own *tls_own_of(SSL_CTX *ctx)
{
	return SSL_CTX_get_ex_data(ctx, own_index);
}

bool tls_expect(SSL *ssl, const char *name)
{
	union { const char *name; void *kept; } of = { name };
	if (name_index < 0)
		name_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return tls_own_of(SSL_get_SSL_CTX(ssl))->judge && name_index >= 0 && SSL_set_ex_data(ssl, name_index, of.kept) == 1;
}

const char *tls_expected(const SSL *ssl)
{
	const char *name = name_index < 0 ? NULL : SSL_get_ex_data(ssl, name_index);
	return name ? name : *tls_own_of(SSL_get_SSL_CTX(ssl))->name ? tls_own_of(SSL_get_SSL_CTX(ssl))->name : NULL;
}

static bool identity(SSL_CTX *ctx, const struct tls_conf *conf, const char **why)
{
	EVP_PKEY *key = key_load(conf->key, why);
	if (!key)
		return false;
	*why = "unable to use the certificate";
	bool ok = SSL_CTX_use_certificate_chain_file(ctx, conf->cert) == 1;
	if (ok) {
		*why = "the key does not belong to the certificate";
		ok = SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1;
	}
	EVP_PKEY_free(key);
	return ok;
}

static bool own_fill(struct tls_own *own, const struct tls_conf *conf)
{
	*own = (struct tls_own){ .roles = conf->roles, .judge = conf->judge, .late = conf->late };
	return snprintf(own->ca.path, PATH_MAX, "%s", conf->ca ? conf->ca : "") < PATH_MAX &&
	       snprintf(own->crl.path, PATH_MAX, "%s", conf->crl ? conf->crl : "") < PATH_MAX &&
	       snprintf(own->name, sizeof own->name, "%s", conf->name ? conf->name : "") < (int)sizeof own->name;
}

static bool keep_own(SSL_CTX *ctx, const struct tls_conf *conf, const char **why)
{
	struct tls_own *own = malloc(sizeof *own);
	if (own_index < 0)
		own_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, own_free);
	*why = "a name is too long, or out of memory";
	if (!own || !own_fill(own, conf) || own_index < 0 || SSL_CTX_set_ex_data(ctx, own_index, own) != 1) {
		free(own);
		return false;
	}
	*why = tls_refresh(ctx);
	return !*why;
}

/* What there is of DTLS is older: it gets what TLS 1.3 left of the same age. What is sent is the chain of the own file:
 * OpenSSL would look for one at each handshake, at the cost of judging it, and add the root, which who knows it need not get. */
static bool versions(SSL_CTX *ctx, bool datagrams)
{
	if (!datagrams)
		return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1;
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
	return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, "ECDHE+AES128+AESGCM:ECDHE+AESGCM") == 1;
}

static SSL_CTX *context(const SSL_METHOD *method, const struct tls_conf *conf, bool server, const char **why)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	carrier_secure = &carrier_tls;
	*why = "out of memory";
	if (!ctx)
		return NULL;
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                              SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ctx, SSL_OP_CLEANSE_PLAINTEXT); /* what was read is not kept: it may be a permit */
	SSL_CTX_set_max_cert_list(ctx, CHAIN_MAX);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_cert_verify_callback(ctx, tls_verify, NULL);
	bool ready = versions(ctx, conf->datagrams) && (!server || !conf->datagrams || tls_admit_ed25519(ctx));
	if (!ready || !keep_own(ctx, conf, why) || (conf->cert && conf->key && !identity(ctx, conf, why))) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	}
	ERR_clear_error();
	return ctx;
}

SSL_CTX *tls_server(const struct tls_conf *conf, const char **why)
{
	*why = "a server needs a certificate and a key";
	if (!conf->cert || !conf->key)
		return NULL;
	SSL_CTX *ctx = context(conf->datagrams ? DTLS_server_method() : TLS_server_method(), conf, true, why);
	if (ctx && conf->ca)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (conf->optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), NULL);
	return ctx;
}

SSL_CTX *tls_client(const struct tls_conf *conf, const char **why)
{
	*why = "an authority's certificate (--ca) is needed";
	if (!conf->ca)
		return NULL;
	SSL_CTX *ctx = context(conf->datagrams ? DTLS_client_method() : TLS_client_method(), conf, false, why);
	if (ctx)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return ctx;
}
