/* edit.c - a line typed at a terminal.
 * Control bytes that are no editing keys are swallowed, so that a line never
 * holds any; escape sequences of cursor keys lose their ESC and stay text. */
#include "wire/edit.h"

void edit_reset(struct edit *e)
{
	explicit_bzero(e->line, sizeof e->line);
	e->n = 0;
	e->too_long = false;
}

/* How many bytes of the line may be seen. */
static size_t visible(const struct edit *e)
{
	if (e->hidden)
		return 0;
	size_t blanks = strspn(e->line, " ");
	for (const char *const *hide = e->hide; hide && *hide; hide++) {
		size_t n = strlen(*hide);
		if (e->n > blanks + n && memcmp(e->line + blanks, *hide, n) == 0)
			return blanks + n;
	}
	return e->n;
}

static void show(struct buf *echo, const char *p, size_t n)
{
	if (echo && n && buf_add(echo, p, n) != 0)
		return; /* a terminal that does not read loses echo, nothing else */
}

static bool continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void rub_out(struct edit *e, struct buf *echo)
{
	if (e->n == 0)
		return;
	size_t seen = visible(e);
	do
		e->n--;
	while (e->n > 0 && continuation(e->line[e->n]));
	e->line[e->n] = '\0';
	if (visible(e) < seen)
		show(echo, "\b \b", 3);
}

static void rub_word(struct edit *e, struct buf *echo)
{
	while (e->n && e->line[e->n - 1] == ' ')
		rub_out(e, echo);
	while (e->n && e->line[e->n - 1] != ' ')
		rub_out(e, echo);
}

static void add(struct edit *e, char c, struct buf *echo)
{
	if (e->n == EDIT_MAX) {
		e->too_long = true;
		show(echo, "\a", 1);
		return;
	}
	size_t seen = visible(e);
	e->line[e->n++] = c;
	e->line[e->n] = '\0';
	if (visible(e) > seen)
		show(echo, &c, 1);
}

enum edit_event edit_key(struct edit *e, char c, struct buf *echo)
{
	switch (c) {
	case '\r':
	case '\n':
		show(echo, "\r\n", 2);
		return e->too_long ? EDIT_LONG : EDIT_LINE;
	case '\x03':
		show(echo, "^C\r\n", 4);
		edit_reset(e);
		return EDIT_BREAK;
	case '\x04': return e->n ? EDIT_MORE : EDIT_END;
	case '\b':
	case '\x7f': rub_out(e, echo); return EDIT_MORE;
	case '\x15':
		while (e->n)
			rub_out(e, echo);
		return EDIT_MORE;
	case '\x17': rub_word(e, echo); return EDIT_MORE;
	default:
		if ((unsigned char)c >= ' ')
			add(e, c, echo);
		return EDIT_MORE;
	}
}

void edit_redraw(const struct edit *e, struct buf *echo)
{
	show(echo, e->line, visible(e));
}
