/* json.c - JSON Lines to records and back: nothing changes on the way. */
#include "base/recio.h"
#include "unit/tap.h"

#include <errno.h>

static void to_line(const char *json, const char *want)
{
	struct buf b;
	const char *why = NULL;
	buf_init(&b, 1 << 20);
	int rc = json_to_line(view_of(json), &b, &why);
	buf_addc(&b, '\0');
	check_str(rc == 1 ? b.data : why, want, json);
	buf_clear(&b);
}

static void round_trip(const char *line)
{
	struct record r = { 0 };
	struct buf json, back;
	const char *why;
	buf_init(&json, 1 << 20);
	buf_init(&back, 1 << 20);
	check(record_parse(&r, view_of(line), &why) == 1 && json_of_record(&r, &json) == 0, "to JSON");
	check(json_to_line((struct view){ json.data, json.len - 1 }, &back, &why) == 1, "and back");
	buf_addc(&back, '\0');
	check_str(back.data, line, "unchanged");
	record_clear(&r);
	buf_clear(&json);
	buf_clear(&back);
}

static void numbers(void)
{
	to_line("{\"a\":1.50}", "a=1.50");
	to_line("{\"a\":1e3,\"b\":-0.0E+07}", "a=1e3\tb=-0.0E+07");
	to_line("{\"a\" : 12345678901234567890 , \"b\":1e999}", "a=12345678901234567890\tb=1e999");
	to_line("{\"a\":\"x:1\",\"b\\\":2\":3}", "byte that is not allowed in a key, or NUL in a value");
	to_line("{\"a\":\"x:1\\\":2\",\"b\":3}", "a=x:1\":2\tb=3");
	to_line("{\"a\":01}", "not valid JSON");
	to_line("{\"a\":1.}", "not valid JSON");
	to_line("{\"a\":.5}", "not valid JSON");
	to_line("{\"a\":-}", "not valid JSON");
	to_line("{\"a\":1e}", "not valid JSON");
	to_line("{\"a\":1x}", "not valid JSON");
	to_line("{\"a\":1 2}", "not valid JSON");
	to_line("{\"a\":1\"\"}", "not valid JSON");
	to_line("{1:2}", "not valid JSON");
}

static void refusals(void)
{
	to_line("{\"a\":null}", "JSON null as a value");
	to_line("{\"a\":[1]}", "JSON array as a value");
	to_line("{\"a\":{\"b\":1}}", "JSON object as a value");
	to_line("{\"a\":1,\"a\":2}", "repeated key");
	to_line("{}", "empty JSON object");
	to_line("[1]", "not a JSON object");
	to_line("{\"a\":\"\\u0000\"}", "not valid JSON");
	to_line("{\"a\":\"\\ud800\"}", "not valid JSON");
	to_line("{\"a\":\"\xff\"}", "not valid JSON");
	to_line("{\"a\":\"x", "not valid JSON");
	to_line("{\"a\":\"x\\", "not valid JSON");
	to_line("{\"a\":\"1\"}x", "not valid JSON");
	to_line("{\"a b\":1}", "byte that is not allowed in a key, or NUL in a value");
	to_line("{\"\":1}", "byte that is not allowed in a key, or NUL in a value");
}

int main(void)
{
	numbers();
	refusals();
	to_line("{\"a\":true,\"b\":false,\"c\":\"\"}", "a=true\tb=false\tc=");
	to_line("{\"a\":\"x\\ty\\n\\r\\\\\\u00e9\\ud83d\\ude00/\"}", "a=x\\ty\\n\\r\\\\\xc3\xa9\xf0\x9f\x98\x80/");
	round_trip("a=1\tb=x\\ty\\n\\r\\\\\tc=\td=\"quoted\" /\x01\x7f");
	round_trip("a=\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbe\xef\xbb\xbf\te=\xed\x9f\xbf");
	struct record r = { 0 };
	struct buf b;
	buf_init(&b, 4096);
	record_set(&r, "a", "x\xff");
	errno = 0;
	check(json_of_record(&r, &b) == -1 && errno == EILSEQ && b.len == 0, "not UTF-8: EILSEQ");
	record_clear(&r);
	buf_clear(&b);
	return tap_done();
}
