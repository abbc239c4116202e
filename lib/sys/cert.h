/* cert.h - X.509 certificates of Ed25519 keys (RFC 5280, 8410): made, read, revoked.
 * Each has a statement, a line of text in an extension of ours, whose meaning is the
 * caller's (wire/who.h). Texts are PEM (RFC 7468). */
#ifndef SP_SYS_CERT_H
#define SP_SYS_CERT_H

#include "base/buf.h"

#include <stdint.h>
#include <time.h>

/* OpenSSL's; cert_free, key_free (sys/key.h) where its headers are not included. */
struct evp_pkey_st;
struct x509_st;

/* netSnmpPlaypen 4341 9 1: see share/mibs/SP-MIB.txt. */
#define CERT_OID "1.3.6.1.4.1.8072.9999.9999.4341.9.1"
#define CERT_STATEMENT_MAX 2048
#define CERT_ID 33 /* the serial number in hexadecimal, and NUL */
#define CERT_PEM_MAX 65536
#define CERT_CHAIN_MAX 6

struct cert_ask {
	const char *cn, *statement;
	const char *const *san; /* "dns:NAME" or "ip:ADDRESS"; for software that looks at these */
	unsigned nsan;
	bool authority;
	bool party;  /* shows itself in TLS, too (what is no authority always does) */
	bool client; /* only as the side that connects */
	time_t until; /* not beyond its issuer's own end */
};

/* A certificate for `subject` (its public half is enough). issuer NULL: signed by
 * itself, key is its own. NULL with a constant reason. */
struct x509_st *cert_issue(const struct cert_ask *ask, struct evp_pkey_st *subject,
                           struct x509_st *issuer, struct evp_pkey_st *key, const char **why);
void cert_free(struct x509_st *x);
/* The same name and statement in a certificate that another authority signs. */
struct x509_st *cert_cross(struct x509_st *x, struct x509_st *issuer, struct evp_pkey_st *key, const char **why);

/* Appends the statement. 1, 0 there is none, -1 malformed, twice, or too long. */
int cert_statement(struct x509_st *x, struct buf *out);
void cert_id(struct x509_st *x, char out[CERT_ID]); /* "" when it is longer than ours are */
time_t cert_until(struct x509_st *x);
bool cert_is_of(struct x509_st *x, struct evp_pkey_st *key); /* the private half of its key? */

#define CERT_KEY_HASH 32
/* SHA-256 of its public key (SubjectPublicKeyInfo, RFC 7469's pin), and of a key's public
 * half. false: out of memory. */
bool cert_pin(struct x509_st *x, uint8_t out[CERT_KEY_HASH]);
bool cert_key_pin(struct evp_pkey_st *key, uint8_t out[CERT_KEY_HASH]);

/* The i-th certificate of a text, counted from 0; NULL with a constant reason. */
struct x509_st *cert_parse(struct view pem, unsigned i, const char **why);
struct x509_st *cert_load(const char *path, unsigned i, const char **why);
int cert_write(struct x509_st *x, struct buf *out); /* appends PEM. 0/-1 */

/* A new key; NULL. Its private half as PEM, appended (wipe it), or its public one. 0/-1. */
struct evp_pkey_st *cert_key_new(void);
int cert_key_write(struct evp_pkey_st *key, bool private_half, struct buf *out);

/* A request (RFC 2986) that shows that who asks has the key. What it asks for is
 * not looked at: the authority knows better. 0/-1; the public key, or NULL with a reason. */
int cert_request_write(struct evp_pkey_st *key, const char *cn, struct buf *out);
struct evp_pkey_st *cert_request_key(struct view pem, const char **why);

struct cert_revoked {
	char id[CERT_ID];
	time_t at;
};
/* Appends the list of one authority as PEM; holds until then. 0, or -1 with a reason. */
struct cert_crl {
	const struct cert_revoked *revoked;
	unsigned n;
	time_t until;
};
int cert_crl_write(const struct cert_crl *crl, struct x509_st *issuer, struct evp_pkey_st *key, struct buf *out,
                   const char **why);

#endif
