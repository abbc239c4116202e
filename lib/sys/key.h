/* key.h - keys from PEM files: a TLS end's own, and the Ed25519 keys of those who
 * sign and of those who check (wire/token.h). */
#ifndef SP_SYS_KEY_H
#define SP_SYS_KEY_H

#include <stdbool.h>

struct evp_pkey_st; /* EVP_PKEY; EVP_PKEY_free it, or key_free where OpenSSL is not included */

/* The private key of pem_file, which must be a regular file that only its owner (we
 * or root) can read, and must not be encrypted: nobody is asked. NULL with a constant reason. */
struct evp_pkey_st *key_load(const char *pem_file, const char **why);
/* The Ed25519 key of pem_file, private or public; the same otherwise. */
struct evp_pkey_st *token_key(const char *pem_file, bool private_key, const char **why);
void key_free(struct evp_pkey_st *key);

/* Is fd a regular file that nobody but its owner (we or root) can read? */
bool key_private(int fd);

#endif
