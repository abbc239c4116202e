/* key.c - reads Ed25519 keys (RFC 8410) from PEM files. Refuses a private key
 * that others can read, an encrypted one, and every other kind of key. */
#include "sys/key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int no_passphrase(char *buf, int size, int rw, void *arg)
{
	(void)buf, (void)size, (void)rw, (void)arg;
	return -1;
}

bool key_private(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & 077) &&
	       (st.st_uid == geteuid() || st.st_uid == 0);
}

EVP_PKEY *token_key(const char *pem_file, bool private_key, const char **why)
{
	EVP_PKEY *key = NULL;
	FILE *f = NULL;
	int fd = open(pem_file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	*why = "the key's file cannot be opened";
	if (fd < 0)
		return NULL;
	*why = "the key's file must be readable by its owner only";
	if (private_key && !key_private(fd))
		goto out;
	*why = "the key's file cannot be read";
	f = fdopen(fd, "r");
	if (!f)
		goto out;
	fd = -1;
	setvbuf(f, NULL, _IONBF, 0); /* leaves no copy of a private key in a freed buffer */
	*why = private_key ? "the file holds no private key" : "the file holds no public key";
	key = private_key ? PEM_read_PrivateKey(f, NULL, no_passphrase, NULL)
	                  : PEM_read_PUBKEY(f, NULL, no_passphrase, NULL);
	if (key && !EVP_PKEY_is_a(key, "ED25519")) {
		*why = "the key is not an Ed25519 key";
		EVP_PKEY_free(key);
		key = NULL;
	}
out:
	if (f)
		fclose(f);
	if (fd >= 0)
		close(fd);
	if (key)
		*why = NULL;
	return key;
}

void key_free(EVP_PKEY *key)
{
	EVP_PKEY_free(key);
}
