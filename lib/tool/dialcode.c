/* dialcode.c - the codes of a record: where they are wanted, taken out, used once each. */
#include "tool/dialcode.h"

#include <stdio.h>

bool dialcode_wanted(struct record *r)
{
	struct view args = record_get(r, "profile_args"), word;
	while (args.n && view_split(&args, ' ', &word))
		if (view_is(word, "auth=code"))
			return true;
	return false;
}

static void key_of(unsigned n, char key[16])
{
	snprintf(key, 16, n ? "code%u" : "code", n + 1);
}

void dialcode_wipe(struct record *r)
{
	char key[16];
	for (unsigned i = 0; i < 9; i++) {
		key_of(i, key);
		record_wipe(r, key);
	}
	record_drop(r, "code_until");
}

void dialcodes_take(struct dialcodes *d, struct record *r)
{
	char key[16];
	bool ok = true;
	d->n = d->at = 0;
	for (unsigned i = 0; ok && i < DIALCODES_MAX; i++) {
		key_of(i, key);
		struct view v = record_get(r, key);
		if (!v.n)
			break;
		ok = secret_set(&d->code[d->n++], v);
	}
	dialcode_wipe(r);
}

const struct secret *dialcodes_next(struct dialcodes *d)
{
	if (d->at)
		secret_clear(&d->code[d->at - 1]);
	return d->at < d->n && d->code[d->at].n ? &d->code[d->at++] : NULL;
}

void dialcodes_clear(struct dialcodes *d)
{
	explicit_bzero(d, sizeof *d);
}
