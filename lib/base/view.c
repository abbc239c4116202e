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

/* How many bytes of UTF-8 begin here; 0: none. Overlong forms do not matter. */
static size_t utf8_size(const unsigned char *p, size_t n)
{
	size_t size = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;
	for (size_t i = 1; i < size; i++)
		if (i >= n || (p[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

void text_tame(char *p, size_t n)
{
	unsigned char *u = (unsigned char *)p;
	for (size_t i = 0, size; i < n; i += size ? size : 1) {
		size = u[i] < 0x80 ? 1 : utf8_size(u + i, n - i);
		bool c0 = (u[i] < ' ' && u[i] != '\t') || u[i] == 0x7f;
		bool c1 = size == 2 && u[i] <= 0xc2 && u[i + 1] < 0xa0;
		if (c0 || c1 || (size == 0 && u[i] < 0xa0))
			u[i] = '?';
		if (c1)
			u[i + 1] = '?';
	}
}
