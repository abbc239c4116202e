/* store_window.c - windows in SQL, so that a grant is looked at where it is found.
 * What is no window, or in a zone that this machine does not know, is closed. */
#include "engine/store_impl.h"

#include "base/num.h"
#include "engine/window.h"

static struct view text_of(sqlite3_value *v)
{
	const unsigned char *t = sqlite3_value_text(v);
	return view_of(t ? (const char *)t : "");
}

static void open_at(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct window w;
	const char *why;
	time_t now;
	(void)n;
	bool open = window_parse(text_of(v[0]), &w, &why) && time_parse(text_of(v[2]), &now) &&
	            window_open(&w, text_of(v[1]).p, now);
	sqlite3_result_int(c, open);
}

int window_function(sqlite3 *db)
{
	return sqlite3_create_function_v2(db, "window_open", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
	                                  open_at, NULL, NULL, NULL);
}
