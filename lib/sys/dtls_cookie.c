/* dtls_cookie.c - cookies (RFC 6347, 4.2.1): HMAC-SHA256, cut to 16 bytes, of the peer's
 * address and port, with a secret of this process that is another one each minute. The one
 * before still holds. So the answer to a ClientHello is shorter than every ClientHello. */
#include "sys/dtls_impl.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define COOKIE 16
#define SECRET 32
#define ROTATE_MS 60000

static struct {
	uint8_t now[SECRET], before[SECRET];
	int64_t since; /* 0: there is none yet */
} secret;

static bool rotate(void)
{
	int64_t now = clock_ms();
	if (secret.since && now - secret.since < ROTATE_MS)
		return true;
	uint8_t fresh[SECRET];
	if (RAND_bytes(fresh, SECRET) != 1)
		return false;
	/* One that nobody renewed for so long is no secret of the last minute. */
	bool recent = secret.since && now - secret.since < 2 * ROTATE_MS;
	memcpy(secret.before, recent ? secret.now : fresh, SECRET);
	memcpy(secret.now, fresh, SECRET);
	secret.since = now;
	return true;
}

static bool make(const SSL *ssl, const uint8_t key[SECRET], uint8_t out[COOKIE])
{
	uint8_t name[DTLS_NAME], mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	size_t len = dtls_path_name(&dtls_wire_of(ssl)->path, name);
	if (!HMAC(EVP_sha256(), key, SECRET, name, len, mac, &n) || n < COOKIE)
		return false;
	memcpy(out, mac, COOKIE);
	return true;
}

static int give(SSL *ssl, unsigned char *cookie, unsigned *n)
{
	*n = COOKIE;
	return rotate() && make(ssl, secret.now, cookie);
}

static int look(SSL *ssl, const unsigned char *cookie, unsigned n)
{
	uint8_t now[COOKIE], before[COOKIE];
	return n == COOKIE && rotate() && make(ssl, secret.now, now) && make(ssl, secret.before, before) &&
	       (CRYPTO_memcmp(cookie, now, COOKIE) == 0 || CRYPTO_memcmp(cookie, before, COOKIE) == 0);
}

void dtls_cookies(SSL_CTX *ctx)
{
	SSL_CTX_set_cookie_generate_cb(ctx, give);
	SSL_CTX_set_cookie_verify_cb(ctx, look);
}
