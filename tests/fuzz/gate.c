/* gate.c - datagrams of three tunnels in any order: packets, record lines, and good permits
 * that are put into the lines where the bytes say so. Nothing goes to a tunnel but what the
 * other end of an open session sent, within its addresses; a permit that was not signed opens
 * nothing. Of every second input the workstations' end is in this process: no connection is begun to it. */
#include "base/cursor.h"
#include "engine/gate.h"
#include "fuzz/fuzz.h"
#include "wire/ip4.h"
#include "wire/permit.h"

#include <openssl/evp.h>

#include <stdlib.h>

#define WORKSTATION 0x0a320005u
#define INSIDE 0x0ad20007u
#define NOW 1790000000

static EVP_PKEY *key;
static char permit_text[4][PERMIT_TEXT_MAX + 1]; /* of two sessions, each for now and for later */
static unsigned from;                            /* who speaks */
static bool local;

static void check_packet(unsigned to, struct view v)
{
	struct ip4 ip;
	if (ip4_parse((const uint8_t *)v.p, v.n, &ip) != IP4_FINE || to == from || (to == 0) == (from == 0))
		abort();
	if ((from == 0 ? ip.source : ip.destination) != WORKSTATION || (from == 0 ? ip.destination : ip.source) != INSIDE + (from == 0 ? to : from))
		abort();
	const uint8_t *tcp = (const uint8_t *)v.p + ip.header;
	bool answer = ip.protocol == IP4_TCP ? ip.fragment || (tcp[13] & 0x12) != 2 : ip.protocol == IP4_ICMP;
	if (local && to == 0 && !answer)
		abort();
}

static void on_send(void *peer, struct view v)
{
	if (v.n == 0)
		abort();
	if ((uint8_t)v.p[0] >> 4 == 4)
		check_packet(*(unsigned *)peer, v);
}

static void on_tell(void *arg, struct record *r)
{
	(void)arg;
	if (!record_has(r, "event"))
		abort();
}

static void sign(unsigned i)
{
	struct permit p = { .sequence = 1 + i % 2, .issued = NOW, .connect_by = NOW + 10, .until = NOW + 20, .workstation = WORKSTATION,
	                    .inside = INSIDE + 1 + i / 2, .ports = { .all = i % 2 } };
	struct buf text;
	buf_init(&text, PERMIT_TEXT_MAX);
	p.ports.n = !p.ports.all;
	p.ports.range[0] = (struct ports_range){ .proto = PORTS_TCP, .way = PORTS_BOTH, .from = 22, .to = 22 };
	if (permit_set_session(&p, view_of(i / 2 ? "cd" : "ab")) || permit_set_name(&p.user, view_of("a")) ||
	    permit_set_name(&p.router, view_of("r")) || permit_set_name(&p.serial, view_of(i / 2 ? "2" : "1")) ||
	    permit_add_dial(&p, view_of("5")) || permit_sign(&p, key, &text))
		abort();
	view_str(buf_view(&text), permit_text[i], sizeof permit_text[i]);
	buf_clear(&text);
}

static void packet(uint8_t *p, size_t n, unsigned who)
{
	static const uint32_t end[2] = { WORKSTATION, INSIDE };
	if (n < 40)
		return;
	p[0] = 0x45;
	p[2] = 0;
	p[3] = (uint8_t)n;
	p[6] = p[7] = 0;
	p[9] = 6;
	for (unsigned i = 0; i < 8; i++) {
		unsigned side = i / 4 == (who != 0);
		uint32_t a = end[!side] + (side ? 0u : who ? who : 1u + p[4] % 2u);
		p[12 + i] = (uint8_t)(a >> (24 - 8 * (i % 4)));
	}
}

static void one(struct gate_peer *p, unsigned how, struct view v, int64_t now)
{
	struct buf line;
	uint8_t *copy = malloc(v.n + 1); /* one byte more, or none could be had */
	buf_init(&line, 4096);
	if (!copy || buf_adds(&line, "op=permit\tid=1\tpermit=") != 0)
		abort();
	memcpy(copy, v.p, v.n);
	if (how & 4)
		packet(copy, v.n, from);
	if (how & 8 && buf_adds(&line, permit_text[how >> 4 & 3]) == 0)
		gate_datagram(p, buf_view(&line), now, NOW + 1);
	else
		gate_datagram(p, (struct view){ (const char *)copy, v.n }, now, NOW + (how & 0x80 ? 30 : 1));
	buf_clear(&line);
	free(copy);
}

void fuzz_one(const uint8_t *in, size_t n)
{
	static unsigned name[3] = { 0, 1, 2 };
	uint8_t seed[32] = { 7 };
	struct gate_conf conf = { .key = &key, .nkeys = 1, .max = 2, .send = on_send, .tell = on_tell };
	struct who who[3] = { { .role = ROLE_LOGIN, .name = "sec" }, { .role = ROLE_PROCESSOR, .serial = "1" }, { .role = ROLE_PROCESSOR, .serial = "2" } };
	struct gate_peer *peer[3];
	struct cur c = cur_of(in, n);
	int64_t now = 1;
	local = n % 2;
	if (!key) {
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
		for (unsigned i = 0; i < 4; i++)
			sign(i);
	}
	struct gate *g = gate_new(&conf);
	for (unsigned i = 0; i < 3; i++)
		if (!g || !(peer[i] = local && i == 0 ? gate_peer_local(g, "gw", on_send, &name[i]) : gate_peer_new(g, &who[i], &name[i])))
			abort();
	while (cur_left(&c) > 1) {
		unsigned how = cur_u8(&c), size = cur_u8(&c) % 64u;
		struct cur part = cur_sub(&c, size < cur_left(&c) ? size : cur_left(&c));
		size_t left = cur_left(&part);
		from = how % 4 % 3;
		one(peer[from], how, (struct view){ (const char *)cur_bytes(&part, left), left }, now += 10);
	}
	gate_expire(g, NOW + 1);
	for (unsigned i = 0; i < 3; i++)
		gate_peer_free(peer[i]);
	gate_free(g);
}
