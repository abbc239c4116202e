/* Passwords as scrypt hashes: made and checked, refused. */
#include "unit/tap.h"
#include "wire/passhash.h"

#define ZERO "00000000000000000000000000000000"
#define VECTOR "scrypt:16:1:1:" ZERO ":" \
	"dbcdd8eca4f3a216b8ff6568bf99c13c354f92b10b158aa1be1759914bc8f62a"

int main(void)
{
	static const uint8_t salt[PASSHASH_SALT] = { 1, 2, 3 };
	struct secret good, bad;
	struct buf text;
	buf_init(&text, 512);
	secret_set(&good, view_of("group secret"));
	secret_set(&bad, view_of("group secreu"));
	check(passhash_make(&good, salt, &text) == 0 && passhash_ok(buf_view(&text)), "a hash is made");
	check(text.len > 20 && memcmp(text.data, "scrypt:16384:8:1:0102030000", 27) == 0, "it says how");
	check(passhash_holds(buf_view(&text), &good), "it holds for its password");
	check(!passhash_holds(buf_view(&text), &bad), "it does not hold for another one");
	secret_set(&bad, view_of(""));
	check(!passhash_holds(buf_view(&text), &bad), "nor for the empty one");
	text.data[text.len - 1] ^= 1;
	check(!passhash_holds(buf_view(&text), &good), "a digit changed: it holds no more");
	/* scrypt("p", 16 zero bytes, N=16, r=1, p=1, 32), from python's hashlib */
	secret_set(&good, view_of("p"));
	check(passhash_holds(view_of(VECTOR), &good), "a hash that another program made holds");
	static const char *const none[] = {
		"", "scrypt", "md5:1:1:1:00:00", "scrypt:15:1:1:" ZERO ":" ZERO ZERO,
		"scrypt:1048576:16:1:" ZERO ":" ZERO ZERO, "scrypt:16:1:1:" ZERO ":" ZERO,
		"scrypt:16:1:1:" ZERO ":" ZERO ZERO ":", "scrypt:16:1:0:" ZERO ":" ZERO ZERO,
		"scrypt:16:1:1:" ZERO ":G0" ZERO "000000000000000000000000000000",
	};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		check(!passhash_ok(view_of(none[i])), "refused: '%s'", none[i]);
	buf_clear(&text);
	return tap_done();
}
