/* key.h - Ed25519 keys from PEM files: the signer's private key, the public
 * keys of those who check (wire/token.h). */
#ifndef SP_SYS_KEY_H
#define SP_SYS_KEY_H

#include <stdbool.h>

struct evp_pkey_st; /* EVP_PKEY; EVP_PKEY_free it, or key_free where OpenSSL is not included */

/* The key of pem_file. A private key's file must be a regular file that only
 * its owner (we or root) can read, and must not be encrypted: nobody is asked.
 * NULL with a constant reason. */
struct evp_pkey_st *token_key(const char *pem_file, bool private_key, const char **why);
void key_free(struct evp_pkey_st *key);

/* Is fd a regular file that nobody but its owner (we or root) can read? */
bool key_private(int fd);

#endif
