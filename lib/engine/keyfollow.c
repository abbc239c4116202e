/* keyfollow.c - from the keys that a system was shipped with to those of today. Refuses
 * a file with a malformed row, one that no key at hand leads into, and one that breaks
 * off behind that: with the keys before the break alone, today's permits would be
 * refused, and nobody would know why. Keys that are retired count until the end of the
 * file: one may have signed several. */
#include "engine/keyfollow.h"

#include "base/recio.h"
#include "wire/keychain.h"

#include <fcntl.h>
#include <unistd.h>

struct following {
	struct keyring *ring;
	bool retired[KEYRING_MAX];
	unsigned known; /* keys of the file that are in the ring */
	bool entered;   /* one in the ring has signed a row */
};

static bool has(const struct keyring *r, const struct keychain_row *row)
{
	for (unsigned i = 0; i < r->n; i++)
		if (keychain_is(row, r->key[i]))
			return true;
	return false;
}

static const char *follow(void *following, const struct keychain_row *row)
{
	struct following *f = following;
	struct keyring *r = f->ring;
	bool there = has(r, row);
	unsigned by = 0;
	while (by < r->n && !keychain_by(row, r->key[by]))
		by++;
	f->known += there;
	if (by == r->n)
		return f->entered ? "no key that is known by then signed this row" : NULL; /* from before our time */
	f->entered = true;
	f->retired[by] |= row->retire;
	if (there)
		return NULL;
	if (r->n == KEYRING_MAX)
		return "more keys than a ring takes";
	struct evp_pkey_st *key = keychain_key(row);
	if (!key)
		return "out of memory";
	r->key[r->n++] = key;
	f->known++;
	return NULL;
}

static void retire(struct following *f)
{
	struct keyring *r = f->ring, left = { 0 }, gone = { 0 };
	for (unsigned i = 0; i < r->n; i++) {
		struct keyring *to = f->retired[i] ? &gone : &left;
		to->key[to->n++] = r->key[i];
	}
	keyring_clear(&gone);
	*r = left;
}

static const char *rows(struct recin *in, keychain_each *each, void *arg)
{
	struct record r = { 0 };
	struct keychain_row row;
	const char *why = NULL;
	while (!why) {
		int got = recin_next(in, &r, &why);
		if (got == 1 && keychain_row(&r, &row, &why) == 1)
			why = each(arg, &row);
		else if (got == 0 && in->eof)
			break;
		else if (got == 0 && recin_fill(in) < 0)
			why = "the chain's file cannot be read";
	}
	record_clear(&r);
	return why;
}

int keychain_read(const char *file, keychain_each *each, void *arg, const char **why, unsigned long *line)
{
	struct recin in;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	*line = 0;
	*why = "the chain's file cannot be opened";
	if (fd < 0)
		return -1;
	recin_init(&in, fd, file);
	*why = rows(&in, each, arg);
	if (*why)
		*line = in.line;
	recin_clear(&in);
	close(fd);
	return *why ? -1 : 0;
}

int keyfollow(struct keyring *r, const char *file, const char **why, unsigned long *line)
{
	struct following f = { .ring = r };
	if (keychain_read(file, follow, &f, why, line) != 0)
		return -1;
	retire(&f);
	*why = f.known == 0 ? "no key that is known leads into the chain" : r->n == 0 ? "no key is left" : NULL;
	return *why ? -1 : 0;
}
