/* Certificates made and read again: statements, requests, ends. openssl(1) has its word
 * about them in tests/bats/sp-ca.bats. */
#include "sys/cert.h"
#include "sys/key.h"
#include "unit/tap.h"

#include <openssl/x509.h>

static const char root_line[] = "issues=*\tname=root", leaf_line[] = "role=monitor\tname=mon";

static struct x509_st *made(const struct cert_ask *ask, EVP_PKEY *subject, X509 *issuer, EVP_PKEY *key, const char *want)
{
	const char *why = NULL;
	X509 *x = cert_issue(ask, subject, issuer, key, &why);
	if (want)
		check_str(x ? "made" : why, want, "refused");
	else
		check(x != NULL, "made");
	return x;
}

static void statement_is(X509 *x, const char *want)
{
	struct buf line;
	buf_init(&line, CERT_STATEMENT_MAX);
	check(cert_statement(x, &line) == 1 && view_is(buf_view(&line), want), "its statement: %s", want);
	buf_clear(&line);
}

static void through_pem(X509 *x)
{
	struct buf pem;
	const char *why;
	char id[CERT_ID], again[CERT_ID];
	buf_init(&pem, CERT_PEM_MAX);
	check(cert_write(x, &pem) == 0 && cert_write(x, &pem) == 0, "written as PEM");
	X509 *y = cert_parse(buf_view(&pem), 1, &why);
	check(y && X509_cmp(x, y) == 0, "and read again");
	check(!cert_parse(buf_view(&pem), 2, &why), "there is no third");
	cert_id(x, id);
	cert_id(y, again);
	check(strlen(id) == CERT_ID - 1 && strcmp(id, again) == 0, "its id has 32 digits");
	cert_free(y);
	buf_clear(&pem);
}

static void requests(EVP_PKEY *key)
{
	struct buf pem;
	const char *why;
	buf_init(&pem, CERT_PEM_MAX);
	check(cert_request_write(key, "alice", &pem) == 0, "a request");
	EVP_PKEY *got = cert_request_key(buf_view(&pem), &why);
	check(got && EVP_PKEY_eq(got, key) == 1, "names its key");
	key_free(got);
	unsigned held = 0;
	for (size_t i = 60; i < pem.len - 40; i++) {
		char was = pem.data[i];
		pem.data[i] = was == 'A' ? 'B' : 'A';
		got = was == '\n' ? NULL : cert_request_key(buf_view(&pem), &why);
		held += got && EVP_PKEY_eq(got, key) != 1;
		key_free(got);
		pem.data[i] = was;
	}
	check(held == 0, "no request whose text was changed names another key");
	buf_clear(&pem);
}

static void ends(EVP_PKEY *key)
{
	time_t now = time(NULL);
	X509 *root = made(&(struct cert_ask){ .cn = "root", .statement = root_line, .authority = true, .until = now + 1000 },
	                  key, NULL, key, NULL);
	EVP_PKEY *other = cert_key_new();
	struct cert_ask ask = { .cn = "mon", .statement = leaf_line, .until = now + 5000 };
	X509 *leaf = made(&ask, other, root, key, NULL);
	check(cert_until(leaf) == now + 1000, "it ends with who vouches for it");
	statement_is(leaf, leaf_line);
	statement_is(root, root_line);
	through_pem(leaf);
	made(&ask, other, root, other, "the key does not belong to the authority's certificate");
	ask.until = now - 1;
	made(&ask, other, root, key, "its time, or that of who vouches for it, is over");
	ask.until = now + 10;
	ask.san = (const char *const[]){ "dns:a, IP:1.2.3.4" };
	ask.nsan = 1;
	made(&ask, other, root, key, "a name for other software must be dns:NAME or ip:ADDRESS");
	requests(other);
	cert_free(root);
	cert_free(leaf);
	key_free(other);
}

int main(void)
{
	EVP_PKEY *key = cert_key_new();
	check(key != NULL, "a key");
	ends(key);
	key_free(key);
	return tap_done();
}
