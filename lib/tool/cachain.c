/* cachain.c - a chain of permit keys gets its next row. Refuses a chain that is broken
 * before, and a row by which not everybody would follow who knows a key of the chain:
 * each is signed by the key of the row before it, or tells that key's own row again,
 * to retire who signed that. */
#include "tool/cachain.h"

#include "engine/keyfollow.h"
#include "sys/files.h"
#include "sys/key.h"
#include "sys/keyring.h"
#include "tool/filter.h"
#include "wire/base64url.h"
#include "wire/keychain.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define ROWS_MAX (KEYRING_MAX - 1) /* beside the key that the oldest system was shipped with */
#define FILE_MAX (ROWS_MAX * 256)
#define FULL "more rows than a service processor can follow"

struct chain {
	struct keychain_row row[ROWS_MAX];
	struct evp_pkey_st *key[ROWS_MAX]; /* of the rows */
	unsigned n;
};

static bool again(const struct chain *c, unsigned i, struct evp_pkey_st *signer)
{
	struct evp_pkey_st *by = i > 1 ? c->key[i - 2] : signer;
	return c->row[i].retire && !c->row[i - 1].retire && keychain_is(&c->row[i], c->key[i - 1]) &&
	       (!by || (keychain_by(&c->row[i], by) && keychain_by(&c->row[i - 1], by)));
}

/* Would whoever follows to the row before this one, the last, follow to it? Who has
 * signed the first row is known when it signs the second, too (signer). */
static const char *continues(const struct chain *c, struct evp_pkey_st *signer)
{
	unsigned i = c->n - 1;
	if (i == 0 || again(c, i, signer))
		return NULL;
	for (unsigned k = 0; k < i; k++)
		if (keychain_is(&c->row[i], c->key[k]))
			return "its key is in the chain already";
	return keychain_by(&c->row[i], c->key[i - 1]) ? NULL : "not the key of the row before signed this one";
}

static const char *append(struct chain *c, const struct keychain_row *row, struct evp_pkey_st *signer)
{
	if (c->n == ROWS_MAX)
		return FULL;
	c->row[c->n] = *row;
	c->key[c->n] = keychain_key(row);
	return c->key[c->n++] ? continues(c, signer) : "out of memory";
}

static const char *add(void *chain, const struct keychain_row *row)
{
	return append(chain, row, NULL);
}

static void chain_clear(struct chain *c)
{
	while (c->n)
		key_free(c->key[--c->n]);
}

/* One program at a time has the folder of the chain: the file itself is replaced. */
static int locked(const char *file)
{
	char path[PATH_MAX];
	if (!view_str(view_of(file), path, sizeof path))
		tool_die(SP_USAGE, "--chain: the name is too long");
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		tool_die(SP_SYSTEM, "unable to lock the folder of %s: %s", file, strerror(errno));
	return fd;
}

/* What is in the file, which need not be there yet. */
static void load(const char *file, struct chain *c, struct buf *text)
{
	const char *why;
	unsigned long line;
	if (access(file, F_OK) != 0 && errno == ENOENT)
		return;
	if (keychain_read(file, add, c, &why, &line) != 0 && line)
		tool_die(SP_RECORD, "%s: line %lu: %s", file, line, why);
	if (why)
		tool_die(SP_SYSTEM, "%s: %s", file, why);
	if (file_read(file, text) != 0 || (text->len && text->data[text->len - 1] != '\n' && buf_addc(text, '\n') != 0))
		tool_die(SP_SYSTEM, "unable to read %s: %s", file, strerror(errno));
}

static struct evp_pkey_st *key_of(const char *file, bool private_key)
{
	const char *why;
	struct evp_pkey_st *key = token_key(file, private_key, &why);
	if (!key)
		tool_die(SP_SYSTEM, "unable to use %s: %s", file, why);
	return key;
}

/* The row, signed; it must continue the chain. */
static void sign(const struct cachain *c, struct chain *chain, struct keychain_row *row)
{
	struct evp_pkey_st *old = key_of(c->key, true), *next = key_of(c->next, false);
	row->retire = c->retire;
	if (!ed25519_public(next, row->key) || keychain_sign(row, old) != 0)
		tool_die(SP_SYSTEM, "unable to sign: %s", strerror(errno));
	if (keychain_is(row, old))
		tool_die(SP_USAGE, "%s and %s are one pair: the next key is another one", c->key, c->next);
	const char *why = append(chain, row, old);
	if (why)
		tool_die(SP_USAGE, "%s does not go on with %s signed by %s: %s", c->chain, c->next, c->key, why);
	key_free(old);
	key_free(next);
}

enum sp_exit cachain_run(const struct cachain *c, struct recout *out)
{
	static struct chain chain;
	struct keychain_row row;
	struct record r = { 0 };
	struct buf text;
	tool_need(c->chain, "chain");
	tool_need(c->key, "key");
	tool_need(c->next, "next");
	buf_init(&text, FILE_MAX);
	int lock = locked(c->chain);
	load(c->chain, &chain, &text);
	sign(c, &chain, &row);
	if (keychain_write(&row, &r) != 0 || record_write(&r, &text) != 0)
		tool_die(SP_SYSTEM, "unable to make a row: %s", strerror(errno));
	if (file_replace(c->chain, buf_view(&text), 0644) != 0)
		tool_die(SP_SYSTEM, "unable to write %s: %s", c->chain, strerror(errno));
	if (record_set(&r, "chain", c->chain) != 0 || record_setf(&r, "rows", "%u", chain.n) != 0)
		tool_die(SP_SYSTEM, "unable to make a record: %s", strerror(errno));
	if (recout_add(out, &r) != 0)
		filter_write_failed();
	tool_log(0, "chained", "chain", c->chain, "next", c->next, NULL);
	close(lock);
	chain_clear(&chain);
	buf_clear(&text);
	record_clear(&r);
	return SP_OK;
}
