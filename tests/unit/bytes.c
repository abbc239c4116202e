/* bytes.c - buffers, views, bounded cursors, numbers, times, secrets, exits. */
#include "base/buf.h"
#include "base/cursor.h"
#include "base/exit.h"
#include "base/num.h"
#include "base/secret.h"
#include "unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void buffers(void)
{
	struct buf b;
	struct view rest = view_of("a,,b"), part;
	char text[4];
	buf_init(&b, 10);
	check(buf_adds(&b, "0123456789") == 0 && b.len == 10, "up to the maximum");
	check(buf_addc(&b, 'x') == -1 && errno == ENOBUFS && b.len == 10, "not over it");
	buf_consume(&b, 4);
	check(b.len == 6 && memcmp(b.data, "456789", 6) == 0, "consumed at the front");
	check(buf_printf(&b, "%s", "abcd") == 0 && buf_printf(&b, "x") == -1, "printed within it");
	buf_clear(&b);
	check(view_split(&rest, ',', &part) && view_is(part, "a") && view_split(&rest, ',', &part) && part.n == 0 &&
	      view_split(&rest, ',', &part) && view_is(part, "b") && !view_split(&rest, ',', &part), "split at commas");
	check(view_str(view_of("abc"), text, sizeof text) && !view_str(view_of("abcd"), text, sizeof text) && !text[0],
	      "a C string, or none that is cut");
	check(!view_str((struct view){ "a\0b", 3 }, text, sizeof text), "no NUL inside");
	char wild[] = "a\tb\x1b[2Jc\x7f\xc2\x9b\x9b d\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xc0\x9b\xc2";
	text_tame(wild, sizeof wild - 1);
	check_str(wild, "a\tb?[2Jc???? d\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80??\xc2", "control characters are tamed, letters are not");
}

static void cursors(void)
{
	const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7 };
	struct cur c = cur_of(in, sizeof in), none = cur_of(NULL, 0);
	check(cur_u8(&c) == 1 && cur_u16(&c) == 0x203, "big-endian");
	struct cur sub = cur_sub(&c, 2);
	check(cur_u32(&sub) == 0 && sub.bad && !c.bad && cur_left(&c) == 2, "a nested cursor cannot leave its bytes");
	check(cur_u32(&c) == 0 && c.bad && cur_left(&c) == 0 && cur_u8(&c) == 0, "over the end is bad for good");
	check(cur_bytes(&none, 0) && !none.bad && !cur_bytes(&none, 1) && none.bad, "nothing in nothing");
	uint8_t b[6];
	struct out o = out_of(b, sizeof b);
	out_u16(&o, 0);
	out_u32(&o, 0x01020304);
	out_patch16(&o, 0, 0xabcd);
	check(!o.bad && out_len(&o) == 6 && b[0] == 0xab && b[1] == 0xcd && b[5] == 4, "written and patched");
	out_u8(&o, 1);
	check(o.bad && out_len(&o) == 6, "no room is bad");
	o = out_of(b, 2);
	out_u8(&o, 0);
	out_patch16(&o, 0, 1);
	check(o.bad, "only what was written is patched");
}

static void numbers(void)
{
	uint64_t n = 0;
	int64_t ms = 0;
	time_t t = 0;
	char text[TIME_TEXT];
	check(num_u64(view_of("18446744073709551615"), 0, UINT64_MAX, &n) && n == UINT64_MAX, "the largest");
	check(!num_u64(view_of("18446744073709551616"), 0, UINT64_MAX, &n), "one more is refused");
	check(!num_u64(view_of(""), 0, 9, &n) && !num_u64(view_of("-1"), 0, 9, &n) && !num_u64(view_of(" 1"), 0, 9, &n) &&
	      !num_u64(view_of("1x"), 0, 9, &n) && !num_u64(view_of("10"), 0, 9, &n), "nothing but digits, within bounds");
	check(num_ms(view_of("2.5"), &ms) && ms == 2500 && num_ms(view_of("0.007"), &ms) && ms == 7, "seconds");
	check(!num_ms(view_of("2."), &ms) && !num_ms(view_of(".5"), &ms) && !num_ms(view_of("1.0000"), &ms) &&
	      !num_ms(view_of(""), &ms), "strictly");
	check(time_parse(view_of("2026-11-22T18:47:07Z"), &t) && t == 1795373227, "a time");
	time_text(t, text);
	check_str(text, "2026-11-22T18:47:07Z", "and back");
	check(!time_parse(view_of("2026-02-30T00:00:00Z"), &t) && !time_parse(view_of("2026-11-22T18:47:07"), &t) &&
	      !time_parse(view_of("2026-11-22T18:47:07+01:00"), &t), "no other form, no 30 February");
	check(!time_parse(view_of("207-11-22T18:47:07Z"), &t), "no year of three digits");
	check(clock_deadline(-1) == CLOCK_NEVER && clock_deadline(1000) > clock_ms(), "deadlines");
}

static int file_with(const char *text, size_t n, mode_t mode, char *path)
{
	strcpy(path, "/tmp/sp-unit.XXXXXX");
	int fd = mkstemp(path);
	if (fd < 0 || write(fd, text, n) != (ssize_t)n || fchmod(fd, mode) != 0)
		exit(8);
	return close(fd);
}

static bool from_file(struct secret *s, const char *text, size_t n, mode_t mode)
{
	char path[32];
	file_with(text, n, mode, path);
	int rc = secret_read_file(s, path), e = errno;
	unlink(path);
	errno = e;
	return rc == 0;
}

static void secrets(void)
{
	struct secret a = { 0 }, b = { 0 };
	char text[16], big[SECRET_MAX + 2];
	memset(big, 'x', sizeof big);
	check(secret_set(&a, view_of("one")) && secret_set(&b, view_of("one")) && secret_equal(&a, &b), "the same");
	check(secret_set(&b, view_of("onf")) && !secret_equal(&a, &b), "another");
	check(secret_set(&b, view_of("on")) && !secret_equal(&a, &b), "a shorter one");
	check(!secret_set(&b, (struct view){ big, SECRET_MAX + 1 }) && b.n == 0, "too long leaves none");
	check(!secret_set(&b, (struct view){ "a\0b", 3 }) && b.n == 0, "NUL leaves none");
	check(from_file(&a, "pass word\nrest", 14, 0600) && view_is(secret_view(&a), "pass word"), "the first line of a file");
	check(!from_file(&a, "pass\n", 5, 0640) && errno == EPERM && a.n == 0, "a file that the group reads is refused");
	check(from_file(&a, big, SECRET_MAX, 0600) && a.n == SECRET_MAX, "the longest");
	check(!from_file(&a, big, SECRET_MAX + 1, 0600) && errno == EMSGSIZE && a.n == 0, "one more is refused");
	check(!from_file(&a, "a\0b", 3, 0600) && errno == EINVAL && a.n == 0, "NUL is refused");
	secret_shorten(view_of("12345678"), text);
	check_str(text, "...", "a short one shows nothing");
	secret_shorten(view_of("123456789"), text);
	check_str(text, "1234...", "a longer one its first four");
	secret_clear(&a);
}

int main(void)
{
	buffers();
	cursors();
	numbers();
	secrets();
	check_str(sp_exit_name(SP_DENIED), "denied", "the word of a status");
	check(sp_exit_of("busy") == SP_BUSY && sp_exit_of("strange") == SP_PEER, "the status of a word");
	check(sp_exit_worse(SP_DENIED, SP_NONE) == SP_DENIED, "the higher of two");
	return tap_done();
}
