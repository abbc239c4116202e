/* tls_ed25519.c - lets a server with an Ed25519 certificate speak DTLS 1.2. RFC 8422 (5.1.1)
 * has it sign in the ECDSA suites; OpenSSL 3.0 offers these for such a certificate in TLS 1.2,
 * and in DTLS 1.2 only when there is one for ECDSA as well (ssl_set_masks asks for the version
 * of TLS alone). So there is one, made on the spot, that nobody believes; with signatures of
 * Ed25519 preferred it is shown only to a client that could not check ours at all. */
#include "sys/tls_impl.h"

#include <openssl/ec.h>
#include <openssl/x509.h>

static X509 *stand_in(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
	union { const char *c; const unsigned char *u; } cn = { "none" };
	if (name && X509_set_version(x, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, cn.u, -1, -1, 0) == 1 && X509_set_issuer_name(x, name) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(x), 0) && X509_gmtime_adj(X509_getm_notAfter(x), 0) &&
	    X509_set_pubkey(x, key) == 1 && X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

bool tls_admit_ed25519(SSL_CTX *ctx)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = key ? stand_in(key) : NULL;
	bool ok = x && SSL_CTX_set1_sigalgs_list(ctx, "ed25519:ECDSA+SHA256") == 1 &&
	          SSL_CTX_use_certificate(ctx, x) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1;
	X509_free(x);
	EVP_PKEY_free(key);
	return ok;
}
