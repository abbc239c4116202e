/* window.c - windows, counted in minutes of the week. An hour that clocks skip in
 * spring never comes, one that they show twice in autumn is open twice. Refuses
 * hours without an end and days that are none. */
#include "engine/window.h"

#include "base/num.h"
#include "sys/zone.h"

#define DAY 1440
#define WEEK (7 * DAY)

/* Of Monday as 0; WEEK is no day. */
static unsigned day_of(struct view v)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	for (unsigned i = 0; i < 7; i++)
		if (view_is(v, days[i]))
			return i;
	return WEEK;
}

/* "mon-fri,sun" */
static bool days_parse(struct view v, uint8_t *days)
{
	struct view range, first;
	*days = 0;
	while (view_split(&v, ',', &range)) {
		view_split(&range, '-', &first);
		unsigned from = day_of(first), to = range.p ? day_of(range) : from;
		if (from == WEEK || to == WEEK)
			return false;
		for (unsigned d = from;; d = (d + 1) % 7) {
			*days |= (uint8_t)(1u << d);
			if (d == to)
				break;
		}
	}
	return *days != 0;
}

/* "08:00", up to 24:00 */
static bool clock_parse(struct view v, uint16_t *minutes)
{
	struct view hours;
	uint64_t h, m;
	view_split(&v, ':', &hours);
	if (hours.n != 2 || v.n != 2 || !num_u64(hours, 0, 24, &h) || !num_u64(v, 0, 59, &m) || (h == 24 && m > 0))
		return false;
	*minutes = (uint16_t)(h * 60 + m);
	return true;
}

/* "08:00-18:00" */
static bool hours_parse(struct view v, struct window_part *p)
{
	struct view from;
	view_split(&v, '-', &from);
	if (!v.p || !clock_parse(from, &p->from) || !clock_parse(v, &p->to) || p->from == p->to || p->from == DAY)
		return false;
	if (p->to < p->from)
		p->to += DAY;
	return true;
}

/* The next word between blanks; false: there is none. */
static bool word_next(struct view *rest, struct view *word)
{
	while (view_split(rest, ' ', word))
		if (word->n)
			return true;
	return false;
}

static const char *part_parse(struct view v, struct window_part *p)
{
	struct view word;
	*p = (struct window_part){ 0x7f, 0, DAY };
	if (!word_next(&v, &word))
		return "a part of a window needs days or hours";
	bool days = !memchr(word.p, ':', word.n);
	if (days && !days_parse(word, &p->days))
		return "days must be like mon-fri or sat,sun";
	if (days && !word_next(&v, &word))
		return NULL;
	if (!hours_parse(word, p))
		return "hours must be like 08:00-18:00";
	return word_next(&v, &word) ? "the parts of a window are separated by semicolons" : NULL;
}

bool window_parse(struct view text, struct window *w, const char **why)
{
	struct view part;
	*w = (struct window){ 0 };
	*why = NULL;
	if (text.n == 0)
		return true;
	while (!*why && view_split(&text, ';', &part))
		*why = w->n == WINDOW_PARTS ? "more than 8 parts of a window" : part_parse(part, &w->part[w->n++]);
	return !*why;
}

/* For how many minutes it goes on being open; 0: it is closed. */
static unsigned left_at(const struct window *w, unsigned minute)
{
	unsigned left = w->n ? 0 : WEEK;
	for (unsigned i = 0; i < w->n; i++)
		for (unsigned d = 0; d < 7; d++) {
			const struct window_part *p = &w->part[i];
			unsigned since = (minute + 2 * WEEK - d * DAY - p->from) % WEEK, length = (unsigned)(p->to - p->from);
			if ((p->days & (1u << d)) && since < length && length - since > left)
				left = length - since;
		}
	return left;
}

/* 1970 began on a Thursday. */
static unsigned minute_of_week(time_t wall)
{
	time_t m = (wall / 60 + 3 * DAY) % WEEK;
	return (unsigned)(m < 0 ? m + WEEK : m);
}

bool window_open(const struct window *w, const char *zone, time_t t)
{
	long offset;
	return zone_offset(zone, t, &offset) && left_at(w, minute_of_week(t + offset)) > 0;
}

/* The first moment with another offset than at `from`; at `to` it is another. */
static time_t clocks_change(const char *zone, time_t from, time_t to)
{
	long offset, middle;
	zone_offset(zone, from, &offset);
	while (to - from > 1) {
		time_t t = from + (to - from) / 2;
		zone_offset(zone, t, &middle);
		if (middle == offset)
			from = t;
		else
			to = t;
	}
	return to;
}

time_t window_until(const struct window *w, const char *zone, time_t t)
{
	time_t at = t;
	long offset, then;
	while (at - t <= (WEEK + DAY) * 60) {
		if (!zone_offset(zone, at, &offset))
			return at;
		unsigned left = left_at(w, minute_of_week(at + offset));
		if (left == 0)
			return at;
		time_t next = at + (time_t)left * 60 - (at + offset) % 60;
		zone_offset(zone, next, &then);
		at = then == offset ? next : clocks_change(zone, at, next);
	}
	return WINDOW_ALWAYS;
}
