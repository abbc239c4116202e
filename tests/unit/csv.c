/* csv.c - RFC 4180 rows, whole and in every pair of parts; what is refused and why. */
#include "base/csv.h"
#include "unit/tap.h"

static char shown[512];

/* All rows of `in` as "a|b;c|d;" or the reason. `cut`: how much is there at first. */
static const char *rows(struct view in, size_t cut)
{
	struct csv_row row;
	struct buf out;
	const char *why = NULL;
	size_t there = cut;
	unsigned long lines = 0;
	csv_row_init(&row);
	buf_init(&out, sizeof shown - 1);
	for (;;) {
		struct view v = { in.p, there < in.n ? there : in.n };
		size_t was = v.n;
		int rc = csv_parse(&v, there >= in.n, &row, &lines, &why);
		if (rc == 0 && there < in.n) {
			there = in.n;
			continue;
		}
		if (rc != 1)
			break;
		in = (struct view){ in.p + (was - v.n), in.n - (was - v.n) };
		there -= was - v.n;
		for (unsigned i = 0; i < row.n; i++) {
			buf_addv(&out, csv_field(&row, i));
			buf_addc(&out, i + 1 < row.n ? '|' : ';');
		}
	}
	snprintf(shown, sizeof shown, "%.*s%s", (int)out.len, out.data ? out.data : "", why ? why : "");
	csv_row_clear(&row);
	buf_clear(&out);
	return shown;
}

static void want(const char *in, const char *what)
{
	char whole[512];
	snprintf(whole, sizeof whole, "%s", rows(view_of(in), strlen(in)));
	check_str(whole, what, what);
	bool same = true;
	for (size_t i = 0; i < strlen(in); i++)
		same &= strcmp(rows(view_of(in), i), whole) == 0;
	check(same, "the same in two parts, cut anywhere");
}

int main(void)
{
	want("a,b\r\nc,d\r\n", "a|b;c|d;");
	want("a,b\nc,d", "a|b;c|d;");
	want("\"x,y\",\"say \"\"hi\"\"\",\"\"\n", "x,y|say \"hi\"|;");
	want("\"two\r\nlines\",z\r\n", "two\r\nlines|z;");
	want(",\n\n", "|;;");
	want("a,b\"c\n", "quote inside a field that does not begin with one");
	want("\"a\"b\n", "text behind a closing quote");
	want("ok\n\"a\n", "ok;quote that is never closed");
	want("a\rb\n", "carriage return without line feed");
	struct view nul = { "a\0b\n", 4 };
	check_str(rows(nul, 4), "NUL byte", "NUL is refused");
	struct buf b;
	buf_init(&b, 100);
	csv_write(&b, view_of("plain"));
	csv_write(&b, view_of(" a,\"b\"\n"));
	check(view_is(buf_view(&b), "plain\" a,\"\"b\"\"\n\""), "written values are quoted when they must be");
	buf_clear(&b);
	return tap_done();
}
