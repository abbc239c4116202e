/* Permits: there and back, every bit counts, what fits in 255 characters. */
#include "unit/tap.h"
#include "wire/base64url.h"
#include "wire/permit.h"

#include <openssl/evp.h>

#include <stdio.h>

#define NOW 1790000000

static EVP_PKEY *signer, *keys[2];

static const char *names(struct permit *p, const char *user, const char *router, const char *serial)
{
	const char *why = permit_set_name(&p->user, view_of(user));
	if (!why)
		why = permit_set_name(&p->router, view_of(router));
	return why ? why : permit_set_name(&p->serial, view_of(serial));
}

static struct permit sample(void)
{
	struct permit p = { .sequence = 7, .issued = NOW, .connect_by = NOW + 300, .until = NOW + 3600, .workstation = 0x0a000005 };
	const char *why = permit_set_session(&p, view_of("0123456789abcdef"));
	if (!why)
		why = names(&p, "EMEA\\alice", "router1", "000187260123");
	if (!why)
		why = permit_set_name(&p.ticket, view_of("T-1001"));
	if (!why)
		why = permit_add_dial(&p, view_of("0,16175550199"));
	check(!why && ports_parse(view_of("tcp/22,tcp/8000-8099:both,udp/161:out"), &p.ports, &why), "a permit is filled in");
	return p;
}

static void round_trip(void)
{
	struct permit p = sample(), q;
	struct buf t;
	char ports[PORTS_TEXT];
	const char *why = NULL;
	buf_init(&t, PERMIT_TEXT_MAX);
	check(!permit_sign(&p, signer, &t), "it is signed");
	check(permit_looks(buf_view(&t)), "it looks like one");
	check(permit_read(buf_view(&t), keys, 2, &q, &why) == 1, "and holds by one of two keys: %s", why ? why : "");
	check(memcmp(q.key, p.key, sizeof q.key) == 0 && q.sequence == 7 && q.workstation == 0x0a000005, "key, number, workstation");
	check(q.issued == NOW && q.connect_by == NOW + 300 && q.until == NOW + 3600, "times");
	check_str(q.session, "0123456789abcdef", "session");
	check(permit_is(&q.user, view_of("EMEA\\alice")) && !permit_is(&q.user, view_of("alice")), "user");
	check(permit_is(&q.serial, view_of("000187260123")) && permit_is(&q.router, view_of("router1")), "serial, router");
	check(permit_is(&q.ticket, view_of("T-1001")) && !permit_is(&q.ticket, view_of("T-1002")), "ticket");
	check(permit_dials(&q, view_of("0,16175550199")) && !permit_dials(&q, view_of("0,16175550198")), "what is dialed");
	ports_write(&q.ports, ports);
	check_str(ports, "tcp/22,tcp/8000-8099:both,udp/161:out", "ports");
	check(permit_read(buf_view(&t), keys, 1, &q, &why) == -1 && !q.sequence, "not by another key");
	check_str(why, "the permit is signed by an unknown key", "which is told");
	buf_clear(&t);
}

/* The service processor's address within a tunnel: another version, and nothing else of it changes. */
static void inside(void)
{
	struct permit p = sample(), q;
	struct buf with, without;
	const char *why;
	buf_init(&with, PERMIT_TEXT_MAX);
	buf_init(&without, PERMIT_TEXT_MAX);
	permit_sign(&p, signer, &without);
	p.inside = 0x0ad20007;
	check(!permit_sign(&p, signer, &with) && permit_looks(buf_view(&with)), "with an inside address it looks like one");
	check(permit_read(buf_view(&with), keys, 2, &q, &why) == 1 && q.inside == 0x0ad20007 && q.workstation == p.workstation,
	      "and has both addresses");
	check(permit_is(&q.serial, view_of("000187260123")) && permit_dials(&q, view_of("0,16175550199")), "and the rest");
	check(permit_read(buf_view(&without), keys, 2, &q, &why) == 1 && q.inside == 0, "without one it has none");
	check(with.len == without.len + 5 || with.len == without.len + 6, "which takes four bytes");
	buf_clear(&with);
	buf_clear(&without);
}

/* Of the text and of the bytes: a changed one never holds. */
static void every_bit_counts(void)
{
	struct permit p = sample(), q;
	struct buf t, b, again;
	const char *why;
	unsigned held = 0;
	buf_init(&t, PERMIT_TEXT_MAX);
	buf_init(&b, 191);
	buf_init(&again, 300);
	permit_sign(&p, signer, &t);
	base64url_take(&b, buf_view(&t));
	for (size_t i = 0; i < 8 * t.len; i++) {
		t.data[i / 8] = (char)(t.data[i / 8] ^ 1 << i % 8);
		held += permit_read(buf_view(&t), keys, 2, &q, &why) == 1;
		t.data[i / 8] = (char)(t.data[i / 8] ^ 1 << i % 8);
	}
	for (size_t i = 0; i < 8 * b.len; i++) {
		b.data[i / 8] = (char)(b.data[i / 8] ^ 1 << i % 8);
		again.len = 0;
		base64url_add(&again, buf_view(&b));
		held += permit_read(buf_view(&again), keys, 2, &q, &why) == 1;
		b.data[i / 8] = (char)(b.data[i / 8] ^ 1 << i % 8);
	}
	for (size_t n = 0; n < t.len; n++)
		held += permit_read((struct view){ t.data, n }, keys, 2, &q, &why) == 1;
	check(held == 0, "none with a bit changed or a byte cut holds (%u did)", held);
	check(permit_read(buf_view(&t), keys, 2, &q, &why) == 1, "the one that was signed still does");
	buf_clear(&t);
	buf_clear(&b);
	buf_clear(&again);
}

static size_t length(struct permit *p, const char **why)
{
	struct buf t;
	buf_init(&t, 1000);
	*why = permit_sign(p, signer, &t);
	size_t n = t.len;
	buf_clear(&t);
	return n;
}

static void limits(void)
{
	struct permit p = { .sequence = 1, .issued = NOW, .connect_by = NOW, .until = NOW, .workstation = 1 };
	char dial[8];
	const char *why;
	permit_set_session(&p, view_of("00112233445566778899aabbccddeeff"));
	check(!names(&p, "a-very-long-user@with.a.long.realm.example", "a-very-long-router", "a-very-long-serial-number"), "long names");
	check(p.user.hashed && permit_is(&p.user, view_of("a-very-long-user@with.a.long.realm.example")) &&
	      !permit_is(&p.user, view_of("a-very-long-user@with.a.long.realm.examplf")), "are hashes");
	while (p.dials < 3)
		snprintf(dial, sizeof dial, "%u", p.dials), permit_add_dial(&p, view_of(dial));
	ports_parse(view_of("none"), &p.ports, &why);
	check(length(&p, &why) == 230, "long names, three dial strings, no port: 230 characters");
	ports_parse(view_of("tcp/1,tcp/3,tcp/5,tcp/7,tcp/9,udp/1"), &p.ports, &why);
	permit_set_name(&p.ticket, view_of("7"));
	check(length(&p, &why) == PERMIT_TEXT_MAX, "six ports and a ticket more: 255 characters, the most that PAP takes");
	permit_set_name(&p.ticket, view_of("78"));
	check(length(&p, &why) == 0, "one byte more is not signed");
	check_str(why, "names, ticket, dial strings and ports together are too long for a permit", "which is told");
	while (p.dials < PERMIT_DIALS)
		permit_add_dial(&p, view_of("x"));
	check_str(permit_add_dial(&p, view_of("y")), "too many dial strings for a permit", "a ninth dial string");
}

static void refused(struct permit p, struct evp_pkey_st *key, const char *want)
{
	struct buf t;
	buf_init(&t, 300);
	check_str(permit_sign(&p, key, &t), want, "is refused");
	check(t.len == 0, "and nothing is written");
	buf_clear(&t);
}

static void unsound(void)
{
	struct permit p = sample(), q = p;
	q.until = q.connect_by - 1;
	refused(q, signer, "the permit's times do not follow each other");
	q = p;
	q.until = (time_t)1 << 32;
	refused(q, signer, "the permit's times do not follow each other");
	q = p;
	q.dials = 0;
	refused(q, signer, "the permit lets nothing be dialed");
	q = p;
	q.workstation = 0;
	refused(q, signer, "the permit lacks session, user, router, serial or workstation");
	q = p;
	q.sequence = 0;
	refused(q, signer, "the permit has no sequence number");
	refused(p, keys[1], "the key cannot sign");
	check(permit_set_session(&q, view_of("abc")) && permit_set_session(&q, view_of("ABCD")) && permit_set_session(&q, view_of("")),
	      "a session is of whole bytes in lower case");
	check(permit_set_name(&q.user, view_of("")) && permit_set_name(&q.user, view_of("a\tb")), "a name is of characters");
	check(!permit_is(&q.user, view_of("")), "and no name is nobody's");
}

static void due(void)
{
	struct permit p = sample();
	check(!permit_due(&p, NOW, NOW) && !permit_due(&p, NOW + 300, NOW + 300), "from the second it is issued to the last to connect");
	check(!permit_due(&p, NOW - 60, NOW), "also by a clock that is a minute behind");
	check_str(permit_due(&p, NOW - 61, NOW - 1), "the permit is from the future", "a second more");
	check_str(permit_due(&p, NOW + 301, NOW + 361), "the permit's time to connect is over", "a second later");
}

int main(void)
{
	uint8_t seed[32] = { 1 }, other[32] = { 2 }, raw[32];
	signer = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	ed25519_public(signer, raw);
	keys[0] = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, other, sizeof other);
	keys[1] = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, sizeof raw);
	round_trip();
	inside();
	every_bit_counts();
	limits();
	unsound();
	due();
	EVP_PKEY_free(signer);
	EVP_PKEY_free(keys[0]);
	EVP_PKEY_free(keys[1]);
	return tap_done();
}
