/* hayes.c - the fixtures of tests/data/hayes, each whole and one byte at a time:
 *   > BYTES    come from the computer        < BYTES   is what it was told since
 *   = BYTES    went out on the line          ! EVENT [NUMBER[,pause][W][@]]
 *   @ MS       so much time passes           ring | deaf | ring-end | connect SPEED |
 *   fail N | lost | dtr | held               state NAME | most SPEED | hears N yes|no
 * BYTES have C's escapes; N is a number of enum hayes_result. */
#include "unit/tap.h"

#include "wire/hayes.h"

#include <glob.h>
#include <stdlib.h>

struct run {
	struct hayes h;
	int64_t now;
	bool single;
	const char *file;
	int no;
	enum hayes_event event[8]; /* that came between bytes */
	unsigned events;
};

static const char *const states[] = { "command", "dialling", "answering", "online", "escaped" };
static const char *const events[] = { "none", "dial", "answer", "hangup" };

static size_t bytes_of(const char *p, char *out)
{
	size_t n = 0;
	for (; *p; p++) {
		char hex[3] = { 0 };
		if (*p != '\\') {
			out[n++] = *p;
			continue;
		}
		p++;
		if (*p == 'x') {
			memcpy(hex, p + 1, 2);
			out[n++] = (char)strtoul(hex, NULL, 16);
			p += 2;
		} else {
			out[n++] = *p == 'r' ? '\r' : *p == 'n' ? '\n' : *p == 'b' ? '\b' : *p;
		}
	}
	return n;
}

static void dte(struct run *r, const char *p, size_t n)
{
	size_t step = r->single ? 1 : n;
	for (size_t at = 0; at < n;) {
		size_t part = n - at < step ? n - at : step;
		at += hayes_dte(&r->h, (struct view){ p + at, part }, r->now);
		for (enum hayes_event e; (e = hayes_take(&r->h)) != HAYES_NONE;)
			r->event[r->events++ % 8] = e;
	}
}

static void look(struct run *r, struct buf *got, const char *text, const char *what)
{
	char want[1024];
	size_t n = bytes_of(text, want);
	bool ok = got->len == n && (n == 0 || memcmp(got->data, want, n) == 0);
	check(ok, "%s:%d %s%s", r->file, r->no, what, r->single ? " by single bytes" : "");
	if (!ok)
		printf("# got  %.*s\n# want %s\n", (int)got->len, got->data ? got->data : "", text);
	got->len = 0;
}

static void look_event(struct run *r, const char *text)
{
	char got[128];
	const struct hayes_dial *d = &r->h.dial;
	enum hayes_event e = r->events ? r->event[0] : hayes_take(&r->h);
	int n = snprintf(got, sizeof got, "%s", events[e]);
	if (e == HAYES_DIAL)
		n += snprintf(got + n, sizeof got - (size_t)n, " %s", d->number);
	if (e == HAYES_DIAL && d->pause_ms)
		n += snprintf(got + n, sizeof got - (size_t)n, ",%u", d->pause_ms);
	if (e == HAYES_DIAL)
		snprintf(got + n, sizeof got - (size_t)n, "%s%s", d->wait_tone ? "W" : "", d->quiet ? "@" : "");
	if (r->events) {
		r->events--;
		memmove(r->event, r->event + 1, sizeof r->event - sizeof *r->event);
	}
	check_str(got, text, r->file);
}

static void pass_time(struct run *r, long ms)
{
	int64_t at = hayes_deadline(&r->h);
	if (at <= r->now + ms)
		hayes_tick(&r->h, at);
	r->now += ms;
}

static void word(struct run *r, char *s)
{
	char *arg = strchr(s, ' ');
	char none[] = "";
	if (arg)
		*arg++ = '\0';
	else
		arg = none;
	if (strcmp(s, "ring") == 0 || strcmp(s, "deaf") == 0)
		hayes_ring(&r->h, *s == 'r', r->now);
	else if (strcmp(s, "ring-end") == 0)
		hayes_ring_end(&r->h);
	else if (strcmp(s, "connect") == 0)
		hayes_connect(&r->h, strtoull(arg, NULL, 10), r->now);
	else if (strcmp(s, "fail") == 0)
		hayes_fail(&r->h, (enum hayes_result)strtoul(arg, NULL, 10));
	else if (strcmp(s, "lost") == 0)
		hayes_lost(&r->h);
	else if (strcmp(s, "dtr") == 0)
		hayes_dtr(&r->h);
	else if (strcmp(s, "held") == 0)
		hayes_held(&r->h, r->now);
	else if (strcmp(s, "state") == 0)
		check_str(states[r->h.state], arg, r->file);
	else if (strcmp(s, "most") == 0)
		check(hayes_most(&r->h) == strtoull(arg, NULL, 10), "%s:%d at most %s", r->file, r->no, arg);
	else if (strcmp(s, "hears") == 0)
		check(hayes_hears(&r->h, (enum hayes_result)strtoul(arg, &arg, 10)) == (strcmp(arg, " yes") == 0),
		      "%s:%d hears%s", r->file, r->no, arg);
	else
		check(false, "%s:%d unknown: %s", r->file, r->no, s);
}

static void line(struct run *r, char *s)
{
	char bytes[1024];
	s[strcspn(s, "\n")] = '\0';
	if (*s == '#' || *s == '\0')
		return;
	const char *rest = strlen(s) > 2 ? s + 2 : "";
	switch (*s) {
	case '>': dte(r, bytes, bytes_of(rest, bytes)); break;
	case '<': look(r, &r->h.out, rest, s); break;
	case '=': look(r, &r->h.line, rest, s); break;
	case '!': look_event(r, rest); break;
	case '@': pass_time(r, strtol(rest, NULL, 10)); break;
	default: word(r, s);
	}
}

static void fixture(const char *file, bool single)
{
	struct run r = { .single = single, .file = file, .now = 1000000 };
	char s[1024];
	hayes_init(&r.h);
	FILE *f = fopen(file, "r");
	while (f && fgets(s, sizeof s, f)) {
		r.no++;
		line(&r, s);
	}
	check(f && r.events == 0 && r.h.nevent == 0 && r.h.out.len == 0 && r.h.line.len == 0, "%s: nothing is left over", file);
	if (f)
		fclose(f);
	hayes_clear(&r.h);
}

/* What nobody reads is bounded, and a full line takes no more. */
static void bounds(void)
{
	struct hayes h;
	char many[8192];
	memset(many, 'x', sizeof many);
	hayes_init(&h);
	for (int i = 0; i < 100; i++)
		hayes_dte(&h, view_of("AT&V&V&V\r"), 0);
	check(h.out.len <= HAYES_OUT, "a computer that does not read");
	h.out.len = 0;
	hayes_dte(&h, (struct view){ many, sizeof many }, 0);
	hayes_dte(&h, view_of("ATE0\rAT"), 0);
	h.out.len = 0;
	hayes_dte(&h, (struct view){ many, sizeof many }, 0);
	hayes_dte(&h, view_of("\r"), 0);
	check(view_is(buf_view(&h.out), "\r\nERROR\r\n"), "a command line of 8 KiB is one ERROR");
	h.out.len = 0;
	hayes_dte(&h, view_of("ATD1\r"), 0);
	hayes_take(&h);
	hayes_connect(&h, 33600, 0);
	check(hayes_dte(&h, (struct view){ many, sizeof many }, 0) == h.line.max && h.line.len == h.line.max,
	      "data as far as there is room");
	hayes_clear(&h);
}

int main(void)
{
	glob_t g;
	check(glob("tests/data/hayes/*", 0, NULL, &g) == 0, "there are fixtures");
	for (size_t i = 0; i < g.gl_pathc; i++) {
		fixture(g.gl_pathv[i], false);
		fixture(g.gl_pathv[i], true);
	}
	globfree(&g);
	bounds();
	return tap_done();
}
