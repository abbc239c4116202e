/* modem.c - the fixtures of tests/data/modem, each whole and one byte at a time.
 * A fixture begins with "call OPTION=VALUE..." or "answer OPTION=VALUE..."; then
 *   < "AT\r"        what we must have written since the last look (none: nothing)
 *   > "OK\r\n"      what the modem says; behind CONNECT also the call's bytes
 *   = EVENT         what must have happened since the last look: progress words,
 *                   ringing=NUMBER, up=SPEED,PROTOCOL,FROM, dtr-down, dtr-up, end=REASON
 *   wait MS         time passes, deadline by deadline
 *   line "bytes"    what behind CONNECT was left for the call
 *   detail TEXT     of the end
 *   hangup | no-carrier
 *   > many 5000 "x" so often */
#include "unit/tap.h"

#include "base/buf.h"
#include "wire/modem.h"

#include <glob.h>
#include <stdlib.h>

struct run {
	struct modem m;
	struct buf bytes, written, line;
	char events[512];
	int64_t now;
	bool single, begun, up;
	char text[8][80];
};

static void quoted(const char *p, struct buf *out)
{
	out->len = 0;
	p = strchr(p, '"');
	for (p = p ? p + 1 : ""; *p && *p != '"'; p++) {
		if (*p != '\\') {
			buf_addc(out, *p);
		} else if (*++p == 'x') {
			char hex[3] = { p[1], p[2], 0 };
			buf_addc(out, (char)strtoul(hex, NULL, 16));
			p += 2;
		} else {
			buf_addc(out, *p == 'r' ? '\r' : *p == 'n' ? '\n' : *p);
		}
	}
}

static void event(struct run *r, const struct modem_event *ev)
{
	const struct modem_facts *f = &r->m.facts;
	char one[200];
	r->up = ev->kind == MODEM_UP;
	switch (ev->kind) {
	case MODEM_PROGRESS: snprintf(one, sizeof one, "%s", ev->word); break;
	case MODEM_RINGING: snprintf(one, sizeof one, "ringing=%s", f->from); break;
	case MODEM_MISSED: snprintf(one, sizeof one, "missed=%s", r->m.detail); break;
	case MODEM_UP: snprintf(one, sizeof one, "up=%llu,%s,%s", (unsigned long long)f->speed, f->protocol, f->from); break;
	case MODEM_DTR_DOWN: snprintf(one, sizeof one, "dtr-down"); break;
	case MODEM_DTR_UP: snprintf(one, sizeof one, "dtr-up"); break;
	default: snprintf(one, sizeof one, "end=%s", reason_name(ev->reason));
	}
	size_t n = strlen(r->events);
	snprintf(r->events + n, sizeof r->events - n, "%s%s", n ? " " : "", one);
}

static void look(struct run *r)
{
	struct modem_event ev;
	struct view v;
	while (modem_take(&r->m, &ev))
		event(r, &ev);
	while ((v = modem_output(&r->m)).n) {
		size_t n = r->single ? 1 : v.n;
		buf_add(&r->written, v.p, n);
		modem_written(&r->m, n);
	}
}

static void receive(struct run *r)
{
	struct view v = buf_view(&r->bytes);
	while (v.n) {
		size_t n = r->single ? 1 : v.n, took = modem_recv(&r->m, (struct view){ v.p, n }, r->now);
		look(r);
		if (took == 0) {
			if (r->up)
				buf_add(&r->line, v.p, v.n);
			break;
		}
		v = (struct view){ v.p + took, v.n - took };
	}
}

static void pass(struct run *r, int64_t ms)
{
	int64_t end = r->now + ms;
	while (modem_deadline(&r->m) <= end) {
		if (r->now < modem_deadline(&r->m))
			r->now = modem_deadline(&r->m);
		modem_tick(&r->m, r->now);
		look(r);
	}
	r->now = end;
}

static const char *option(struct run *r, char *s, const char *name, const char *otherwise, unsigned i)
{
	char *p = strstr(s, name);
	if (!p)
		return otherwise;
	snprintf(r->text[i], sizeof r->text[i], "%.*s", (int)strcspn(p + strlen(name), "| \n"), p + strlen(name));
	return r->text[i];
}

static void begin(struct run *r, char *s, const char *file)
{
	const char *why = "";
	struct modem_conf c = { .answer = *s == 'a', .dtr = !strstr(s, "dtr=no"), .init = option(r, s, "init=", "", 0),
		.command = option(r, s, "command=", "ATDT", 1), .prefix = option(r, s, "prefix=", "", 2),
		.number = option(r, s, "number=", "5550142", 3), .rings = (unsigned)atoi(option(r, s, "rings=", "1", 4)),
		.wait = 1000 * atoi(option(r, s, "wait=", "60", 5)), .guard = 1000,
		.deadline = atoi(option(r, s, "deadline=", "0", 6)) };
	if (c.deadline == 0)
		c.deadline = INT64_MAX;
	r->begun = check(modem_init(&r->m, &c, 0, &why) == 0, "%s begins %s", file, why);
	pass(r, 0);
}

static void same(struct run *r, struct buf *got, const char *where)
{
	bool ok = view_eq(buf_view(got), buf_view(&r->bytes));
	check(ok, "%s%s", where, r->single ? " by single bytes" : "");
	if (!ok)
		printf("# got %.*s\n", (int)got->len, got->data ? got->data : "");
	got->len = 0;
}

static void line(struct run *r, const char *file, int no, char *s)
{
	char where[1200];
	s[strcspn(s, "\n")] = '\0';
	snprintf(where, sizeof where, "%s:%d %s", file, no, s);
	quoted(s, &r->bytes);
	if (strncmp(s, "call", 4) == 0 || strncmp(s, "answer", 6) == 0)
		begin(r, s, file);
	else if (!r->begun || *s == '#' || *s == '\0')
		return;
	else if (strncmp(s, "> many ", 7) == 0)
		for (int i = atoi(s + 7); i > 0; i--)
			receive(r);
	else if (*s == '>')
		receive(r);
	else if (*s == '<')
		same(r, &r->written, where);
	else if (strncmp(s, "line", 4) == 0)
		same(r, &r->line, where);
	else if (*s == '=') {
		check_str(r->events, s[1] ? s + 2 : "", where);
		r->events[0] = '\0';
	} else if (strncmp(s, "wait ", 5) == 0)
		pass(r, atoi(s + 5));
	else if (strncmp(s, "detail ", 7) == 0)
		check_str(r->m.detail, s + 7, where);
	else if (strcmp(s, "hangup") == 0)
		modem_hangup(&r->m, r->now);
	else if (strcmp(s, "no-carrier") == 0)
		modem_no_carrier(&r->m, r->now);
	else
		check(false, "%s: what is that?", where);
	look(r);
}

static void fixture(const char *file, bool single)
{
	struct run r = { .single = single };
	char s[1024];
	int no = 0;
	buf_init(&r.bytes, 1 << 16);
	buf_init(&r.written, 1 << 16);
	buf_init(&r.line, 1 << 16);
	FILE *f = fopen(file, "r");
	while (f && fgets(s, sizeof s, f))
		line(&r, file, ++no, s);
	check(f && r.begun && r.written.len == 0 && r.line.len == 0 && !r.events[0], "%s: nothing is left over: %s", file, r.events);
	if (f)
		fclose(f);
	buf_clear(&r.bytes);
	buf_clear(&r.written);
	buf_clear(&r.line);
}

static void numbers(void)
{
	static const char *const good[] = { "5550142", "0", "*21#", "9,W5550142@!", "+49-89 123", "T12P3", "ABCDabcd", "#" };
	static const char *const bad[] = { "", "-", "W", "555;", "555\r", "555\nATH", "1&F", "1\"", "1$", "1S0=1", "1/", "1E", "1\x7f", "1\xc3\xa9" };
	const char *why;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		check(modem_number(good[i], &why), "dialed: %s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		check(!modem_number(bad[i], &why) && *why, "not dialed: %zu: %s", i, why);
}

static int begins(const char *command, const char *prefix, const char *number, const char *init)
{
	struct modem m;
	const char *why = NULL;
	struct modem_conf c = { .command = command, .prefix = prefix, .number = number, .init = init };
	int rc = modem_init(&m, &c, 0, &why);
	return rc == 0 || why ? rc : -2;
}

static void refused(void)
{
	char much[300];
	memset(much, '1', sizeof much - 1);
	much[sizeof much - 1] = '\0';
	check(begins("ATDT", "0,", "5550142", "") == 0 && begins("ATX3DP", "", "1", "ATM0") == 0, "usual commands");
	check(begins("ATDT", "", much, "") == -1 && begins("ATDT", much, "1", "") == -1 && begins(much, "", "1", "") == -1,
	      "what is too long is refused");
	check(begins("ATDT", "", "1", much) == -1, "so is init");
	check(begins("ATDT", ";H", "1", "") == -1 && begins("ATD;", "", "1", "") == -1 && begins("DT", "", "1", "") == -1,
	      "other commands are refused");
	check(begins("ATDT", "", "1", "M0\rATH") == -1 && begins("ATDT", "", "1", "M0\x80") == -1, "init is one line of text");
}

static void word(const char *text, bool numeric, enum modem_result want)
{
	struct modem_facts f = { 0 };
	check(modem_result(view_of(text), numeric, &f) == want, "result: %s", text);
}

static void words(void)
{
	word("OK", false, RESULT_OK);
	word("ok", false, RESULT_OK);
	word("OK ", false, RESULT_OK);
	word("OKAY", false, RESULT_OTHER);
	word("OK NOW", false, RESULT_OTHER);
	word("CONNECT", false, RESULT_CONNECT);
	word("CONNECTED", false, RESULT_OTHER);
	word("DISCONNECT", false, RESULT_OTHER);
	word("CONNECT/ARQ", false, RESULT_CONNECT);
	word("RING", false, RESULT_RING);
	word("RING 2", false, RESULT_RING);
	word("RINGING", false, RESULT_RINGING);
	word("NO DIALTONE", false, RESULT_NO_DIALTONE);
	word("NO DIAL TONE", false, RESULT_NO_DIALTONE);
	word("NO ANSWER", false, RESULT_NO_ANSWER);
	word("NO", false, RESULT_OTHER);
	word("DELAYED 00:01:00", false, RESULT_DELAYED);
	word("BLACKLISTED", false, RESULT_BLACKLISTED);
	word("FAX", false, RESULT_VOICE);
	word("+CME ERROR: 10", false, RESULT_ERROR);
	word("", true, RESULT_OTHER);
	word("0", false, RESULT_OTHER);
	word("0", true, RESULT_OK);
	word("3", true, RESULT_NO_CARRIER);
	word("24", true, RESULT_DELAYED);
	word("999", true, RESULT_OTHER);
	word("4294967296", true, RESULT_OTHER);
}

int main(void)
{
	glob_t g;
	check(glob("tests/data/modem/*", 0, NULL, &g) == 0 && g.gl_pathc > 10, "there are fixtures");
	for (size_t i = 0; i < g.gl_pathc; i++) {
		fixture(g.gl_pathv[i], false);
		fixture(g.gl_pathv[i], true);
	}
	globfree(&g);
	numbers();
	refused();
	words();
	return tap_done();
}
