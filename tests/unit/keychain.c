/* keychain.c - a ring that follows a chain: from any key in it to the last, retiring what
 * is said to be, and no further than signatures lead. */
#include "engine/keyfollow.h"
#include "unit/tap.h"
#include "wire/base64url.h"
#include "wire/keychain.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static EVP_PKEY *key[5];
static char file[] = "/tmp/keychain.XXXXXX";

static EVP_PKEY *public_of(EVP_PKEY *k)
{
	uint8_t raw[ED25519_KEY];
	ed25519_public(k, raw);
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, sizeof raw);
}

static void row(FILE *f, EVP_PKEY *by, EVP_PKEY *next, bool retire)
{
	uint8_t raw[ED25519_KEY], sig[ED25519_SIGNATURE];
	char text[200];
	struct buf b, s;
	buf_init(&b, 100);
	buf_init(&s, 100);
	ed25519_public(next, raw);
	base64url_add(&b, (struct view){ (const char *)raw, sizeof raw });
	int n = snprintf(text, sizeof text, "sp-permit-key %.*s%s", (int)b.len, b.data, retire ? " retire" : "");
	ed25519_sign((struct view){ text, (size_t)n }, by, sig);
	base64url_add(&s, (struct view){ (const char *)sig, sizeof sig });
	fprintf(f, "key=%.*s%s\tsignature=%.*s\n", (int)b.len, b.data, retire ? "\tretire=yes" : "", (int)s.len, s.data);
	buf_clear(&b);
	buf_clear(&s);
}

/* One row as a text. */
static void one(char to[300], EVP_PKEY *by, EVP_PKEY *next, bool retire)
{
	FILE *f = fmemopen(to, 300, "w");
	row(f, by, next, retire);
	fclose(f);
}

/* The ring has `from` and follows the file: which of the keys it then has, as digits. */
static const char *followed(unsigned from, const char *tail)
{
	static char out[300];
	struct keyring r = { .n = 1, .key = { public_of(key[from]) } };
	const char *why;
	unsigned long line;
	FILE *f = fopen(file, "w");
	row(f, key[0], key[1], false);
	row(f, key[1], key[2], true);
	row(f, key[2], key[3], false);
	fputs(tail, f);
	fclose(f);
	size_t at = 0;
	out[0] = '\0';
	if (keyfollow(&r, file, &why, &line) != 0)
		snprintf(out, sizeof out, "%lu %s", line, why);
	for (unsigned k = 0; k < 5 && !strchr(out, ' '); k++)
		for (unsigned i = 0; i < r.n; i++)
			if (EVP_PKEY_eq(r.key[i], key[k]) == 1)
				at += (size_t)snprintf(out + at, sizeof out - at, "%u", k);
	keyring_clear(&r);
	return out;
}

static void refused(const char *line, const char *want)
{
	struct record r = { 0 };
	struct keychain_row got;
	const char *why;
	record_parse(&r, view_of(line), &why);
	check(keychain_row(&r, &got, &why) == -1, "no row: %s", line);
	check_str(why, want, "says why");
	record_clear(&r);
}

int main(void)
{
	for (uint8_t i = 0; i < 5; i++) {
		uint8_t seed[32] = { (uint8_t)(i + 1) };
		key[i] = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	}
	char self[300], by_none[300], by_old[300];
	one(self, key[3], key[3], true);
	one(by_none, key[4], key[0], false);
	one(by_old, key[0], key[4], false);
	close(mkstemp(file));
	check_str(followed(0, ""), "023", "from the first: to the last, without the one that was retired");
	check_str(followed(1, ""), "23", "from the second");
	check_str(followed(2, ""), "23", "from the third, retired is what it never had");
	check_str(followed(3, ""), "3", "from the last");
	check_str(followed(4, ""), "0 no key that is known leads into the chain", "from another");
	check_str(followed(3, self), "0 no key is left", "one that retires itself");
#define BROKEN "4 no key that is known by then signed this row"
	check_str(followed(0, by_none), BROKEN, "a break behind the row that was followed");
	check_str(followed(2, by_none), BROKEN, "a break, from the last but one");
	check_str(followed(3, by_none), "3", "from the last: rows that none of its keys signed may be from before");
	check_str(followed(0, by_old), "0234", "one that an earlier key signed is no break for who has that");
	check_str(followed(1, by_old), BROKEN, "but for who has it not");
	check_str(followed(0, "nonsense\n"), "4 field without '='", "a line that is no record");
	check_str(followed(0, "key=AA\tsignature=AA\n"), "4 key= is no Ed25519 public key", "a row that is none");
#define K "key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define S "signature=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	refused(K "A\t" S, "key= is no Ed25519 public key");
	refused(K "\tsignature=AAAA", "signature= is no Ed25519 signature");
	refused(K "\t" S "\tretire=no", "retire= must be yes, or not there");
	unlink(file);
	for (unsigned i = 0; i < 5; i++)
		EVP_PKEY_free(key[i]);
	return tap_done();
}
