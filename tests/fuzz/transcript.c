/* transcript.c - any text as a transcript, replayed against a profile that may be
 * any text too: what stands before a line with "=" alone, or a fixed one. What the
 * device says there is also written again, and no secret may be in that. */
#include "fuzz/fuzz.h"

#include "engine/replay.h"
#include "engine/transcript.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char small[] =
	"profile small\nstart a\nhangup z\nsettle 5\nany\n prompt \"--More--\" put \" \"\n"
	"state a step 315 timeout 1\n prompt \"login: \" send \"%{user}\" -> b\n"
	"state b timeout 1 tries 3\n prompt \"pin: \" send \"%{password}\" -> c\n timeout send \"x\" -> b\n spent fail busy 2 \"spent\"\n"
	"state c\n line \"up (.*)\" fields \"\\1\" progress ready -> up\n line \"bad (.*)\" fail denied 320 \"\\1 %{seen}\"\n"
	"state up timeout never\n line \"down\" set error \"peer\" down 326\nstate z timeout 1\n enter send \"bye\"\n closed done\n timeout done\n";

static void on_call(void *arg, const struct replay_call *c)
{
	*(size_t *)arg += c->records + c->line + strlen(c->why);
}

static void on_lost(void *arg, int error)
{
	*(size_t *)arg += (size_t)error;
}

/* The bytes in pieces, and back from the records: not one less, but for secrets. */
static void written(const struct profile *p, struct view v)
{
	static struct blot b;
	static int full = -1;
	size_t sum = 0;
	struct record vars = { 0 };
	if (full < 0)
		full = open("/dev/null", O_WRONLY | O_CLOEXEC);
	blot_clear(&b);
	blot_add(&b, view_of("password"), view_of("dir"));
	blot_add(&b, view_of("secret"), (struct view){ v.p, v.n < 8 ? v.n : 8 });
	struct transcript *t = transcript_new(&(struct transcript_conf){ full, "1", p, &b, &vars, 0, on_lost, &sum });
	for (size_t i = 0, n; i < v.n; i += n) {
		n = 1 + (unsigned char)v.p[i] % 64;
		n = n < v.n - i ? n : v.n - i;
		transcript_in(t, (int64_t)i, (struct view){ v.p + i, n }, i % 3 == 0);
		if (i % 7 != 0)
			transcript_heard(t);
		if (i % 5 == 0)
			transcript_out(t, (int64_t)i, (struct view){ v.p, n });
	}
	transcript_end(t, 9, "ok", 0, "");
	transcript_free(t);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct view text = { (const char *)p, n }, first = view_of(small);
	unsigned long line;
	const char *why = NULL;
	size_t sum = 0;
	for (size_t i = 0; i + 3 <= n; i++)
		if (memcmp(p + i, "\n=\n", 3) == 0) {
			first = (struct view){ (const char *)p, i };
			text = (struct view){ (const char *)p + i + 3, n - i - 3 };
			break;
		}
	struct profile *f = profile_parse(first, &line, &why);
	if (!f)
		f = profile_parse(view_of(small), &line, &why);
	if (!f || (replay(f, text, on_call, &sum, &line, &why) != 0 && !why))
		abort();
	written(f, text);
	profile_free(f);
}
