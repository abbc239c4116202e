/* dialstring.c - any text as a dial string: what comes out as a number has nothing in it that a modem
 * would take for more, and is the same when it is taken once more. */
#include "engine/bank.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

static void line_of(const char *text)
{
	struct bank b = { 0 };
	const char *why;
	char groups[64];
	if (bank_add(&b, text, &why)) {
		bank_hunt(&b, text, &why);
		bank_groups(&b, b.line[0], groups, sizeof groups);
		if (strlen(b.line[0]->shown) > strlen(b.line[0]->address) || !b.line[0]->kind)
			abort();
	}
	bank_clear(&b);
}

void fuzz_one(const uint8_t *data, size_t n)
{
	char text[700];
	struct dialstring d, again;
	const char *why = NULL;
	if (n >= sizeof text)
		n = sizeof text - 1;
	memcpy(text, data, n);
	text[n] = '\0';
	line_of(text);
	if (!dialstring_parse(text, &d, &why)) {
		if (!why)
			abort();
		return;
	}
	if (strspn(d.number, "0123456789*#ABCD,W+") != strlen(d.number))
		abort();
	if (*d.number && (!dialstring_parse(d.number, &again, &why) || strcmp(d.number, again.number) != 0))
		abort();
}
