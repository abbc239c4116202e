/* ppp.c - two engines against each other: both methods, right and wrong, good
 * and bad lines, each way a link can end. */
#include "unit/flow.h"
#include "unit/link.h"
#include "unit/tap.h"

static const uint8_t ip_packet[40] = { 0x45, 0, 0, 40, [8] = 64, 17 };

static void expect(struct link *l, const char *what, const char *answerer, const char *caller)
{
	char title[128];
	snprintf(title, sizeof title, "%s: answerer", what);
	check_str(l->a.events, answerer, title);
	snprintf(title, sizeof title, "%s: caller", what);
	check_str(l->c.events, caller, title);
}

static void addresses(struct link *l, const char *what)
{
	char a[INET_ADDRSTRLEN], b[INET_ADDRSTRLEN], text[64];
	inet_ntop(AF_INET, &l->c.local, a, sizeof a);
	inet_ntop(AF_INET, &l->c.peer, b, sizeof b);
	snprintf(text, sizeof text, "%s %s", a, b);
	check_str(text, "192.0.2.2 192.0.2.1", what);
	check(l->a.local.s_addr == l->c.peer.s_addr && l->a.peer.s_addr == l->c.local.s_addr, "%s: both agree", what);
}

static void methods(void)
{
	static const struct { unsigned demand, allow; const char *secret, *answerer, *caller; } t[] = {
		{ PPP_CHAP, 0, "sesame", "lcp name=alice%router1 ok up", "lcp authenticating ok up" },
		{ PPP_PAP, 0, "sesame", "lcp name=alice%router1 ok up", "lcp authenticating ok up" },
		{ PPP_CHAP | PPP_PAP, PPP_PAP, "sesame", "lcp name=alice%router1 ok up", "lcp authenticating ok up" },
		{ PPP_CHAP, 0, "wrong", "lcp name=alice%router1 failed down=refused", "lcp authenticating failed down=refused" },
		{ PPP_PAP, 0, "wrong", "lcp name=alice%router1 failed down=refused", "lcp authenticating failed down=refused" },
		{ PPP_MSCHAP, 0, "sesame", "lcp name=alice%router1 ok up", "lcp authenticating ok up" },
		{ PPP_MSCHAP, 0, "wrong", "lcp name=alice%router1 failed down=refused",
		  "lcp authenticating failed=wrong name or secret down=refused" },
		{ PPP_MSCHAP | PPP_CHAP | PPP_PAP, PPP_CHAP, "sesame", "lcp name=alice%router1 ok up", "lcp authenticating ok up" },
		{ PPP_MSCHAP, PPP_CHAP | PPP_PAP, "sesame", "down=auth-method", "down=auth-method" },
		{ PPP_CHAP, PPP_PAP, "sesame", "down=auth-method", "down=auth-method" },
	};
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct link l;
		char what[64];
		snprintf(what, sizeof what, "demand %u, allow %u, %s", t[i].demand, t[i].allow, t[i].secret);
		link_init(&l, "sesame", t[i].secret, (uint32_t)i);
		l.a.conf.auth = t[i].demand;
		l.c.conf.auth = t[i].allow;
		link_open(&l);
		link_run(&l, l.now + 60000);
		expect(&l, what, t[i].answerer, t[i].caller);
		if (l.c.mtu)
			addresses(&l, what);
		link_end(&l);
	}
}

static void no_pap(void)
{
	struct link l;
	link_init(&l, "sesame", "sesame", 1);
	l.a.conf.auth = PPP_PAP;
	l.c.conf.auth = PPP_CHAP;
	link_open(&l);
	link_run(&l, l.now + 60000);
	check(l.a.checks == 0, "a caller that may not use PAP never sends its secret by PAP");
	check(strstr(l.a.events, "down=auth-method") != NULL, "and the answerer ends: %s", l.a.events);
	link_end(&l);
}

static void packets(void)
{
	struct link l;
	uint8_t big[1501] = { 0x45 };
	link_init(&l, "x", "x", 3);
	l.a.conf.mru = 296;
	l.c.conf.accm = 0xa0000;
	link_open(&l);
	check(ppp_send(l.c.ppp, ip_packet, sizeof ip_packet) == -1 && errno == ENOTCONN, "no packets before IPCP is open");
	link_run(&l, l.now + 1000);
	check(l.c.mtu == 296 && l.a.mtu == 1500, "each sends what the other can receive (%u, %u)", l.c.mtu, l.a.mtu);
	check(ppp_send(l.c.ppp, big, 297) == -1 && errno == EMSGSIZE, "not over the peer's MRU");
	check(ppp_send(l.a.ppp, big, sizeof big) == -1 && errno == EMSGSIZE, "not over 1500");
	check(ppp_send(l.a.ppp, (const uint8_t *)"\x60......................", 20) == -1 && errno == EINVAL, "only IPv4");
	for (int i = 0; i < 5; i++) {
		ppp_send(l.c.ppp, ip_packet, sizeof ip_packet);
		ppp_send(l.a.ppp, big, 1500);
	}
	link_run(&l, l.now + 1);
	check(l.a.packets == 5 && l.c.packets == 5, "packets arrive (%u, %u)", l.a.packets, l.c.packets);
	check(ppp_stats(l.c.ppp)->out_bytes == 200 && ppp_stats(l.c.ppp)->in_bytes == 7500, "and are counted");
	while (ppp_send(l.a.ppp, big, 1500) == 0)
		;
	check(errno == ENOBUFS && ppp_output(l.a.ppp)->len < PPP_OUT_HIGH + 3100, "the output is bounded");
	link_end(&l);
}

/* Headers are compressed where both ends want it; what was lost mends itself. */
static void headers(bool a, bool c)
{
	struct link l;
	struct flow f;
	uint8_t ip[1500];
	flow_init(&f, 1);
	link_init(&l, "x", "x", 4);
	l.a.conf.no_vj = a;
	l.c.conf.no_vj = c;
	link_open(&l);
	link_run(&l, l.now + 1000);
	for (int i = 0; i < 300; i++) {
		struct flow_segment s = { .seq = f.seq, .flags = 16, .data = 1 };
		f.seq++;
		f.id++;
		ppp_send(l.c.ppp, ip, flow_write(&f, &s, ip));
		if (i == 200) { /* one is damaged, the next is not understood either */
			ppp_output(l.c.ppp)->data[3] ^= 1;
		} else if (i == 250) {
			f.seq -= 50;
		}
		link_run(&l, l.now + 1);
	}
	const struct ppp_stats *n = ppp_stats(l.c.ppp);
	check(a || c ? n->line_out > n->out_bytes : n->line_out < n->out_bytes / 3, "%u bytes of packets, %u on the line",
	      (unsigned)n->out_bytes, (unsigned)n->line_out);
	check(a || c ? l.a.packets == 299 : l.a.packets == 249, "%u packets of 300", l.a.packets);
	link_end(&l);
}

/* Text in, each packet shorter by what went before it; some are damaged. */
static void deflated(bool a, bool c, unsigned loss, const char *what)
{
	struct link l;
	struct flow f;
	uint8_t ip[1500];
	unsigned sent = 0;
	flow_init(&f, 1);
	link_init(&l, "x", "x", 4);
	l.a.conf.no_vj = true; /* which a retransmission mends, and nobody does that here */
	l.a.conf.deflate = a ? PPP_DEFLATE_ON : PPP_DEFLATE_OFF;
	l.c.conf.deflate = c ? PPP_DEFLATE_ON : PPP_DEFLATE_OFF;
	link_open(&l);
	link_run(&l, l.now + 1000);
	for (unsigned i = 0; i < 400; i++) {
		struct flow_segment s = { .seq = f.seq, .flags = 16, .data = 1000 };
		f.seq += i % 40 ? 1000 : 50000;
		f.id++;
		size_t n = flow_write(&f, &s, ip);
		for (size_t j = n - 1000; j < n && i % 7 == 0; j++) /* that no compression makes shorter */
			ip[j] = (uint8_t)flow_draw(&f.seed, 256);
		sent += ppp_send(l.c.ppp, ip, n) == 0;
		if (loss && i % loss == loss - 1)
			ppp_output(l.c.ppp)->data[7] ^= 1;
		link_run(&l, l.now + 1100);
	}
	const struct ppp_stats *n = ppp_stats(l.c.ppp);
	bool small = n->line_out < n->out_bytes / 3, most = l.a.packets + (loss ? 3 * 400 / loss : 0) >= sent;
	check(small == (a && c && (!loss || loss > 16)) && most && !ppp_is_down(l.a.ppp), "%s: %u packets of %u, %u bytes for %u", what,
	      l.a.packets, sent, (unsigned)n->line_out, (unsigned)n->out_bytes);
	link_end(&l);
}

static void lossy(void)
{
	unsigned up = 0, wrong = 0;
	for (uint32_t seed = 0; seed < 300; seed++) {
		struct link l;
		link_init(&l, "x", seed % 3 ? "x" : "y", seed);
		l.loss = 1 + seed % 5;
		l.a.conf.auth = 1u << seed % 3;
		link_open(&l);
		link_run(&l, l.now + 90000);
		bool a = strstr(l.a.events, " up"), c = strstr(l.c.events, " up");
		up += a && c;
		wrong += seed % 3 == 0 && (a || c);
		if (seed % 3 && !(a && c))
			printf("# seed %u: %s | %s\n", seed, l.a.events, l.c.events);
		link_end(&l);
	}
	check(up >= 199, "%u of 200 links with the right secret come up on lines that damage 1 to 5 bytes of 1000", up);
	check(wrong == 0, "none with a wrong one");
}

static void ends(void)
{
	struct link l;
	link_init(&l, "x", "x", 5);
	link_open(&l);
	link_run(&l, l.now + 1000);
	ppp_close(l.c.ppp, l.now, PPP_CLOSED);
	link_run(&l, l.now + 10);
	expect(&l, "the caller closes", "lcp name=alice%router1 ok up down=peer-closed", "lcp authenticating ok up down=closed");
	check(ppp_deadline(l.a.ppp) == CLOCK_NEVER && ppp_deadline(l.c.ppp) == CLOCK_NEVER, "nothing to wait for");
	link_end(&l);

	link_init(&l, "x", "x", 6);
	link_open(&l);
	link_run(&l, l.now + 1000);
	ppp_line_lost(l.a.ppp, l.now);
	ppp_close(l.c.ppp, l.now, PPP_CLOSED);
	buf_consume(ppp_output(l.c.ppp), ppp_output(l.c.ppp)->len);
	link_run(&l, l.now + 5000);
	check(!ppp_is_down(l.c.ppp), "an orderly end waits for the acknowledgement");
	link_run(&l, l.now + 5000);
	expect(&l, "the line is lost", "lcp name=alice%router1 ok up down=line-lost", "lcp authenticating ok up down=closed");
	link_end(&l);
}

static void silence(void)
{
	struct link l;
	link_init(&l, "x", "x", 7);
	link_open(&l);
	for (int i = 0; i < 100 && !ppp_is_down(l.a.ppp); i++) { /* nobody carries anything */
		l.now = ppp_deadline(l.a.ppp);
		ppp_tick(l.a.ppp, l.now);
	}
	check_str(l.a.events, "down=silent", "a peer that says nothing");
	check(l.now == 1000 + 30000, "ten requests, three seconds each: %lld", (long long)l.now);
	link_end(&l);

	link_init(&l, "x", "x", 8);
	link_open(&l);
	link_run(&l, l.now + 60000);
	check(!ppp_is_down(l.a.ppp) && !ppp_is_down(l.c.ppp), "an idle link stays up by its echoes");
	for (int i = 0; i < 100 && !ppp_is_down(l.a.ppp); i++) {
		l.now = ppp_deadline(l.a.ppp);
		ppp_tick(l.a.ppp, l.now);
	}
	check_str(l.a.events, "lcp name=alice%router1 ok up down=echo-lost", "a peer that falls silent");
	check(l.now > 61000 + 20000 && l.now <= 61000 + 30000, "is noticed within three intervals: %lld ms", (long long)l.now - 61000);
	link_end(&l);

	link_init(&l, "x", "x", 8);
	l.a.conf.speed = 9600;
	l.a.conf.echo = 1000;
	link_open(&l);
	link_run(&l, l.now + 60000);
	for (int i = 0; i < 100 && !ppp_is_down(l.a.ppp); i++) {
		l.now = ppp_deadline(l.a.ppp);
		ppp_tick(l.a.ppp, l.now);
	}
	check(l.now > 61000 + 2 * 4125 && l.now <= 61000 + 3 * 4125, "which are as long as a packet takes, too: %lld ms", (long long)l.now - 61000);
	link_end(&l);
}

static void loop(void)
{
	struct link l;
	link_init(&l, "x", "x", 9);
	link_open(&l);
	for (int i = 0; i < 100 && !ppp_is_down(l.a.ppp); i++) {
		char line[4096];
		struct buf *b = ppp_output(l.a.ppp);
		size_t n = b->len < sizeof line ? b->len : sizeof line;
		if (n)
			memcpy(line, b->data, n);
		buf_consume(b, n);
		ppp_input(l.a.ppp, l.now, line, n);
	}
	check_str(l.a.events, "down=looped", "a line that echoes");
	link_end(&l);
}

static void late_verdict(void)
{
	struct link l;
	link_init(&l, "x", "x", 10);
	l.a.hold_verdict = true;
	link_open(&l);
	link_run(&l, l.now + 20000);
	check_str(l.a.events, "lcp name=alice%router1", "the link waits for the verdict");
	check(l.a.checks == 1, "asked once, however often the peer repeats itself");
	ppp_verdict(l.a.ppp, l.now, true, "welcome");
	ppp_verdict(l.a.ppp, l.now, false, NULL);
	link_run(&l, l.now + 1000);
	expect(&l, "a late verdict", "lcp name=alice%router1 ok=welcome up", "lcp authenticating ok=welcome up");
	link_end(&l);
}

int main(void)
{
	methods();
	no_pap();
	packets();
	headers(false, false);
	headers(true, false);
	headers(false, true);
	deflated(true, true, 0, "deflate");
	deflated(true, false, 0, "the caller wants none");
	deflated(false, true, 0, "the answerer wants none");
	deflated(true, true, 40, "one of 40 damaged");
	deflated(true, true, 5, "one of 5 damaged: given up");
	lossy();
	ends();
	silence();
	loop();
	late_verdict();
	return tap_done();
}
