/* edit.h - a line typed at a terminal: keys in, a line and its echo out.
 * Backspace and DEL take back one character (UTF-8), ^U the line, ^W a word.
 * What stands behind a hidden word ("secret ") is never echoed. */
#ifndef SP_WIRE_EDIT_H
#define SP_WIRE_EDIT_H

#include "base/buf.h"

#define EDIT_MAX 1024

enum edit_event {
	EDIT_MORE,  /* nothing yet */
	EDIT_LINE,  /* line[0..n) is complete, NUL-terminated; call edit_reset when done */
	EDIT_LONG,  /* Enter after more than EDIT_MAX bytes: the line is lost, reset */
	EDIT_BREAK, /* ^C: the line is dropped */
	EDIT_END    /* ^D at the beginning of a line */
};

struct edit {
	char line[EDIT_MAX + 1];
	size_t n;
	bool hidden;        /* nothing is echoed (a password) */
	const char *const *hide; /* a line that begins with one of these, behind any blanks, is not
	                          * echoed from there on; up to a NULL; or NULL */
	bool too_long;
};

void edit_reset(struct edit *e); /* wipes the line */
/* One byte. What the terminal is to show is appended to echo (NULL: no echo).
 * An echo that does not fit is dropped. */
enum edit_event edit_key(struct edit *e, char c, struct buf *echo);
/* Shows again what was typed so far (after something else was printed). */
void edit_redraw(const struct edit *e, struct buf *echo);

#endif
