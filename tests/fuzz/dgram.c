/* dgram.c - fuzz target: what is ours of datagrams. Is it a ClientHello, and is it as that
 * says; is it one question; and lines of it as questions of three parties, which are kept,
 * found again and dropped within their bounds, with answers that fit. */
#include "engine/reply.h"
#include "fuzz/fuzz.h"
#include "sys/dtls.h"

#include <stdlib.h>

static struct replies all;
static int64_t now = 1;

static void need(bool ok)
{
	if (!ok)
		abort();
}

static void hello(struct view v)
{
	uint8_t random[DTLS_RANDOM], again[DTLS_RANDOM];
	if (!dtls_hello(v, random))
		return;
	need(v.n >= 25 + 2 + DTLS_RANDOM && v.p[0] == 22 && v.p[13] == 1);
	need(dtls_hello((struct view){ v.p, 25 + 2 + DTLS_RANDOM }, again) && memcmp(random, again, DTLS_RANDOM) == 0);
	need(!dtls_hello((struct view){ v.p, 25 + 2 + DTLS_RANDOM - 1 }, again));
}

/* Two sound ones are one; one that lacks its last byte is none. */
static void sound(struct view v)
{
	char twice[8192];
	if (!dtls_sound(v) || 2 * v.n > sizeof twice)
		return;
	memcpy(twice, v.p, v.n);
	memcpy(twice + v.n, v.p, v.n);
	need(v.n >= 13 && dtls_sound((struct view){ twice, 2 * v.n }));
	need(!dtls_sound((struct view){ twice, 2 * v.n - 1 }));
}

static void bounds(const char *party)
{
	unsigned n = 0, own = 0;
	for (const struct reply *r = all.first; r; r = r->next) {
		n++;
		own += strcmp(r->party, party) == 0;
		need(r->text.len <= REPLY_MAX && (!r->large || r->text.len == 0));
	}
	need(n == all.n && n <= REPLIES_MAX && own <= REPLIES_OF_ONE);
}

static void ask(const char *party, struct view line, unsigned kind)
{
	static int at;
	struct record q = { 0 };
	const char *why = NULL;
	int rc = reply_question(&q, line, &why);
	const char *id = rc == 1 ? record_str(&q, "id") : NULL;
	need(rc == 1 || why);
	if (id && *id && strlen(id) < REPLY_ID && !reply_find(&all, party, line, now)) {
		struct reply *r = reply_new(&all, party, id, line, now);
		bounds(party);
		if (r) {
			r->at = kind % 3 ? NULL : &at;
			reply_add(r, &q);
			reply_add(r, &q);
			need(reply_find(&all, party, line, now) == r && all.first == r);
			need(!r->at || reply_under_way(&all, &at, view_of(id)));
			need(r->at || !reply_find(&all, party, line, now + REPLY_KEEP_MS + 1));
		}
	}
	bounds(party);
	record_clear(&q);
	now += kind * 10;
}

void fuzz_one(const uint8_t *p, size_t n)
{
	static const char *const party[] = { "a", "b", "0123456789abcdef0123456789abcdef" };
	union { const uint8_t *u; const char *c; } text = { p };
	struct view rest = { text.c, n }, line;
	hello(rest);
	sound(rest);
	ask(party[0], rest, 1);
	for (unsigned i = 0; view_split(&rest, '\n', &line); i++)
		ask(party[line.n % 3], line, i);
	while (all.n > 900) { /* those under way end, too */
		all.first->at = NULL;
		reply_drop(&all, all.first);
	}
}
