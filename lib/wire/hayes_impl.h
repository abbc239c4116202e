/* hayes_impl.h - between hayes.c (states, data, results) and hayes_at.c (the
 * command line). */
#ifndef SP_WIRE_HAYES_IMPL_H
#define SP_WIRE_HAYES_IMPL_H

#include "base/cursor.h"
#include "wire/hayes.h"

#define ABORT_AFTER_MS 125 /* V.250 5.6.1: no key aborts before, be it a LF behind the CR */

/* Runs h->cmd[0..n), what stood behind AT, and says the result. */
void hayes_run(struct hayes *h, int64_t now);
void hayes_defaults(struct hayes_set *s);

void hayes_say(struct hayes *h, enum hayes_result r);
/* A line of information, as it is framed by V. */
void hayes_info(struct hayes *h, const char *text);
void hayes_say_connect(struct hayes *h);
void hayes_post(struct hayes *h, enum hayes_event e);
/* On-hook, command state. */
void hayes_down(struct hayes *h);

/* A command line that is being run, and how one of its commands went. */
enum went { NEXT, BAD, OVER, SILENT /* the result comes later, or was said */ };

struct line {
	struct hayes *h;
	struct cur c;
	int64_t now;
};
char hayes_peek(const struct line *l); /* NUL: the end */
char hayes_next(struct line *l);       /* taken, in upper case */
bool hayes_is_digit(char c);
/* Digits, 0 where there are none. More than fits is 999. */
unsigned hayes_number(struct line *l);

/* hayes_dial.c */
enum went hayes_sreg(struct line *l, char c);
enum went hayes_dial(struct line *l);
enum went hayes_book(struct line *l, unsigned slot);
enum went hayes_ext(struct line *l);
void hayes_ext_defaults(struct hayes_set *s);

#endif
