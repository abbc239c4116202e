/* ppp_method.c - what an operator chooses of links, by name: methods of authentication,
 * the strongest first, and compression. */
#include "engine/ppp.h"

static const struct { unsigned bits; const char *name; } methods[] = {
	{ PPP_MSCHAP, "mschapv2" }, { PPP_CHAP, "chap" }, { PPP_PAP, "pap" },
	{ PPP_CHAP | PPP_PAP, "both" }, { PPP_MSCHAP | PPP_CHAP | PPP_PAP, "any" },
};

const char *ppp_method_name(unsigned method)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (methods[i].bits == method)
			return methods[i].name;
	return "?";
}

unsigned ppp_methods(const char *text)
{
	struct view rest = view_of(text), word;
	unsigned all = 0;
	while (view_split(&rest, ',', &word)) {
		size_t i = 0;
		while (i < sizeof methods / sizeof *methods && !view_is(word, methods[i].name))
			i++;
		if (i == sizeof methods / sizeof *methods)
			return 0;
		all |= methods[i].bits;
	}
	return all;
}

bool ppp_deflate(const char *word, enum ppp_deflate *d)
{
	static const char *const name[] = { "auto", "yes", "no" };
	for (unsigned i = 0; i < 3; i++)
		if (strcmp(word, name[i]) == 0) {
			*d = (enum ppp_deflate)i;
			return true;
		}
	return false;
}
