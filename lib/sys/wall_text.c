/* wall_text.c - commands to nftables, as they are put together. */
#include "sys/wall_impl.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_MAX (16 << 20) /* as many answers as there can be, to be deleted */

void wall_begin(struct wall_text *t)
{
	buf_init(&t->b, TEXT_MAX);
	t->bad = false;
}

void wall_put(struct wall_text *t, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	t->bad = t->bad || n < 0 || (size_t)n >= sizeof line || buf_add(&t->b, line, (size_t)n) != 0;
}

void wall_end(struct wall_text *t)
{
	buf_clear(&t->b);
}

void wall_elements(struct wall_elements *e, unsigned seconds)
{
	e->seconds = seconds;
	e->n = 0;
	wall_begin(&e->timed);
	wall_begin(&e->bare);
}

void wall_element(struct wall_elements *e, const char *fmt, ...)
{
	char text[128];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	const char *comma = e->n++ ? ", " : "";
	wall_put(&e->timed, "%s%s timeout %us", comma, text, e->seconds);
	wall_put(&e->bare, "%s%s", comma, text);
}

/* To add what is there does not put its end off before Linux 6.12, and to delete what is not there
 * fails all: so they are added, deleted and, to open, added. */
void wall_elements_put(struct wall_elements *e, struct wall_text *t, const char *set, enum wall_deed deed)
{
	const struct { const char *verb; const struct wall_text *list; } step[] = {
		{ "add", &e->timed }, { "delete", &e->bare }, { "add", &e->timed },
	};
	t->bad = t->bad || e->timed.bad || e->bare.bad;
	for (unsigned i = 0; e->n && i < (deed == WALL_OPEN ? 3 : 2); i++) {
		wall_put(t, "%s element " WALL " %s { ", step[i].verb, set);
		t->bad = t->bad || buf_addv(&t->b, buf_view(&step[i].list->b)) != 0;
		wall_put(t, " }\n");
	}
	wall_end(&e->timed);
	wall_end(&e->bare);
}
