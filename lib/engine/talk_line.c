/* talk_line.c - bytes into lines.
 * Devices draw an echo that is longer than the line anew: with CR LF at the margin,
 * with a blank and CR, or by going back and writing "$" and the end of it. */
#include "engine/talk_line.h"

void talk_line_init(struct talk_line *l)
{
	*l = (struct talk_line){ .esc = ESC_NONE };
	buf_init(&l->text, TALK_LINE);
	buf_init(&l->told, 2 * TALK_LINE);
}

void talk_line_clear(struct talk_line *l)
{
	struct buf *wiped[] = { &l->text, &l->told };
	for (unsigned i = 0; i < 2; i++) {
		if (wiped[i]->data)
			explicit_bzero(wiped[i]->data, wiped[i]->cap);
		buf_clear(wiped[i]);
	}
}

void talk_line_told(struct talk_line *l, struct view text)
{
	text.n -= text.n && text.p[text.n - 1] == '\n';
	l->told.len = l->echoed = 0;
	l->begun = false;
	l->waits = text.n && buf_addv(&l->told, text) == 0;
	l->from = l->text.len;
}

static struct view rest(const struct talk_line *l)
{
	return (struct view){ l->told.data + l->echoed, l->told.len - l->echoed };
}

static bool begins(struct view v, struct view with)
{
	return with.n && with.n <= v.n && memcmp(v.p, with.p, with.n) == 0;
}

static bool ends(struct view v, struct view with)
{
	return with.n && with.n <= v.n && memcmp(v.p + v.n - with.n, with.p, with.n) == 0;
}

bool talk_line_echoing(const struct talk_line *l)
{
	return l->waits && (l->from || l->begun) && begins(rest(l), talk_line_part(l));
}

/* Before it is drawn anew: did it begin as an echo does? */
static void redrawn(struct talk_line *l)
{
	struct view v = talk_line_part(l);
	v.n -= v.n > 1 && v.p[v.n - 1] == ' ';
	if (l->waits && l->from && begins(rest(l), v))
		l->begun = true;
}

static void back(struct talk_line *l, unsigned n)
{
	redrawn(l);
	for (; n && l->text.len > l->from; n--)
		l->text.len--;
}

/* True: the byte belonged to an escape sequence. */
static bool escape(struct talk_line *l, char c)
{
	if (c == '\n' || c == '\x1b' || l->esc == ESC_NONE) {
		l->esc = c == '\x1b' ? ESC_BEGUN : ESC_NONE;
		return c == '\x1b';
	}
	if (l->esc == ESC_BEGUN) {
		l->count = 0;
		if (c < ' ' || c > '/')
			l->esc = c == '[' ? ESC_CSI : c == ']' ? ESC_OSC : ESC_NONE;
	} else if (l->esc == ESC_OSC) {
		l->esc = c == '\a' ? ESC_NONE : ESC_OSC;
	} else if (c >= '0' && c <= '9') {
		l->count = l->count < TALK_LINE ? l->count * 10 + (unsigned)(c - '0') : TALK_LINE;
	} else if (c >= '@' && c <= '~') {
		l->esc = ESC_NONE;
		if (c == 'D')
			back(l, l->count ? l->count : 1);
	}
	return true;
}

bool talk_line_byte(struct talk_line *l, char c)
{
	if (escape(l, c))
		return false;
	if (l->cr && c != '\n' && c != '\r' && c != '\0') {
		redrawn(l);
		l->text.len = l->from = 0;
	}
	if (c != '\0')
		l->cr = c == '\r';
	if (c == '\b')
		back(l, 1);
	else if ((unsigned char)c >= ' ' && c != '\x7f' && buf_addc(&l->text, c) != 0)
		l->too_long = true;
	return c == '\n';
}

void talk_line_next(struct talk_line *l)
{
	l->text.len = l->from = 0;
	l->cr = l->too_long = false;
}

bool talk_line_is_echo(struct talk_line *l)
{
	struct view v = talk_line_part(l), cut = v;
	if (!l->waits || !(l->from || l->begun) || (v.n == 0 && l->begun))
		return l->waits = l->waits && l->begun, false;
	if (v.n > 1 && v.p[v.n - 1] == ' ' && !begins(rest(l), v))
		v.n--; /* at the margin */
	if (begins(rest(l), v)) {
		l->begun = true;
		l->echoed += v.n;
		l->waits = l->echoed < l->told.len;
		return true;
	}
	l->waits = false;
	for (size_t i = 0; i < v.n && cut.n == v.n; i++)
		if (v.p[i] == '$' || v.p[i] == '<')
			cut = (struct view){ v.p + i + 1, v.n - i - 1 };
	return l->begun && (ends(buf_view(&l->told), cut) || ends(v, buf_view(&l->told)));
}
