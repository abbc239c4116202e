/* keyring.c - public keys from PEM files (RFC 7468, 8410). Refuses a file with anything
 * but Ed25519 public keys between its BEGINs. */
#include "sys/keyring.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdio.h>

static const char *add(struct keyring *r, EVP_PKEY *key)
{
	const char *why = EVP_PKEY_is_a(key, "ED25519") != 1 ? "a key is not an Ed25519 key"
	                  : r->n == KEYRING_MAX ? "more keys than a ring takes" : NULL;
	if (why)
		EVP_PKEY_free(key);
	else
		r->key[r->n++] = key;
	return why;
}

int keyring_add(struct keyring *r, const char *pem_file, const char **why)
{
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long size = 0;
	unsigned before = r->n;
	FILE *f = fopen(pem_file, "re");
	*why = f ? NULL : "the keys' file cannot be opened";
	while (f && !*why && PEM_read(f, &name, &header, &der, &size) == 1) {
		const unsigned char *p = der;
		EVP_PKEY *key = strcmp(name, "PUBLIC KEY") == 0 ? d2i_PUBKEY(NULL, &p, size) : NULL;
		*why = key ? add(r, key) : "the file holds something that is no public key";
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	if (f)
		fclose(f);
	if (!*why && r->n == before)
		*why = "the file holds no public key";
	return *why ? -1 : 0;
}

void keyring_clear(struct keyring *r)
{
	while (r->n)
		EVP_PKEY_free(r->key[--r->n]);
}
