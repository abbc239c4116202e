/* ppp_hostile.c - a peer that means harm: it answers what it likes, as much and
 * as long as it likes. Whatever it does, the link ends in bounded time, its
 * output is bounded, and nobody is in who did not prove who he is. */
#include "unit/link.h"
#include "unit/tap.h"
#include "wire/hdlc.h"

#include <stdlib.h>

struct peer {
	struct side s;
	int64_t now;
	struct buf line; /* what it says next */
	uint64_t said;   /* by the link, in bytes */
	size_t high;     /* the most that ever waited */
};

static void peer_init(struct peer *p, enum ppp_role role)
{
	memset(p, 0, sizeof *p);
	p->now = 1000;
	buf_init(&p->line, 1 << 20);
	side_init(&p->s, role, "secret", 1);
	p->s.ppp = ppp_new(&p->s.conf, &side_ops, &p->s);
	ppp_open(p->s.ppp, p->now);
}

static void peer_end(struct peer *p)
{
	ppp_free(p->s.ppp);
	buf_clear(&p->line);
}

static void say(struct peer *p, uint16_t protocol, const void *packet, size_t n)
{
	struct hdlc_tx tx = { .pfc = false };
	hdlc_map(&tx.map, HDLC_ACCM_ALL);
	hdlc_encode(&p->line, &tx, protocol, packet, n);
}

/* Everything that was said arrives. */
static void deliver(struct peer *p)
{
	ppp_input(p->s.ppp, p->now, p->line.data, p->line.len);
	size_t waits = ppp_output(p->s.ppp)->len;
	p->high = waits > p->high ? waits : p->high;
	p->line.len = 0;
}

/* Each Configure-Request of the link's is answered with `code`. Returns their number. */
static unsigned answer(struct peer *p, uint8_t code)
{
	struct buf *b = ppp_output(p->s.ppp);
	struct cur in = cur_of(b->data, b->len);
	struct hdlc_rx rx;
	struct hdlc_frame f;
	const char *why;
	unsigned n = 0;
	hdlc_rx_init(&rx);
	for (int rc; (rc = hdlc_next(&rx, &in, &f, &why)) != 0;) {
		uint8_t packet[HDLC_INFO_MAX];
		if (rc < 0 || f.n < 4 || f.p[0] != 1)
			continue;
		memcpy(packet, f.p, f.n);
		packet[0] = code;
		say(p, f.protocol, packet, f.n);
		n++;
	}
	p->said += b->len;
	b->len = 0;
	return n;
}

static void lcp_up(struct peer *p)
{
	say(p, 0xc021, "\x01\x01\x00\x04", 4);
	answer(p, 2);
	deliver(p);
}

static void naks_forever(void)
{
	static const struct { uint8_t code; const char *what; } t[] = { { 3, "Naks" }, { 4, "Rejects" } };
	for (size_t i = 0; i < 2; i++) {
		struct peer p;
		unsigned n = 0;
		peer_init(&p, PPP_CALLER);
		for (int round = 0; round < 1000 && !ppp_is_down(p.s.ppp); round++) {
			n += answer(&p, t[i].code);
			if (!p.line.len && ppp_deadline(p.s.ppp) != CLOCK_NEVER)
				ppp_tick(p.s.ppp, p.now = ppp_deadline(p.s.ppp));
			deliver(&p);
		}
		check(ppp_is_down(p.s.ppp), "%s without end: %s, after %u requests", t[i].what, p.s.events, n);
		check(n < 100 && p.now < 60000, "bounded in number and time");
		peer_end(&p);
	}
}

static void requests_forever(void)
{
	struct peer p;
	unsigned naks = 0;
	peer_init(&p, PPP_CALLER);
	for (int i = 0; i < 10000 && !ppp_is_down(p.s.ppp); i++) {
		uint8_t request[8] = { 1, (uint8_t)i, 0, 8, 3, 4, 0xc2, 0x27 }; /* EAP or nothing */
		struct buf *b = ppp_output(p.s.ppp);
		b->len = 0;
		say(&p, 0xc021, request, sizeof request);
		deliver(&p);
		struct cur in = cur_of(b->data, b->len);
		struct hdlc_rx rx;
		struct hdlc_frame f;
		const char *why;
		hdlc_rx_init(&rx);
		naks += hdlc_next(&rx, &in, &f, &why) == 1 && f.n && f.p[0] == 3;
	}
	check(naks == 5, "the same request for ever is Nakked Max-Failure times (%u), then rejected", naks);
	for (int i = 0; i < 20 && !ppp_is_down(p.s.ppp); i++)
		ppp_tick(p.s.ppp, p.now = ppp_deadline(p.s.ppp));
	check_str(p.s.events, "down=silent", "and who never answers ours is hung up on");
	peer_end(&p);
}

static void many_options(void)
{
	static uint8_t big[20004] = { 1, 9, 20004 >> 8, 20004 & 0xff };
	struct peer p;
	peer_init(&p, PPP_ANSWERER);
	for (size_t i = 4; i < sizeof big; i += 2) {
		big[i] = 200;
		big[i + 1] = 2;
	}
	buf_add(&p.line, "~", 1); /* 10000 options: a frame over what anybody may send */
	buf_add(&p.line, big, sizeof big);
	buf_add(&p.line, "~", 1);
	ppp_output(p.s.ppp)->len = 0;
	deliver(&p);
	check(ppp_output(p.s.ppp)->len == 0 && ppp_stats(p.s.ppp)->bad_frames == 1, "10000 options: one bad frame");
	big[2] = 1500 >> 8;
	big[3] = 1500 & 0xff;
	say(&p, 0xc021, big, 1500);
	deliver(&p);
	check(ppp_output(p.s.ppp)->len > 1500, "748 options in a frame are all rejected");
	peer_end(&p);
}

static void floods(void)
{
	static const struct { uint16_t protocol; const char *packet; size_t n; const char *what; } t[] = {
		{ 0xc021, "\x09\x01\x05\xdc\xca\xfe\xca\xfe", 1500, "Echo-Requests of 1500 bytes" },
		{ 0xc021, "\x63\x01\x05\xdc", 1500, "unknown codes" },
		{ 0x80fd, "\x01\x01\x00\x04", 1500, "unknown protocols" },
		{ 0xc223, "\x02\x00\x00\x15\x10" "0123456789abcdef", 21, "CHAP Responses" },
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		uint8_t packet[1500] = { 0 };
		struct peer p;
		peer_init(&p, PPP_ANSWERER);
		p.s.hold_verdict = true;
		lcp_up(&p);
		memcpy(packet, t[i].packet, t[i].n < 21 ? t[i].n : i == 3 ? 21 : i == 0 ? 8 : 4);
		for (int n = 0; n < 2000; n++) { /* nobody takes what we answer */
			packet[1] = (uint8_t)n;
			say(&p, t[i].protocol, packet, t[i].n);
			deliver(&p);
		}
		check(p.high <= 65536 && !ppp_is_down(p.s.ppp), "2000 %s: at most %zu bytes wait", t[i].what, p.high);
		check(p.s.checks <= 1, "and at most one question is asked");
		peer_end(&p);
	}
}

/* IPCP and packets before the verdict, verdicts that the peer gives itself. */
static void around_authentication(void)
{
	static const uint8_t ip[20] = { 0x45 };
	struct peer p;
	peer_init(&p, PPP_ANSWERER);
	lcp_up(&p);
	check_str(p.s.events, "lcp", "LCP is open");
	for (int id = 0; id < 256; id++) {
		uint8_t success[4] = { 3, (uint8_t)id, 0, 4 }, ack[5] = { 2, (uint8_t)id, 0, 5, 0 };
		say(&p, 0xc223, success, 4);
		say(&p, 0xc023, ack, 5);
	}
	say(&p, 0x8021, "\x01\x01\x00\x0a\x03\x06\xc0\x00\x02\x02", 10);
	say(&p, 0x8021, "\x02\x01\x00\x0a\x03\x06\xc0\x00\x02\x01", 10);
	say(&p, 0x0021, ip, sizeof ip);
	deliver(&p);
	check(!strstr(p.s.events, "ok") && p.s.packets == 0 && p.s.mtu == 0, "nobody comes in that way: %s", p.s.events);
	peer_end(&p);

	peer_init(&p, PPP_CALLER); /* a caller that is asked by a method that was not agreed on */
	say(&p, 0xc021, "\x01\x01\x00\x09\x03\x05\xc2\x23\x05", 9);
	answer(&p, 2);
	deliver(&p);
	ppp_output(p.s.ppp)->len = 0;
	say(&p, 0xc023, "\x02\x01\x00\x05\x00", 5);
	deliver(&p);
	check(!strstr(p.s.events, "ok"), "a PAP Ack is nothing where CHAP was agreed on");
	say(&p, 0xc223, "\x03\x01\x00\x04", 4);
	deliver(&p);
	check(!strstr(p.s.events, "ok"), "nor is a CHAP Success without a Challenge");
	peer_end(&p);
}

/* It goes on with IPCP and packets as if nobody had asked who it is. */
static void skips_authentication(void)
{
	static const uint8_t ip[20] = { 0x45 };
	struct peer p;
	peer_init(&p, PPP_ANSWERER);
	lcp_up(&p);
	for (int i = 0; i < 10; i++) {
		say(&p, i % 2 ? 0x0021 : 0x8021, i % 2 ? (const char *)ip : "\x01\x01\x00\x0a\x03\x06\xc0\x00\x02\x02", i % 2 ? sizeof ip : 10);
		deliver(&p);
	}
	check_str(p.s.events, "lcp", "ten packets that come too early are dropped");
	check(ppp_stats(p.s.ppp)->dropped == 10, "and counted");
	ppp_output(p.s.ppp)->len = 0;
	say(&p, 0x0021, ip, sizeof ip);
	deliver(&p);
	say(&p, 0xc021, "\x06\x01\x00\x04", 4); /* Terminate-Ack, of whatever was asked */
	deliver(&p);
	for (int i = 0; i < 5 && !ppp_is_down(p.s.ppp); i++)
		ppp_tick(p.s.ppp, p.now = ppp_deadline(p.s.ppp));
	check_str(p.s.events, "lcp down=auth-method", "one more, and it is hung up on for that");
	check(p.s.packets == 0 && p.now < 12000, "nothing got through, and soon: %lld", (long long)p.now);
	peer_end(&p);
}

static void reborn(void)
{
	struct link l;
	link_init(&l, "x", "x", 11);
	link_open(&l);
	link_run(&l, l.now + 1000);
	struct peer p = { .s = l.a, .now = l.now };
	buf_init(&p.line, 4096);
	say(&p, 0xc021, "\x01\x77\x00\x04", 4);
	ppp_input(l.a.ppp, l.now, p.line.data, p.line.len);
	buf_clear(&p.line);
	for (int i = 0; i < 40 && !ppp_is_down(l.a.ppp); i++)
		ppp_tick(l.a.ppp, l.now = ppp_deadline(l.a.ppp));
	check_str(l.a.events, "lcp name=alice%router1 ok up anew down=echo-lost", "a peer that begins LCP anew and then says nothing");
	check(l.now <= 2000 + 30000, "is noticed like any other that is dead: %lld", (long long)l.now);
	link_end(&l);
}

int main(void)
{
	naks_forever();
	requests_forever();
	many_options();
	floods();
	around_authentication();
	skips_authentication();
	reborn();
	return tap_done();
}
