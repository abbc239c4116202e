/* keyring.h - public keys of those whose signatures count: several, so that a new one is
 * believed before the old one is given up. */
#ifndef SP_SYS_KEYRING_H
#define SP_SYS_KEYRING_H

struct evp_pkey_st;

#define KEYRING_MAX 32

struct keyring { /* zero is empty; the keys are its own */
	struct evp_pkey_st *key[KEYRING_MAX];
	unsigned n;
};

/* Adds every Ed25519 public key of a PEM file; one at least. 0, or -1 with a constant
 * reason: the file cannot be read, holds no key, another kind, more than fit. */
int keyring_add(struct keyring *r, const char *pem_file, const char **why);
void keyring_clear(struct keyring *r);

#endif
