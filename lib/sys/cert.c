/* cert.c - certificates of Ed25519 keys (RFC 5280, 8410) with a statement of ours
 * in an extension. Refuses: other kinds of keys, a statement that is malformed or
 * there twice, an end beyond the issuer's. */
#include "sys/cert.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#define EARLIER_S 300 /* the other's clock may be behind */
#define ID_BYTES 16

static ASN1_OBJECT *statement_oid(void)
{
	return OBJ_txt2obj(CERT_OID, 1);
}

static int add_statement(X509 *x, const char *text)
{
	ASN1_OBJECT *oid = statement_oid();
	ASN1_UTF8STRING *s = ASN1_UTF8STRING_new();
	ASN1_OCTET_STRING *o = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e = NULL;
	unsigned char *der = NULL;
	int n = -1, rc = -1;
	if (oid && s && o && ASN1_STRING_set(s, text, (int)strlen(text)) == 1)
		n = i2d_ASN1_UTF8STRING(s, &der);
	if (n > 0 && ASN1_OCTET_STRING_set(o, der, n) == 1 && (e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, o)) != NULL)
		rc = X509_add_ext(x, e, -1) == 1 ? 0 : -1;
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(o);
	ASN1_UTF8STRING_free(s);
	ASN1_OBJECT_free(oid);
	OPENSSL_free(der);
	return rc;
}

static int add_text(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer ? issuer : x, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	int rc = e && X509_add_ext(x, e, -1) == 1 ? 0 : -1;
	X509_EXTENSION_free(e);
	return rc;
}

static GENERAL_NAME *san_of(const char *text)
{
	struct in6_addr a;
	bool dns = strncmp(text, "dns:", 4) == 0, ip = strncmp(text, "ip:", 3) == 0;
	const char *value = text + (dns ? 4 : 3);
	if (dns && *value && !value[strcspn(value, ", \t/:")])
		return a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_DNS, value, 0);
	if (ip && (inet_pton(AF_INET, value, &a) == 1 || inet_pton(AF_INET6, value, &a) == 1))
		return a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_IPADD, value, 0);
	return NULL;
}

static int add_san(X509 *x, const struct cert_ask *ask)
{
	GENERAL_NAMES *all = GENERAL_NAMES_new();
	int rc = all ? 0 : -1;
	for (unsigned i = 0; rc == 0 && i < ask->nsan; i++) {
		GENERAL_NAME *g = san_of(ask->san[i]);
		if (g && sk_GENERAL_NAME_push(all, g) > 0)
			continue;
		GENERAL_NAME_free(g);
		rc = -1;
	}
	if (rc == 0 && ask->nsan)
		rc = X509_add1_ext_i2d(x, NID_subject_alt_name, all, 0, 0) == 1 ? 0 : -1;
	GENERAL_NAMES_free(all);
	return rc;
}

/* What the key may be used for. */
static int add_uses(X509 *x, const struct cert_ask *ask)
{
	const char *use = !ask->authority ? "critical,digitalSignature" : ask->party
	                  ? "critical,keyCertSign,cRLSign,digitalSignature" : "critical,keyCertSign,cRLSign";
	if (add_text(x, NULL, NID_basic_constraints, ask->authority ? "critical,CA:TRUE" : "critical,CA:FALSE") != 0 ||
	    add_text(x, NULL, NID_key_usage, use) != 0)
		return -1;
	return ask->authority ? 0 : add_text(x, NULL, NID_ext_key_usage, ask->client ? "clientAuth" : "serverAuth,clientAuth");
}

static int add_id(X509 *x)
{
	unsigned char b[ID_BYTES];
	if (RAND_bytes(b, sizeof b) != 1)
		return -1;
	b[0] = (b[0] & 0x7f) | 0x40; /* positive, and always as long */
	BIGNUM *n = BN_bin2bn(b, sizeof b, NULL);
	int rc = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) ? 0 : -1;
	BN_free(n);
	return rc;
}

static int set_times(X509 *x, X509 *issuer, time_t until)
{
	time_t now = time(NULL);
	if (issuer && cert_until(issuer) < until)
		until = cert_until(issuer);
	return until > now && ASN1_TIME_set(X509_getm_notBefore(x), now - EARLIER_S) &&
	       ASN1_TIME_set(X509_getm_notAfter(x), until) ? 0 : -1;
}

static int set_name(X509 *x, const char *cn)
{
	X509_NAME *name = X509_get_subject_name(x);
	return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0) == 1 ? 0 : -1;
}

static int fill(X509 *x, const struct cert_ask *ask, X509 *issuer, const char **why)
{
	*why = "the name cannot stand in a certificate";
	if (set_name(x, ask->cn) != 0 ||
	    X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : X509_get_subject_name(x)) != 1)
		return -1;
	*why = "its time, or that of who vouches for it, is over";
	if (set_times(x, issuer, ask->until) != 0)
		return -1;
	*why = "a name for other software must be dns:NAME or ip:ADDRESS";
	if (add_san(x, ask) != 0)
		return -1;
	*why = "unable to make the certificate";
	return X509_set_version(x, X509_VERSION_3) == 1 && add_id(x) == 0 && add_uses(x, ask) == 0 &&
	       add_statement(x, ask->statement) == 0 && add_text(x, NULL, NID_subject_key_identifier, "hash") == 0 &&
	       add_text(x, issuer, NID_authority_key_identifier, "keyid") == 0 ? 0 : -1;
}

X509 *cert_issue(const struct cert_ask *ask, EVP_PKEY *subject, X509 *issuer, EVP_PKEY *key, const char **why)
{
	X509 *x = X509_new();
	*why = "the key is not an Ed25519 key";
	if (!x || !EVP_PKEY_is_a(subject, "ED25519") || !EVP_PKEY_is_a(key, "ED25519") || X509_set_pubkey(x, subject) != 1)
		goto bad;
	*why = "the key does not belong to the authority's certificate";
	if (issuer && !cert_is_of(issuer, key))
		goto bad;
	if (fill(x, ask, issuer, why) != 0)
		goto bad;
	*why = "unable to sign the certificate";
	if (X509_sign(x, key, NULL) > 0)
		return x;
bad:
	X509_free(x);
	ERR_clear_error();
	return NULL;
}

static int text_of_cn(X509 *x, struct buf *out)
{
	X509_NAME *name = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	ASN1_STRING *s = at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	return s && buf_add(out, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)) == 0 ? buf_addc(out, '\0') : -1;
}

X509 *cert_cross(X509 *x, X509 *issuer, EVP_PKEY *key, const char **why)
{
	struct buf cn, statement;
	X509 *cross = NULL;
	buf_init(&cn, 256);
	buf_init(&statement, CERT_STATEMENT_MAX + 1);
	*why = "it is no certificate of ours";
	if (text_of_cn(x, &cn) == 0 && cert_statement(x, &statement) == 1 && buf_addc(&statement, '\0') == 0)
		cross = cert_issue(&(struct cert_ask){ .cn = cn.data, .statement = statement.data, .authority = true,
		                                       .until = cert_until(x) }, X509_get0_pubkey(x), issuer, key, why);
	buf_clear(&cn);
	buf_clear(&statement);
	return cross;
}

void cert_free(X509 *x)
{
	X509_free(x);
}

/* The octets of the extension are one UTF8String, and nothing behind it. */
static int take_statement(X509_EXTENSION *e, struct buf *out)
{
	const ASN1_OCTET_STRING *o = X509_EXTENSION_get_data(e);
	const unsigned char *p = ASN1_STRING_get0_data(o), *end = p + ASN1_STRING_length(o);
	ASN1_UTF8STRING *s = d2i_ASN1_UTF8STRING(NULL, &p, ASN1_STRING_length(o));
	int rc = -1;
	if (s && p == end && ASN1_STRING_length(s) <= CERT_STATEMENT_MAX)
		rc = buf_add(out, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)) == 0 ? 1 : -1;
	ASN1_UTF8STRING_free(s);
	ERR_clear_error();
	return rc;
}

int cert_statement(X509 *x, struct buf *out)
{
	ASN1_OBJECT *oid = statement_oid();
	int at = oid ? X509_get_ext_by_OBJ(x, oid, -1) : -2;
	int again = at >= 0 ? X509_get_ext_by_OBJ(x, oid, at) : -1;
	ASN1_OBJECT_free(oid);
	if (at == -1)
		return 0;
	return at >= 0 && again < 0 ? take_statement(X509_get_ext(x, at), out) : -1;
}

void cert_id(X509 *x, char out[CERT_ID])
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	unsigned char b[ID_BYTES];
	out[0] = '\0';
	if (n && !BN_is_negative(n) && BN_bn2binpad(n, b, sizeof b) == sizeof b)
		for (size_t i = 0; i < sizeof b; i++)
			snprintf(out + 2 * i, 3, "%02x", b[i]);
	BN_free(n);
	ERR_clear_error();
}

bool cert_key_pin(EVP_PKEY *key, uint8_t out[CERT_KEY_HASH])
{
	unsigned char *der = NULL;
	int n = key ? i2d_PUBKEY(key, &der) : -1;
	bool ok = n > 0 && EVP_Digest(der, (size_t)n, out, NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_free(der);
	return ok;
}

bool cert_pin(X509 *x, uint8_t out[CERT_KEY_HASH])
{
	return cert_key_pin(x ? X509_get0_pubkey(x) : NULL, out);
}

bool cert_is_of(X509 *x, EVP_PKEY *key)
{
	bool yes = X509_check_private_key(x, key) == 1;
	ERR_clear_error();
	return yes;
}

time_t cert_until(X509 *x)
{
	struct tm tm;
	return ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) == 1 ? timegm(&tm) : 0;
}
