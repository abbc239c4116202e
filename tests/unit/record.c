/* record.c - parsing, looking up, changing and writing one record. */
#include "base/record.h"
#include "unit/tap.h"

#include <errno.h>
#include <stdlib.h>

static void refused(const char *line, size_t n, const char *want)
{
	struct record r = { 0 };
	const char *why = NULL;
	int rc = record_parse(&r, (struct view){ line, n }, &why);
	check(rc == -1 && r.n == 0, "refused: %s", want);
	check_str(why, want, "with that reason");
	record_clear(&r);
}

#define REFUSED(text, why) refused(text, sizeof(text) - 1, why)

static void written(struct record *r, const char *want, const char *what)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	record_write(r, &b);
	buf_addc(&b, '\0');
	check_str(b.data, want, what);
	buf_clear(&b);
}

static void malformed(void)
{
	REFUSED("", "empty line");
	REFUSED("a", "field without '='");
	REFUSED("a=1\tb", "field without '='");
	REFUSED("a=1\t", "field without '='");
	REFUSED("\ta=1", "field without '='");
	REFUSED("a\tb=1", "field without '='");
	REFUSED("=1", "empty key");
	REFUSED("a b=1", "byte that is not allowed in a key");
	REFUSED("k\xc3\xa4=1", "byte that is not allowed in a key");
	REFUSED("a=1\tb=2\ta=3", "repeated key");
	REFUSED("a=x\\", "bad escape (only \\t \\n \\r \\\\ are known)");
	REFUSED("a=\\\tb=1", "bad escape (only \\t \\n \\r \\\\ are known)");
	REFUSED("a=0123456789abcdef\\x", "bad escape (only \\t \\n \\r \\\\ are known)");
	REFUSED("a=x\0y", "NUL byte in a value");
	REFUSED("a=x\r", "carriage return in a value (write \\r)");
	REFUSED("a=x\ny", "line feed in a value (write \\n)");
}

static void limits(void)
{
	struct record r = { 0 };
	const char *why;
	char *big = malloc(RECORD_LINE_MAX + 1);
	memset(big, 'v', RECORD_LINE_MAX + 1);
	memcpy(big, "k=", 2);
	check(record_parse(&r, (struct view){ big, RECORD_LINE_MAX }, &why) == 1, "64 KiB exactly");
	check(record_get(&r, "k").n == RECORD_LINE_MAX - 2, "all of it is there");
	refused(big, RECORD_LINE_MAX + 1, "line over 64 KiB");
	record_clear(&r);
	check(record_setv(&r, view_of("k"), (struct view){ big, RECORD_LINE_MAX - 2 }) == 0, "set to 64 KiB exactly");
	check(record_setv(&r, view_of("k"), (struct view){ big, RECORD_LINE_MAX - 1 }) == -1 && errno == EMSGSIZE,
	      "one more does not fit");
	check(record_set(&r, "j", "") == -1 && errno == EMSGSIZE && r.n == 1, "nor does another field");
	record_clear(&r);
	for (size_t i = 0; i < RECORD_LINE_MAX / 4; i++)
		memcpy(big + 4 * i, "a=1\t", 4);
	refused(big, RECORD_LINE_MAX - 1, "repeated key");
	free(big);
}

/* Lines of 3 to 200 bytes, in memory of exactly their length, with one byte that does not
 * belong there, from the last place forward: however many bytes the parser looks at once. */
static void each_length(void)
{
	struct record r = { 0 };
	const char *why;
	unsigned taken = 0, found = 0, tried = 0;
	for (size_t n = 3; n <= 200; n++) {
		for (size_t key = 1; key + 1 < n; key++, tried++) {
			char *line = malloc(n);
			memset(line, 'x', n);
			line[key] = '=';
			taken += record_parse(&r, (struct view){ line, n }, &why) == 1 && r.n == 1 &&
			         r.field[0].key.n == key && r.field[0].raw.n == n - key - 1 && r.field[0].plain;
			line[n - 1 - (key - 1) / 2] = key & 1 ? '\r' : '\0'; /* behind '=', or in the key */
			found += record_parse(&r, (struct view){ line, n }, &why) == -1;
			free(line);
		}
	}
	check(taken == tried, "each length of key and value is seen");
	check(found == tried, "and a wrong byte, near the end and far from it");
	record_clear(&r);
}

static void many_fields(void)
{
	struct record r = { 0 };
	struct buf b;
	const char *why;
	buf_init(&b, RECORD_LINE_MAX);
	for (int i = 0; i < 6000; i++)
		buf_printf(&b, "%sk%d=%d", i ? "\t" : "", i, i);
	check(record_parse(&r, buf_view(&b), &why) == 1 && r.n == 6000, "6000 fields");
	check_str(record_str(&r, "k5999"), "5999", "the last is found");
	record_clear(&r);
	buf_adds(&b, "\tk17=");
	refused(b.data, b.len, "repeated key");
	buf_clear(&b);
}

static void values(void)
{
	struct record r = { 0 }, copy = { 0 };
	const char *why, line[] = "a=1=2\tb=\tc=x\\ty\\nz\\r\\\\\td=h\xc3\xa9 \xff\x01";
	check(record_parse(&r, view_of(line), &why) == 1 && r.n == 4, "four fields");
	check_str(record_str(&r, "a"), "1=2", "split at the first =");
	check_str(record_str(&r, "b"), "", "an empty value");
	check_str(record_str(&r, "c"), "x\ty\nz\r\\", "the four escapes");
	check_str(record_str(&r, "d"), "h\xc3\xa9 \xff\x01", "any other byte is itself");
	check(!record_str(&r, "e") && !record_get(&r, "e").p, "what is not there is NULL");
	record_copy(&copy, &r);
	written(&copy, "a=1=2\tb=\tc=x\\ty\\nz\\r\\\\\td=h\xc3\xa9 \xff\x01\n", "comes out as it went in");
	const char *first = record_str(&copy, "a");
	check(first == record_str(&copy, "a"), "text of an own value is not copied again");
	record_clear(&copy);
	record_clear(&r);
}

static void changes(void)
{
	struct record r = { 0 }, other = { 0 };
	const char *why;
	record_parse(&r, view_of("a=1\tb=2\tc=3"), &why);
	check(record_set(&r, "b", "x\ty\\") == 0 && record_setf(&r, "d", "%d", 4) == 0, "set and add");
	written(&r, "a=1\tb=x\\ty\\\\\tc=3\td=4\n", "replaced in place, added at the end, escaped");
	check_str(record_str(&r, "b"), "x\ty\\", "and read back");
	record_drop(&r, "a");
	record_drop(&r, "nothing");
	written(&r, "b=x\\ty\\\\\tc=3\td=4\n", "dropped");
	record_parse(&other, view_of("c=9\\t9\te=5"), &why);
	check(record_merge(&r, &other) == 0, "merged");
	written(&r, "b=x\\ty\\\\\tc=9\\t9\td=4\te=5\n", "in place and at the end");
	check(record_merge(&r, &r) == 0 && r.n == 4, "merged with itself");
	check(record_set(&r, "", "x") == -1 && errno == EINVAL, "empty key refused");
	check(record_set(&r, "a b", "x") == -1 && errno == EINVAL, "bad key refused");
	check(record_setv(&r, view_of("k"), (struct view){ "a\0b", 3 }) == -1 && errno == EINVAL, "NUL refused");
	check(record_setv(&r, view_of("b"), record_get(&r, "c")) == 0, "set from its own value");
	check_str(record_str(&r, "b"), "9\t9", "which arrives");
	record_clear(&other);
	record_clear(&r);
}

int main(void)
{
	malformed();
	limits();
	each_length();
	many_fields();
	values();
	changes();
	check(record_key_secret(view_of("token")) && !record_key_secret(view_of("token_until")), "secret keys");
	check(record_key_secret(view_of("secret2")) && !record_key_secret(view_of("secret1")) && !record_key_secret(view_of("2")), "the secret of a second endpoint");
	check(record_key_ok(view_of("A.b-c_9")) && !record_key_ok(view_of("")), "key bytes");
	return tap_done();
}
