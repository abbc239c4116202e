/* window.h - days of the week and hours in which something is allowed, by the clock
 * on the wall of a place: window= and zone= of a grant, sp-db(1). */
#ifndef SP_ENGINE_WINDOW_H
#define SP_ENGINE_WINDOW_H

#include "base/view.h"

#include <stdint.h>
#include <time.h>

#define WINDOW_PARTS 8

struct window {
	unsigned n; /* 0: always */
	struct window_part {
		uint8_t days;      /* bit 0: Monday, on which it opens */
		uint16_t from, to; /* minutes after midnight, from < to; behind 1440: on the next day */
	} part[WINDOW_PARTS];
};

/* "mon-fri 08:00-18:00; sat,sun 22:00-06:00": parts of days, hours or both. Hours that
 * end before they begin end on the next day; the empty text is always. false with a
 * constant reason. */
bool window_parse(struct view text, struct window *w, const char **why);

/* Is it open at t? A zone that this machine does not know is never open. */
bool window_open(const struct window *w, const char *zone, time_t t);

/* When it is open no more: t itself where it is closed; WINDOW_ALWAYS: it does not close.
 * Where clocks are put forward or back, it goes by what they show. */
#define WINDOW_ALWAYS ((time_t)INT64_MAX)
time_t window_until(const struct window *w, const char *zone, time_t t);

#endif
