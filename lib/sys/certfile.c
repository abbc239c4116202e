/* certfile.c - certificates, keys, requests (RFC 2986) and lists of what is revoked,
 * from and to PEM. Refuses a request that is not signed by the key that it names,
 * and keys that are not Ed25519. */
#include "sys/cert.h"

#include "sys/files.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* Appends what a BIO of memory has, wipes and frees it. */
static int drain(BIO *b, bool ok, struct buf *out)
{
	char *p;
	long n = b ? BIO_get_mem_data(b, &p) : -1;
	int rc = ok && n > 0 ? buf_add(out, p, (size_t)n) : -1;
	if (n > 0)
		OPENSSL_cleanse(p, (size_t)n);
	BIO_free(b);
	ERR_clear_error();
	return rc;
}

static BIO *reader(struct view pem)
{
	return pem.n && pem.n <= CERT_PEM_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
}

X509 *cert_parse(struct view pem, unsigned i, const char **why)
{
	BIO *b = reader(pem);
	X509 *x = NULL;
	for (unsigned n = 0; b && n <= i; n++) {
		X509_free(x);
		x = PEM_read_bio_X509(b, NULL, NULL, NULL);
		if (!x)
			break;
	}
	*why = x ? NULL : "there is no certificate in it";
	BIO_free(b);
	ERR_clear_error();
	return x;
}

X509 *cert_load(const char *path, unsigned i, const char **why)
{
	struct buf pem;
	X509 *x = NULL;
	buf_init(&pem, CERT_PEM_MAX);
	*why = "the file cannot be read";
	if (file_read(path, &pem) == 0)
		x = cert_parse(buf_view(&pem), i, why);
	buf_clear(&pem);
	return x;
}

int cert_write(X509 *x, struct buf *out)
{
	BIO *b = BIO_new(BIO_s_mem());
	return drain(b, b && PEM_write_bio_X509(b, x) == 1, out);
}

EVP_PKEY *cert_key_new(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

int cert_key_write(EVP_PKEY *key, bool private_half, struct buf *out)
{
	BIO *b = BIO_new(BIO_s_mem());
	int ok = !b ? 0 : private_half ? PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL)
	                               : PEM_write_bio_PUBKEY(b, key);
	return drain(b, ok == 1, out);
}

int cert_request_write(EVP_PKEY *key, const char *cn, struct buf *out)
{
	X509_REQ *r = X509_REQ_new();
	BIO *b = BIO_new(BIO_s_mem());
	bool ok = r && b && X509_REQ_set_version(r, X509_REQ_VERSION_1) == 1 && X509_REQ_set_pubkey(r, key) == 1 &&
	          X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(r), NID_commonName, MBSTRING_UTF8,
	                                     (const unsigned char *)cn, -1, -1, 0) == 1 &&
	          X509_REQ_sign(r, key, NULL) > 0 && PEM_write_bio_X509_REQ(b, r) == 1;
	X509_REQ_free(r);
	return drain(b, ok, out);
}

EVP_PKEY *cert_request_key(struct view pem, const char **why)
{
	BIO *b = reader(pem);
	X509_REQ *r = b ? PEM_read_bio_X509_REQ(b, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key = r ? X509_REQ_get_pubkey(r) : NULL;
	*why = !r ? "there is no request in it" : !key || !EVP_PKEY_is_a(key, "ED25519") ? "the request's key is not an Ed25519 key"
	       : X509_REQ_verify(r, key) != 1 ? "the request is not signed by its own key" : NULL;
	if (*why) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	X509_REQ_free(r);
	BIO_free(b);
	ERR_clear_error();
	return key;
}

static int add_revoked(X509_CRL *crl, const struct cert_revoked *one)
{
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *at = ASN1_TIME_set(NULL, one->at);
	BIGNUM *n = NULL;
	ASN1_INTEGER *id = BN_hex2bn(&n, one->id) > 0 ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	bool ok = r && at && id && X509_REVOKED_set_serialNumber(r, id) == 1 && X509_REVOKED_set_revocationDate(r, at) == 1 &&
	          X509_CRL_add0_revoked(crl, r) == 1;
	if (!ok)
		X509_REVOKED_free(r);
	ASN1_INTEGER_free(id);
	ASN1_TIME_free(at);
	BN_free(n);
	return ok ? 0 : -1;
}

static bool crl_times(X509_CRL *x, time_t until)
{
	ASN1_TIME *t = ASN1_TIME_set(NULL, time(NULL) - 1);
	bool ok = t && X509_CRL_set1_lastUpdate(x, t) == 1 && ASN1_TIME_set(t, until) && X509_CRL_set1_nextUpdate(x, t) == 1;
	ASN1_TIME_free(t);
	return ok;
}

/* Its number grows with every list (RFC 5280, 5.2.3): the time does. */
static bool crl_extensions(X509_CRL *x, X509 *issuer)
{
	X509V3_CTX ctx;
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	X509V3_set_ctx(&ctx, issuer, NULL, NULL, x, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
	bool ok = n && e && X509_CRL_add_ext(x, e, -1) == 1 && ASN1_INTEGER_set_int64(n, (int64_t)time(NULL)) == 1 &&
	          X509_CRL_add1_ext_i2d(x, NID_crl_number, n, 0, 0) == 1;
	X509_EXTENSION_free(e);
	ASN1_INTEGER_free(n);
	return ok;
}

int cert_crl_write(const struct cert_crl *crl, X509 *issuer, EVP_PKEY *key, struct buf *out, const char **why)
{
	X509_CRL *x = X509_CRL_new();
	BIO *b = BIO_new(BIO_s_mem());
	bool ok = x && b && X509_CRL_set_version(x, X509_CRL_VERSION_2) == 1 &&
	          X509_CRL_set_issuer_name(x, X509_get_subject_name(issuer)) == 1 && crl_times(x, crl->until) &&
	          crl_extensions(x, issuer);
	for (unsigned i = 0; ok && i < crl->n; i++)
		ok = add_revoked(x, &crl->revoked[i]) == 0;
	*why = "unable to sign the list of what is revoked";
	ok = ok && X509_CRL_sort(x) == 1 && X509_CRL_sign(x, key, NULL) > 0 && PEM_write_bio_X509_CRL(b, x) == 1;
	X509_CRL_free(x);
	return drain(b, ok, out);
}
