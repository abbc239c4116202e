/* A certificate or a request, as PEM or as the bytes that a TLS peer sends, or one of ours
 * with some bytes changed (offset, offset, byte): what we read of it, and who it then is. */
#include "fuzz/fuzz.h"
#include "sys/cert.h"
#include "sys/key.h"
#include "wire/who.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <stdlib.h>

static void look(X509 *x)
{
	struct buf line;
	struct who w;
	const char *why;
	char id[CERT_ID];
	if (!x)
		return;
	buf_init(&line, CERT_STATEMENT_MAX);
	cert_id(x, id);
	cert_until(x);
	if (cert_statement(x, &line) == 1 && line.len > CERT_STATEMENT_MAX)
		abort();
	who_parse(&w, buf_view(&line), &why);
	buf_clear(&line);
	cert_free(x);
}

static void changed(const uint8_t *p, size_t n)
{
	static unsigned char *ours;
	static int len;
	unsigned char der[2048];
	const unsigned char *at = der;
	if (!ours) {
		const char *why;
		EVP_PKEY *key = cert_key_new();
		struct cert_ask ask = { .cn = "mon", .statement = "role=monitor\tname=mon", .until = time(NULL) + 86400 };
		X509 *x = cert_issue(&ask, key, NULL, key, &why);
		len = i2d_X509(x, &ours);
		cert_free(x);
		key_free(key);
	}
	if (len <= 0 || len > (int)sizeof der)
		abort();
	memcpy(der, ours, (size_t)len);
	for (size_t i = 0; i + 2 < n && i < 24; i += 3)
		der[(p[i] << 8 | p[i + 1]) % len] = p[i + 2];
	look(d2i_X509(NULL, &at, len));
	ERR_clear_error();
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct view v = { (const char *)p, n };
	const char *why;
	look(cert_parse(v, 0, &why));
	const unsigned char *at = p;
	look(d2i_X509(NULL, &at, (long)n));
	ERR_clear_error();
	changed(p, n);
	key_free(cert_request_key(v, &why));
}
