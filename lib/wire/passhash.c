/* passhash.c - scrypt by OpenSSL. Refuses costs that would hold a server up:
 * more than 64 MiB, N no power of two, R or P over 16. */
#include "wire/passhash.h"

#include "base/num.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <errno.h>

enum { HASH = 32, N = 16384, R = 8, P = 1, MEMORY = 64 << 20 };

struct hash {
	uint64_t n, r, p;
	uint8_t salt[PASSHASH_SALT], hash[HASH];
};

static int add_hex(struct buf *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (buf_printf(out, "%02x", p[i]) != 0)
			return -1;
	return 0;
}

static bool take_hex(struct view v, uint8_t *to, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	if (v.n != 2 * n)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		const char *d = v.p[i] ? strchr(digits, v.p[i]) : NULL;
		if (!d)
			return false;
		to[i / 2] = (uint8_t)(to[i / 2] << 4 | (d - digits));
	}
	return true;
}

static bool parse(struct view text, struct hash *h)
{
	struct view part[6], rest = text;
	*h = (struct hash){ 0 };
	for (int i = 0; i < 6; i++)
		if (!view_split(&rest, ':', &part[i]))
			return false;
	if (rest.p || !view_is(part[0], "scrypt") || !num_u64(part[1], 2, 1 << 20, &h->n) ||
	    !num_u64(part[2], 1, 16, &h->r) || !num_u64(part[3], 1, 16, &h->p))
		return false;
	return (h->n & (h->n - 1)) == 0 && h->n * h->r * 128 <= MEMORY / 2 &&
	       take_hex(part[4], h->salt, sizeof h->salt) && take_hex(part[5], h->hash, sizeof h->hash);
}

static bool derive(const struct hash *h, const struct secret *password, uint8_t out[HASH])
{
	struct view v = secret_view(password);
	return EVP_PBE_scrypt(v.p, v.n, h->salt, sizeof h->salt, h->n, h->r, h->p, MEMORY, out, HASH) == 1;
}

int passhash_make(const struct secret *password, const uint8_t salt[PASSHASH_SALT], struct buf *out)
{
	struct hash h = { .n = N, .r = R, .p = P };
	struct buf text;
	int rc = -1;
	memcpy(h.salt, salt, sizeof h.salt);
	buf_init(&text, 256);
	errno = ENOMEM;
	if (derive(&h, password, h.hash) && buf_printf(&text, "scrypt:%d:%d:%d:", N, R, P) == 0 &&
	    add_hex(&text, h.salt, sizeof h.salt) == 0 && buf_addc(&text, ':') == 0 &&
	    add_hex(&text, h.hash, sizeof h.hash) == 0)
		rc = buf_addv(out, buf_view(&text));
	buf_clear(&text);
	return rc;
}

bool passhash_ok(struct view text)
{
	struct hash h;
	return parse(text, &h);
}

bool passhash_holds(struct view text, const struct secret *password)
{
	struct hash h;
	uint8_t out[HASH];
	bool ok = parse(text, &h) && derive(&h, password, out) && CRYPTO_memcmp(out, h.hash, HASH) == 0;
	OPENSSL_cleanse(out, sizeof out);
	return ok;
}
