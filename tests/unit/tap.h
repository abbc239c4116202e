/* tap.h - the smallest test harness: TAP lines on standard output.
 * A unit test is a main() that calls check() and ends with `return tap_done();`. */
#ifndef SP_TESTS_TAP_H
#define SP_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool check(bool ok, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	printf("%sok %d - ", ok ? "" : "not ", ++tap_count);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	fflush(stdout);
	tap_failed += !ok;
	return ok;
}

/* Two strings are the same? Shows both when not. NULL is the string "(null)". */
__attribute__((unused)) static bool check_str(const char *got, const char *want, const char *what)
{
	bool ok = strcmp(got ? got : "(null)", want ? want : "(null)") == 0;
	check(ok, "%s", what);
	if (!ok)
		printf("# got  %s\n# want %s\n", got ? got : "(null)", want ? want : "(null)");
	return ok;
}

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
