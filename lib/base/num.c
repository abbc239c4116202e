/* num.c - strict decimal numbers, RFC 3339 times, the monotonic clock. */
#include "base/num.h"

#include <stdio.h>

bool num_u64(struct view v, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;
	if (v.n == 0 || v.n > 20)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
		uint64_t d = (uint64_t)(v.p[i] - '0');
		if (n > (UINT64_MAX - d) / 10)
			return false;
		n = n * 10 + d;
	}
	if (n < min || n > max)
		return false;
	*out = n;
	return true;
}

bool num_ms(struct view v, int64_t *out)
{
	const char *dot = v.n ? memchr(v.p, '.', v.n) : NULL;
	struct view whole = { v.p, dot ? (size_t)(dot - v.p) : v.n };
	uint64_t s, f = 0;
	if (!num_u64(whole, 0, 1000000000, &s))
		return false;
	if (dot) {
		struct view frac = { dot + 1, v.n - whole.n - 1 };
		if (frac.n > 3 || !num_u64(frac, 0, 999, &f))
			return false;
		for (size_t i = frac.n; i < 3; i++)
			f *= 10;
	}
	*out = (int64_t)(s * 1000 + f);
	return true;
}

void time_text(time_t t, char out[TIME_TEXT])
{
	struct tm tm;
	if (!gmtime_r(&t, &tm) || strftime(out, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

bool time_parse(struct view v, time_t *out)
{
	char text[TIME_TEXT], again[TIME_TEXT];
	struct tm tm = { 0 };
	if (v.n != sizeof text - 1 || !view_str(v, text, sizeof text)) /* times are compared as texts, too */
		return false;
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		return false;
	*out = timegm(&tm);
	time_text(*out, again);
	return strcmp(text, again) == 0;
}

int64_t clock_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_deadline(int64_t ms)
{
	return ms < 0 ? CLOCK_NEVER : clock_ms() + ms;
}
