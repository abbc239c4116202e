/* window.c - any text as a window: what is open closes later, what is closed does so now, and
 * until then it stays open. */
#include "engine/window.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

static void need(bool ok)
{
	if (!ok)
		abort();
}

void fuzz_one(const uint8_t *data, size_t n)
{
	static const char *const zones[] = { "", "Europe/Berlin", "America/St_Johns" };
	struct window w;
	const char *why = NULL;
	if (!window_parse((struct view){ (const char *)data, n }, &w, &why)) {
		need(why != NULL);
		return;
	}
	need(w.n <= WINDOW_PARTS);
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		time_t t = 1792886400 + (time_t)(n * 7919 + (n ? data[n - 1] : 0) * 3607u) % 700000; /* around a change of clocks */
		time_t until = window_until(&w, zones[i], t);
		bool open = window_open(&w, zones[i], t);
		need(open == (until > t));
		need(until == WINDOW_ALWAYS || !window_open(&w, zones[i], until));
		if (open && until != WINDOW_ALWAYS)
			need(window_open(&w, zones[i], until - 1) && window_open(&w, zones[i], t + (until - t) / 2));
	}
}
