/* What an Access-Challenge asks for. */
#include "unit/tap.h"
#include "wire/radius_challenge.h"

#define ATTRS(text) ((struct view){ text, sizeof text - 1 })

static struct record r;

static int take(struct view attrs, const char **why)
{
	record_clear(&r);
	return radius_challenge(&r, attrs, why);
}

static const char *get(const char *key)
{
	const char *v = record_str(&r, key);
	return v ? v : "none";
}

static void whole(void)
{
	const char *why;
	check(take(ATTRS("\x12\x06""Code" "\x18\x05\x00\xff\x41" "\x12\x04: " "\x4c\x06\0\0\0\1"), &why) == 1, "a challenge");
	check_str(get("decision"), "challenge", "which is said");
	check_str(get("prompt"), "Code: ", "Reply-Messages are joined in their order");
	check_str(get("state"), "00ff41", "State as digits");
	check_str(get("echo"), "yes", "Prompt = Echo");
	check(take(ATTRS("\x4c\x06\0\0\0\0"), &why) == 1, "nothing but Prompt = No-Echo");
	check_str(get("echo"), "none", "is not echoed");
	check_str(get("state"), "", "no State");
	check_str(get("prompt"), "", "no prompt");
	check(take(ATTRS(""), &why) == 1, "nothing at all");
	check_str(get("echo"), "none", "is not echoed either");
	check(take(ATTRS("\x12\x0a\x1b]2;x\x07\0\x80"), &why) == 1, "a prompt that would move the cursor");
	check_str(get("prompt"), "?]2;x???", "is tamed");
}

static void refused(void)
{
	static const struct { struct view attrs; const char *why; } row[] = {
		{ { "\x18\x03\x01\x18\x03\x02", 6 }, "its State is none" },
		{ { "\x18\x02", 2 }, "its State is none" },
		{ { "\x4c\x03\x01", 3 }, "its Prompt is none" },
		{ { "\x4c\x06\0\0\0\1\x4c\x06\0\0\0\1", 12 }, "its Prompt is none" },
		{ { "\x12\x06""ab", 4 }, "its attributes are malformed" },
	};
	static char many[5 * 255];
	const char *why;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		check(take(row[i].attrs, &why) == -1, "refused");
		check_str(why, row[i].why, "why");
		check(!record_has(&r, "decision"), "and nothing is decided");
	}
	for (size_t i = 0; i < sizeof many; i += 255) {
		many[i] = 18;
		many[i + 1] = (char)255;
	}
	check(take((struct view){ many, sizeof many }, &why) == -1, "five long Reply-Messages");
	check_str(why, "its prompt is too long", "are too long");
}

int main(void)
{
	whole();
	refused();
	record_clear(&r);
	return tap_done();
}
