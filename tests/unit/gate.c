/* gate.c - unit tests of lib/engine/gate.h: which tunnels a session has, and when it ends. */
#include "engine/gate.h"
#include "unit/tap.h"
#include "wire/inner.h"
#include "wire/permit.h"

#include <openssl/evp.h>

#include <stdlib.h>

#define WS 0x0a320005u
#define SP 0x0ad20007u
#define NOW 1790000000

static EVP_PKEY *key;
static char heard[2][1024], told[4096]; /* what the server's end, the processor's, and the log were told last; all that was told */
static unsigned packets[2];

static void on_send(void *peer, struct view v)
{
	int who = *(int *)peer;
	if (v.n && v.p[0] == 0x45)
		packets[who]++;
	else
		view_str((struct view){ v.p, v.n - 1 }, heard[who], sizeof heard[who]);
}

static void on_tell(void *arg, struct record *r)
{
	const char *why = record_str(r, "detail");
	size_t n = strlen(told);
	(void)arg;
	snprintf(told + n, sizeof told - n, "%s%s%s ", record_str(r, "event"), why ? ":" : "", why ? why : "");
}

static struct gate *gate_of(unsigned max)
{
	struct gate_conf c = { .key = &key, .nkeys = 1, .max = max, .send = on_send, .tell = on_tell };
	memset(heard, 0, sizeof heard);
	memset(packets, 0, sizeof packets);
	told[0] = 0;
	return gate_new(&c);
}

static struct gate_peer *peer(struct gate *g, enum role role, const char *name, int *arg)
{
	struct who w = { .role = role };
	snprintf(role == ROLE_PROCESSOR ? w.serial : w.name, WHO_NAME_MAX, "%s", name);
	return gate_peer_new(g, &w, arg);
}

struct made { /* of a permit; what is 0 is as usual */
	const char *session, *serial, *ports;
	uint32_t inside, sequence;
	int until, issued;
};

static void show(struct gate_peer *p, struct made m)
{
	struct permit t = { .sequence = m.sequence ? m.sequence : 1, .issued = NOW + m.issued, .workstation = WS,
	                    .inside = m.inside == 1 ? 0 : m.inside ? m.inside : SP };
	struct buf text, line;
	struct record r = { 0 };
	const char *why = permit_set_session(&t, view_of(m.session ? m.session : "ab"));
	t.connect_by = t.until = NOW + (m.until ? m.until : 100);
	if (!why)
		why = permit_set_name(&t.user, view_of("alice"));
	if (!why)
		why = permit_set_name(&t.router, view_of("router1"));
	if (!why)
		why = permit_set_name(&t.serial, view_of(m.serial ? m.serial : "4711"));
	if (!why)
		why = permit_add_dial(&t, view_of("555"));
	buf_init(&text, 1024);
	buf_init(&line, 4096);
	if (!why && ports_parse(view_of(m.ports ? m.ports : "tcp/22"), &t.ports, &why))
		why = permit_sign(&t, key, &text);
	if (why || record_set(&r, "op", "permit") || record_setv(&r, view_of("permit"), buf_view(&text)) || record_set(&r, "id", "7") ||
	    record_write(&r, &line))
		abort();
	gate_datagram(p, buf_view(&line), 1, NOW);
	record_clear(&r);
	buf_clear(&line);
	buf_clear(&text);
}

static void packet(struct gate_peer *p, uint32_t from, uint32_t to, unsigned sport, unsigned dport)
{
	uint8_t b[40] = { 0x45, 0, 0, 40 };
	b[9] = 6;
	for (unsigned i = 0; i < 4; i++) {
		b[12 + i] = (uint8_t)(from >> (24 - 8 * i));
		b[16 + i] = (uint8_t)(to >> (24 - 8 * i));
	}
	b[20] = (uint8_t)(sport >> 8), b[21] = (uint8_t)sport;
	b[22] = (uint8_t)(dport >> 8), b[23] = (uint8_t)dport;
	b[33] = 16;
	gate_datagram(p, (struct view){ (const char *)b, sizeof b }, 1, NOW);
}

static int in = 0, out = 1; /* the two ends' args */

static void whole(void)
{
	struct gate *g = gate_of(10);
	struct gate_peer *server = peer(g, ROLE_LOGIN, "sec", &in), *sp = peer(g, ROLE_PROCESSOR, "4711", &out);
	show(sp, (struct made){ .sequence = 1 });
	check_str(heard[1], "id=7\tdone=1\tsession=ab\tworkstation=10.50.0.5\tinside=10.210.0.7\tports=tcp/22\tuntil=2026-09-21T14:15:00Z",
	          "the service processor shows its permit");
	packet(sp, SP, WS, 22, 5000);
	check(packets[0] == 0 && gate_sessions(g) == 0, "nothing goes while the other end is not there");
	show(server, (struct made){ .sequence = 1 });
	check_str(heard[1], "session=ab\tstate=open", "with both it is open");
	check(gate_sessions(g) == 1, "and counted");
	packet(server, WS, SP, 5000, 22);
	packet(sp, SP, WS, 22, 5000);
	check(packets[1] == 1 && packets[0] == 1, "packets go both ways");
	packet(server, WS, SP, 5000, 23);
	packet(server, WS + 1, SP, 5000, 22);
	packet(sp, SP + 1, WS, 22, 5000);
	packet(server, WS, SP + 1, 5000, 22);
	check(packets[1] == 1 && packets[0] == 1, "of other ports and addresses not");
	check(gate_counts(g, view_of("ab"))->packets[INNER_IN][INNER_PORT] == 1, "which is counted");
	check(gate_counts(g, view_of("cd")) == NULL, "of a session that is there");
	show(server, (struct made){ .sequence = 2, .ports = "tcp/23", .until = 200 });
	packet(server, WS, SP, 5000, 22);
	packet(server, WS, SP, 5000, 23);
	check(packets[1] == 2, "a later permit opens what it says, and no more");
	show(sp, (struct made){ .sequence = 1 });
	packet(server, WS, SP, 5000, 22);
	check(packets[1] == 2, "an earlier one changes nothing");
	check(gate_expire(g, NOW + 199) == NOW + 200 && gate_expire(g, NOW + 200) == 0, "it ends when the later permit does");
	check_str(heard[0], "session=ab\tstate=ended\treason=permit-ended", "both hear why");
	packet(server, WS, SP, 5000, 23);
	check(packets[1] == 2 && gate_sessions(g) == 0, "and nothing goes any more");
	check_str(told, "open renewed renewed ended:permit-ended ", "the log has it all");
	gate_peer_free(server);
	gate_peer_free(sp);
	gate_free(g);
}

static void refused(void)
{
	static const struct { struct made m; const char *why; } bad[] = {
		{ { .serial = "4712" }, "the permit is for another system" },
		{ { .inside = 1 }, "the permit has no inside address" },
		{ { .until = -1, .issued = -50 }, "the permit has ended" },
		{ { .issued = 70 }, "the permit is from the future" },
	};
	struct gate *g = gate_of(1);
	struct gate_peer *sp = peer(g, ROLE_PROCESSOR, "4711", &out), *server = peer(g, ROLE_LOGIN, "sec", &in);
	char want[200];
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		show(sp, bad[i].m);
		snprintf(want, sizeof want, "id=7\terror=denied\tdetail=%s", bad[i].why);
		check_str(heard[1], want, bad[i].why);
	}
	show(sp, (struct made){ .session = "ab" });
	show(server, (struct made){ .session = "cd" });
	check_str(heard[0], "id=7\terror=denied\tdetail=the inside address is another session's", "an inside address is one session's");
	show(server, (struct made){ .session = "cd", .inside = SP + 1 });
	check_str(heard[0], "id=7\terror=denied\tdetail=there are too many sessions", "there are only so many");
	check(!peer(g, ROLE_USER, "alice", &in) && !peer(g, ROLE_ROUTER, "r", &in), "a user and a router have no tunnel");
	heard[0][0] = 0;
	gate_datagram(server, view_of("op=permit\tpermit=x\n"), 1, NOW);
	gate_datagram(server, view_of("nonsense"), 1, NOW);
	gate_datagram(server, (struct view){ "", 0 }, 1, NOW);
	gate_datagram(server, (struct view){ "\x45", 1 }, 1, NOW);
	check_str(heard[0], "", "no answer to what is no question");
	gate_datagram(server, view_of("op=permit\tid=1\tpermit=x\n"), 1, NOW);
	check_str(heard[0], "id=1\terror=denied\tdetail=not a permit", "what is no permit");
	gate_peer_free(sp);
	gate_peer_free(server);
	gate_free(g);
}

static void ends(void)
{
	struct gate *g = gate_of(10);
	struct gate_peer *server = peer(g, ROLE_LOGIN, "sec", &in), *other = peer(g, ROLE_LOGIN, "sec2", &in),
	                 *sp = peer(g, ROLE_PROCESSOR, "4711", &out), *again;
	show(server, (struct made){ .sequence = 1 });
	show(sp, (struct made){ .sequence = 1 });
	show(other, (struct made){ .sequence = 1 });
	check_str(heard[0], "id=7\terror=denied\tdetail=the session has another end there", "another security server's permit");
	again = peer(g, ROLE_PROCESSOR, "4711", &out);
	show(again, (struct made){ .sequence = 1 });
	gate_peer_free(sp);
	check(gate_sessions(g) == 1, "a tunnel of the same system takes over; then the old one may go");
	heard[1][0] = 0;
	gate_peer_free(again);
	check_str(heard[0], "session=ab\tstate=ended\treason=tunnel-down", "a tunnel that is down ends the session");
	check_str(heard[1], "", "and itself hears nothing");
	check(gate_sessions(g) == 0, "it is gone");
	gate_peer_free(server);
	gate_peer_free(other);
	gate_free(g);
}

static unsigned local_packets;
static char local_heard[1024];

static void on_local(void *arg, struct view v)
{
	(void)arg;
	if (v.n && v.p[0] == 0x45)
		local_packets++;
	else
		view_str((struct view){ v.p, v.n - 1 }, local_heard, sizeof local_heard);
}

static void here(void)
{
	struct gate *g = gate_of(10);
	struct gate_peer *ws = gate_peer_local(g, "gw", on_local, NULL), *sp = peer(g, ROLE_PROCESSOR, "4711", &out),
	                 *server = peer(g, ROLE_LOGIN, "gw", &in);
	local_packets = 0;
	show(sp, (struct made){ .ports = "" });
	packet(sp, SP, WS, 40000, 90);
	show(ws, (struct made){ .ports = "" });
	check_str(local_heard, "session=ab\tstate=open", "an end in this process is one, too");
	packet(sp, SP, WS, 40000, 90);
	check(local_packets == 0, "the other begins nothing there, with a permit for all");
	packet(ws, WS, SP, 5000, 22);
	packet(sp, SP, WS, 22, 5000);
	check(packets[1] == 1 && local_packets == 1, "it begins, and is answered");
	show(sp, (struct made){ .sequence = 2, .ports = "tcp/22,tcp/90:out" });
	packet(sp, SP, WS, 40001, 90);
	packet(ws, WS, SP, 5000, 23);
	packet(ws, WS, SP, 5000, 22);
	check(packets[1] == 2 && local_packets == 1, "so it is with a later permit");
	show(server, (struct made){ .sequence = 2, .ports = "tcp/22,tcp/90:out" });
	check_str(heard[0], "id=7\terror=denied\tdetail=the session has another end there", "one of that name that is elsewhere is another");
	gate_peer_free(ws);
	check_str(heard[1], "session=ab\tstate=ended\treason=tunnel-down", "with it the session ends");
	gate_peer_free(sp);
	gate_peer_free(server);
	gate_free(g);
}

int main(void)
{
	uint8_t seed[32] = { 7 };
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	whole();
	refused();
	ends();
	here();
	EVP_PKEY_free(key);
	return tap_done();
}
