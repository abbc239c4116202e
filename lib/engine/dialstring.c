/* dialstring.c - telephone numbers in dial strings. Refuses ';' and everything
 * else that a modem would take for more than a number. */
#include "engine/dialstring.h"

#include "base/num.h"

#include <fnmatch.h>
#include <string.h>

#define SPEED_MIN 300
#define SPEED_MAX 1000000000

bool dialstring_name(struct view name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'))
			return false;
	}
	return name.n > 0 && name.n < DIALSTRING_NAME;
}

static bool number(struct view v, struct dialstring *d, const char **why)
{
	size_t n = 0;
	bool digit = false;
	*why = "a telephone number has digits * # A to D , W + only, and blanks - ( ) for people";
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];
		if (c && strchr(" -()", c)) /* for people */
			continue;
		if (!c || !strchr("0123456789*#ABCD,W+", c))
			return false;
		digit |= c >= '0' && c <= '9';
		if (n + 1 >= sizeof d->number) {
			*why = "the telephone number is too long";
			return false;
		}
		d->number[n++] = c;
	}
	d->number[n] = '\0';
	*why = "a telephone number has a digit";
	return digit;
}

static bool option(struct view item, struct dialstring *d, const char **why)
{
	struct view name;
	view_split(&item, '=', &name);
	*why = "behind a telephone number stands group=, line= or speed=";
	if (view_is(name, "speed")) {
		*why = "speed= is no number of bit/s";
		return num_u64(item, SPEED_MIN, SPEED_MAX, &d->speed);
	}
	char *to = view_is(name, "group") ? d->group : view_is(name, "line") ? d->line : NULL;
	if (!to)
		return false;
	*why = "group= and line= are names";
	return dialstring_name(item) && view_str(item, to, DIALSTRING_NAME);
}

bool dialstring_parse(const char *text, struct dialstring *d, const char **why)
{
	struct view rest = view_of(text), head, item;
	*d = (struct dialstring){ 0 };
	view_split(&rest, '?', &head);
	if (memchr(text, ':', head.n))
		return true;
	if (!number(head, d, why))
		return false;
	while (rest.n && view_split(&rest, '&', &item))
		if (!option(item, d, why))
			return false;
	return true;
}

bool dialstring_permit(const char *const *pattern, unsigned n, const char *text)
{
	for (unsigned i = 0; i < n; i++)
		if (fnmatch(pattern[i], text, 0) == 0)
			return true;
	return false;
}
