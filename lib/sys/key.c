/* key.c - reads keys from PEM files. Refuses a private key that others can read and an
 * encrypted one; of those that sign and check, every kind but Ed25519. */
#include "sys/key.h"

#include "sys/files.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 65536 /* bytes: a key, perhaps with certificates behind it */

static int no_passphrase(char *buf, int size, int rw, void *arg)
{
	(void)buf, (void)size, (void)rw, (void)arg;
	return -1;
}

bool key_private(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & 077) &&
	       (st.st_uid == geteuid() || st.st_uid == 0 || geteuid() == 0); /* root reads any: a service's, too */
}

/* An Ed25519 key in its own two steps (RFC 8410, section 7). The library's general decoder
 * tries all that it knows: more than a millisecond at each start of a program. */
static EVP_PKEY *ed25519_of(const unsigned char *der, long n)
{
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, n);
	const ASN1_OBJECT *algorithm;
	const unsigned char *p;
	ASN1_OCTET_STRING *raw = NULL;
	EVP_PKEY *key = NULL;
	int len;
	if (info && PKCS8_pkey_get0(&algorithm, &p, &len, NULL, info) == 1 && OBJ_obj2nid(algorithm) == NID_ED25519)
		raw = d2i_ASN1_OCTET_STRING(NULL, &p, len);
	if (raw) {
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, ASN1_STRING_get0_data(raw), (size_t)ASN1_STRING_length(raw));
		OPENSSL_cleanse(raw->data, (size_t)raw->length);
	}
	ASN1_OCTET_STRING_free(raw);
	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

static EVP_PKEY *private_of(struct view pem)
{
	BIO *b = pem.n ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	unsigned char *der = NULL;
	long n = 0;
	EVP_PKEY *key = NULL;
	if (b && PEM_bytes_read_bio_secmem(&der, &n, NULL, PEM_STRING_PKCS8INF, b, no_passphrase, NULL) == 1)
		key = ed25519_of(der, n);
	OPENSSL_secure_clear_free(der, (size_t)n);
	if (!key && b && BIO_reset(b) == 1)
		key = PEM_read_bio_PrivateKey(b, NULL, no_passphrase, NULL);
	BIO_free(b);
	ERR_clear_error();
	return key;
}

static EVP_PKEY *public_of(struct view pem)
{
	BIO *b = pem.n ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	EVP_PKEY *key = b ? PEM_read_bio_PUBKEY(b, NULL, no_passphrase, NULL) : NULL;
	BIO_free(b);
	ERR_clear_error();
	return key;
}

static EVP_PKEY *load(const char *pem_file, bool private_key, const char **why)
{
	EVP_PKEY *key = NULL;
	struct buf pem;
	int fd = open(pem_file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	buf_init(&pem, FILE_MAX);
	*why = "the key's file cannot be opened";
	if (fd < 0)
		goto out;
	*why = "the key's file must be readable by its owner only";
	if (private_key && !key_private(fd))
		goto out;
	*why = "the key's file cannot be read";
	if (file_read_from(fd, &pem) != 0)
		goto out;
	*why = private_key ? "the file holds no private key" : "the file holds no public key";
	key = private_key ? private_of(buf_view(&pem)) : public_of(buf_view(&pem));
	if (key)
		*why = NULL;
out:
	buf_clear(&pem); /* which wipes it */
	if (fd >= 0)
		close(fd);
	return key;
}

EVP_PKEY *key_load(const char *pem_file, const char **why)
{
	return load(pem_file, true, why);
}

EVP_PKEY *token_key(const char *pem_file, bool private_key, const char **why)
{
	EVP_PKEY *key = load(pem_file, private_key, why);
	if (!key || EVP_PKEY_is_a(key, "ED25519"))
		return key;
	*why = "the key is not an Ed25519 key";
	EVP_PKEY_free(key);
	return NULL;
}

void key_free(EVP_PKEY *key)
{
	EVP_PKEY_free(key);
}
