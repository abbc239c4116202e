/* window.c - unit tests of lib/engine/window.h: days and hours, over midnight, in
 * zones, and where clocks change. Needs the zones of tzdata. */
#include "base/num.h"
#include "engine/window.h"
#include "sys/zone.h"
#include "unit/tap.h"

#include <stdlib.h>

static time_t at(const char *text)
{
	time_t t = 0;
	if (!time_parse(view_of(text), &t))
		check(false, "no time: %s", text);
	return t;
}

/* Is it open then, and when does it close? "" closed; "always". */
static void is(const char *window, const char *zone, const char *when, const char *until)
{
	struct window w;
	const char *why = "";
	char got[TIME_TEXT] = "";
	if (!window_parse(view_of(window), &w, &why))
		check_str(why, "", window);
	time_t end = window_until(&w, zone, at(when));
	bool open = window_open(&w, zone, at(when));
	if (end == WINDOW_ALWAYS)
		strcpy(got, "always");
	else if (end != at(when))
		time_text(end, got);
	check(open == (*got != '\0') && strcmp(got, until) == 0, "%s in %s at %s: until %s", window, zone, when, got);
}

/* 2026-11-23 is a Monday. */
static void weeks(void)
{
	is("", "", "2026-11-23T08:00:00Z", "always");
	is("mon-fri 08:00-18:00", "", "2026-11-23T07:59:59Z", "");
	is("mon-fri 08:00-18:00", "", "2026-11-23T08:00:00Z", "2026-11-23T18:00:00Z");
	is("mon-fri 08:00-18:00", "", "2026-11-27T17:59:59Z", "2026-11-27T18:00:00Z");
	is("mon-fri 08:00-18:00", "", "2026-11-27T18:00:00Z", "");
	is("mon-fri 08:00-18:00", "", "2026-11-28T12:00:00Z", "");
	is("mon-fri", "", "2026-11-23T12:00:00Z", "2026-11-28T00:00:00Z");
	is("sat-mon", "", "2026-11-23T12:00:00Z", "2026-11-24T00:00:00Z");
	is("sat-mon", "", "2026-11-24T12:00:00Z", "");
	is("mon,wed 10:00-11:00", "", "2026-11-25T10:30:00Z", "2026-11-25T11:00:00Z");
	is("12:00-13:00", "", "2026-11-29T12:30:30Z", "2026-11-29T13:00:00Z");
	is("mon-sun", "", "2026-11-29T12:00:00Z", "always");
	is("mon-fri 08:00-12:00; mon-fri 12:00-18:00;sat", "", "2026-11-23T09:00:00Z", "2026-11-23T18:00:00Z");
	is("mon 08:00-24:00; tue 00:00-06:00", "", "2026-11-23T09:00:00Z", "2026-11-24T06:00:00Z");
	is("thu", "", "1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z");
}

static void midnight(void)
{
	is("fri 22:00-06:00", "", "2026-11-27T21:59:00Z", "");
	is("fri 22:00-06:00", "", "2026-11-27T23:00:00Z", "2026-11-28T06:00:00Z");
	is("fri 22:00-06:00", "", "2026-11-28T05:59:59Z", "2026-11-28T06:00:00Z");
	is("fri 22:00-06:00", "", "2026-11-27T05:00:00Z", "");
	is("sun 22:00-06:00", "", "2026-11-23T05:00:00Z", "2026-11-23T06:00:00Z");
	is("22:00-06:00", "", "2026-11-25T02:00:00Z", "2026-11-25T06:00:00Z");
}

static void zones(void)
{
	is("mon-fri 08:00-18:00", "Europe/Berlin", "2026-11-23T07:00:00Z", "2026-11-23T17:00:00Z");
	is("mon-fri 08:00-18:00", "America/New_York", "2026-11-23T12:59:00Z", "");
	is("mon-fri 08:00-18:00", "Asia/Kolkata", "2026-11-23T02:30:00Z", "2026-11-23T12:30:00Z");
	is("mon", "Pacific/Kiritimati", "2026-11-22T11:00:00Z", "2026-11-23T10:00:00Z");
	is("mon-fri 08:00-18:00", "Europe/Berlin", "2050-07-04T06:00:00Z", "2050-07-04T16:00:00Z");
	is("mon-sun", "Atlantis/Capital", "2026-11-23T08:00:00Z", "");
}

/* Berlin: forward on 2026-03-29 from 02:00 to 03:00, back on 2026-10-25 from 03:00 to 02:00. */
static void changes(void)
{
	is("sun 01:00-06:00", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T04:00:00Z");
	is("sun 01:00-02:30", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z");
	is("sun 02:15-02:45", "Europe/Berlin", "2026-03-29T01:20:00Z", "");
	is("sun 01:00-06:00", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T05:00:00Z");
	is("sun 02:00-02:30", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z");
	is("sun 02:00-02:30", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z");
	is("sun 02:30-03:00", "Europe/Berlin", "2026-10-25T00:45:00Z", "2026-10-25T01:00:00Z");
	is("mon-sun", "Europe/Berlin", "2026-10-24T00:30:00Z", "always");
}

static void refused(const char *text, const char *want)
{
	struct window w;
	const char *why = NULL;
	bool ok = window_parse(view_of(text), &w, &why);
	check(!ok && why && strstr(why, want), "%s", text);
}

static void refusals(void)
{
	refused("monday", "days must be");
	refused("mon-", "days must be");
	refused("mon,,tue", "days must be");
	refused("mon 8:00-18:00", "hours must be");
	refused("mon 08:00", "hours must be");
	refused("08:00-08:00", "hours must be");
	refused("24:00-06:00", "hours must be");
	refused("08:00-24:01", "hours must be");
	refused("08:60-18:00", "hours must be");
	refused("mon 08:00-09:00 10:00-11:00", "semicolons");
	refused("mon;", "needs days or hours");
	refused(" ", "needs days or hours");
	refused("mon;mon;mon;mon;mon;mon;mon;mon;mon", "more than 8");
}

static void names(void)
{
	static const char *const none[] = { "Europe", "Europe/", "../../../etc/passwd", "/etc/localtime", "", "Europe/Berlin ", "tzdata.zi" };
	long s = 1;
	check(zone_offset("", 0, &s) && s == 0 && zone_offset("UTC", 0, &s), "no zone is UTC");
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		check(!zone_offset(none[i], 1800000000, &s) || !*none[i], "no zone: %s", none[i]);
	setenv("TZ", "Asia/Tokyo", 1);
	check(zone_offset("Europe/Paris", 1800000000, &s) && s == 3600 && strcmp(getenv("TZ"), "Asia/Tokyo") == 0,
	      "TZ is as it was");
}

int main(void)
{
	weeks();
	midnight();
	zones();
	changes();
	refusals();
	names();
	return tap_done();
}
