/* recio.c - records from a descriptor in any pieces, and out again. */
#include "base/recio.h"
#include "unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* All of `text` read in pieces of `step`; what came as lines, "!line: why" for refusals. */
static void expect_in(const char *text, size_t n, size_t step, const char *want, const char *what)
{
	struct recin in;
	struct record r = { 0 };
	struct buf got;
	const char *why;
	int p[2], rc;
	if (pipe(p) != 0)
		exit(8);
	buf_init(&got, 4 << 20);
	recin_init(&in, p[0], "test");
	for (size_t at = 0; !in.eof;) {
		while ((rc = recin_next(&in, &r, &why)) != 0)
			if (rc == 1)
				record_write(&r, &got);
			else
				buf_printf(&got, "!%lu: %s\n", in.line, why);
		size_t k = n - at < step ? n - at : step;
		if (k && write(p[1], text + at, k) != (ssize_t)k)
			exit(8);
		at += k;
		if (at == n && p[1] >= 0 && k == 0) {
			close(p[1]);
			p[1] = -1;
		}
		recin_fill(&in);
	}
	while ((rc = recin_next(&in, &r, &why)) != 0)
		if (rc == 1)
			record_write(&r, &got);
		else
			buf_printf(&got, "!%lu: %s\n", in.line, why);
	buf_addc(&got, '\0');
	check_str(got.data, want, what);
	record_clear(&r);
	buf_clear(&got);
	recin_clear(&in);
	close(p[0]);
}

static void expect(const char *text, const char *want, const char *what)
{
	expect_in(text, strlen(text), 4096, want, what);
	expect_in(text, strlen(text), 1, want, "the same one byte at a time");
}

static void lines(void)
{
	expect("", "", "no input");
	expect("a=1\nb=2\tc=3\n", "a=1\nb=2\tc=3\n", "two lines");
	expect("a=1\nbad\nb=2\n", "a=1\n!2: field without '='\nb=2\n", "goes on behind a bad line");
	expect("a=1\n\nb=2\n", "a=1\n!2: empty line\nb=2\n", "a blank line is malformed");
	expect("a=1\nb=2", "a=1\n!2: last line has no line feed (cut?)\n", "a cut last line");
	expect("a=1\r\n", "!1: carriage return in a value (write \\r)\n", "CR LF is malformed");
	expect("{\"a\":\"1\"}\nb=2\n{\"c\":3}", "a=1\nb=2\nc=3\n", "JSON lines between, the last without LF");
	expect("{\"a\":\"1\"\n", "!1: not valid JSON\n", "a cut JSON line");
}

static void long_lines(size_t step)
{
	size_t max = RECORD_LINE_MAX;
	char *text = malloc(4 * max), *want = malloc(4 * max);
	memset(text, 'v', 4 * max);
	memcpy(text, "k=", 2);
	memcpy(text + max, "\nb=2\n", 5);
	memcpy(want, text, max + 5);
	want[max + 5] = '\0';
	expect_in(text, max + 5, step, want, "a line of 64 KiB exactly");
	memcpy(text + max, "v\nb=2\n", 6);
	expect_in(text, max + 6, step, "!1: line over 64 KiB\nb=2\n", "one byte more is refused once");
	memset(text + max, 'v', max);
	memcpy(text + 3 * max, "\nb=2\n", 5);
	expect_in(text, 3 * max + 5, step, "!1: line over 64 KiB\nb=2\n", "three times as long, too");
	expect_in(text, 3 * max, step, "!1: line over 64 KiB\n", "and without an end");
	free(text);
	free(want);
}

static void full(void)
{
	struct recout out;
	struct record r = { 0 };
	recout_init(&out, open("/dev/full", O_WRONLY), false);
	record_set(&r, "a", "1");
	check(recout_add(&out, &r) == 0, "queued");
	check(recout_flush(&out) == -1 && errno == ENOSPC, "a full disk is an error");
	recout_clear(&out);
	close(out.fd);
	record_clear(&r);
}

static void shortened(bool json, const char *want)
{
	struct recout out;
	struct record r = { 0 };
	char got[256] = "";
	int p[2];
	if (pipe(p) != 0)
		exit(8);
	recout_init(&out, p[1], json);
	out.shorten = true;
	record_set(&r, "a", "1");
	record_set(&r, "token", "abcdefghijkl");
	record_set(&r, "password", "short");
	check(recout_add(&out, &r) == 0 && recout_flush(&out) == 0, "written");
	check(read(p[0], got, sizeof got - 1) > 0, "and read");
	check_str(got, want, "secrets are shortened");
	check_str(record_str(&r, "token"), "abcdefghijkl", "the record itself is not");
	recout_clear(&out);
	close(p[0]);
	close(p[1]);
	record_clear(&r);
}

int main(void)
{
	lines();
	long_lines(60000);
	long_lines(65536);
	long_lines(997);
	full();
	shortened(false, "a=1\ttoken=abcd...\tpassword=...\n");
	shortened(true, "{\"a\":\"1\",\"token\":\"abcd...\",\"password\":\"...\"}\n");
	return tap_done();
}
