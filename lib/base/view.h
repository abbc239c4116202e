/* view.h - borrowed bytes: a pointer and a length, owned by somebody else.
 * Not NUL-terminated. Valid as long as what it points into. */
#ifndef SP_BASE_VIEW_H
#define SP_BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct view {
	const char *p;
	size_t n;
};

static inline struct view view_of(const char *s)
{
	return (struct view){ s, strlen(s) };
}

static inline bool view_eq(struct view a, struct view b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool view_is(struct view a, const char *s)
{
	return view_eq(a, view_of(s));
}

static inline bool view_starts(struct view a, const char *prefix)
{
	size_t n = strlen(prefix);
	return a.n >= n && memcmp(a.p, prefix, n) == 0;
}

/* Copies into a C string of size `size`. Returns false, and an empty string,
 * when it does not fit or contains NUL. */
bool view_str(struct view v, char *out, size_t size);

/* Takes the part of *rest before the first `c` (or all of it); *rest is left
 * behind that byte. Returns false when *rest was exhausted (p == NULL). */
bool view_split(struct view *rest, char c, struct view *part);

/* Control characters, also the C1 ones (as bytes or in UTF-8), become '?': what
 * somebody else wrote may not move the cursor or rename the window. TAB stays. */
void text_tame(char *p, size_t n);

/* Is `one` in the list a,b,c? The empty text is in no list. */
bool view_listed(struct view list, struct view one);

#endif
