/* view.c - copying and splitting borrowed bytes. */
#include "base/view.h"

bool view_str(struct view v, char *out, size_t size)
{
	if (size == 0)
		return false;
	out[0] = '\0';
	if (v.n >= size || (v.n && memchr(v.p, '\0', v.n)))
		return false;
	if (v.n)
		memcpy(out, v.p, v.n);
	out[v.n] = '\0';
	return true;
}

bool view_split(struct view *rest, char c, struct view *part)
{
	if (!rest->p)
		return false;
	const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
	if (!at) {
		*part = *rest;
		*rest = (struct view){ NULL, 0 };
		return true;
	}
	size_t n = (size_t)(at - rest->p);
	*part = (struct view){ rest->p, n };
	*rest = (struct view){ at + 1, rest->n - n - 1 };
	return true;
}

bool view_listed(struct view list, struct view one)
{
	struct view part;
	while (view_split(&list, ',', &part))
		if (part.n && view_eq(part, one))
			return true;
	return false;
}
