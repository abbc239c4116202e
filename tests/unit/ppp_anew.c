/* ppp_anew.c - a link that is up and is negotiated anew: by a program that was started
 * again on the same line, at either end; by somebody else; without end. */
#include "unit/link.h"
#include "wire/hdlc.h"
#include "unit/tap.h"

/* A fresh program at one end, nothing hung up: what the old one still had to say is lost. */
static void restart(struct link *l, struct side *s)
{
	ppp_free(s->ppp);
	s->events[0] = '\0';
	s->ppp = ppp_new(&s->conf, &side_ops, s);
	ppp_open(s->ppp, l->now);
}

static void up(struct link *l, uint32_t seed)
{
	link_init(l, "x", "x", seed);
	l->a.conf.auth = 1u << seed % 3;
	l->a.conf.deflate = l->c.conf.deflate = PPP_DEFLATE_ON;
	link_open(l);
	link_run(l, l->now + 1000);
}

static bool passes(struct link *l, struct side *from, struct side *to)
{
	uint8_t ip[60] = { 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17 };
	unsigned before = to->packets;
	int rc = ppp_send(from->ppp, ip, sizeof ip);
	link_run(l, l->now + 10);
	return rc == 0 && to->packets == before + 1;
}

static void comes_back(const char *method, uint32_t seed)
{
	struct link l;
	up(&l, seed);
	restart(&l, &l.c);
	link_run(&l, l.now + 5000);
	check_str(l.a.events, "lcp name=alice%router1 ok up anew resumed", "the caller is started again");
	check(l.a.checks == 2, "%s: it has to say again who it is", method);
	check(passes(&l, &l.a, &l.c) && passes(&l, &l.c, &l.a), "%s: packets pass as before", method);
	restart(&l, &l.a);
	l.c.events[0] = '\0';
	link_run(&l, l.now + 5000);
	check_str(l.c.events, "anew resumed", "the called side is started again");
	check(passes(&l, &l.a, &l.c) && passes(&l, &l.c, &l.a), "%s: packets pass again", method);
	link_end(&l);
}

static void others(void)
{
	struct link l;
	up(&l, 4);
	l.c.conf.name = "mallory%router1";
	restart(&l, &l.c);
	link_run(&l, l.now + 5000);
	check_str(l.a.events, "lcp name=alice%router1 ok up anew failed=another name down=refused", "another name, though the secret is right");
	check(l.a.checks == 1, "nobody is asked about it");
	link_end(&l);

	up(&l, 5);
	secret_set(&l.c.secret, view_of("y"));
	restart(&l, &l.c);
	link_run(&l, l.now + 5000);
	check_str(l.a.events, "lcp name=alice%router1 ok up anew failed down=refused", "the name, and a wrong secret");
	link_end(&l);

	up(&l, 6);
	l.c.conf.secret = NULL;
	restart(&l, &l.c);
	link_run(&l, l.now + 5000);
	check_str(l.a.events, "lcp name=alice%router1 ok up anew down=auth-method", "who does not say who it is");
	link_end(&l);

	up(&l, 7);
	inet_pton(AF_INET, "192.0.2.9", &l.a.conf.local);
	restart(&l, &l.a);
	l.c.events[0] = '\0';
	link_run(&l, l.now + 5000);
	check_str(l.c.events, "anew down=address", "another address");
	link_end(&l);
}

static void no_packets_meanwhile(void)
{
	struct link l;
	up(&l, 10);
	l.a.hold_verdict = true;
	restart(&l, &l.c);
	link_run(&l, l.now + 5000);
	check(!passes(&l, &l.a, &l.c) && errno == ENOTCONN, "before it is known who came back, no packet goes");
	check(!passes(&l, &l.c, &l.a), "and none is taken");
	ppp_verdict(l.a.ppp, l.now, true, "welcome");
	link_run(&l, l.now + 5000);
	check(passes(&l, &l.a, &l.c), "then they do");
	link_end(&l);
}

static void without_end(void)
{
	struct link l;
	unsigned n = 0;
	up(&l, 9);
	for (; n < 100 && !ppp_is_down(l.a.ppp); n++) {
		restart(&l, &l.c);
		link_run(&l, l.now + 100);
	}
	check(n == 9, "nine times in a minute is too often: %u", n);
	link_end(&l);

	up(&l, 10);
	for (n = 0; n < 40 && !ppp_is_down(l.a.ppp); n++) {
		l.a.events[0] = '\0';
		restart(&l, &l.c);
		link_run(&l, l.now + 10000);
	}
	check(n == 40, "but all day is not, now and then");
	link_end(&l);
}

static void closes(void)
{
	struct link l;
	up(&l, 11);
	l.now += 4000;
	ppp_close(l.c.ppp, l.now, PPP_CLOSED);
	unsigned ticks = 0;
	while (!ppp_is_down(l.c.ppp) && ticks < 100) { /* nobody acknowledges */
		l.now = ppp_deadline(l.c.ppp);
		ppp_tick(l.c.ppp, l.now);
		ticks++;
	}
	check(ppp_is_down(l.c.ppp) && ticks < 10, "a link that was up and closes waits for nothing else: %u ticks", ticks);
	link_end(&l);

	up(&l, 12);
	restart(&l, &l.c);
	struct buf *out = ppp_output(l.c.ppp);
	char line[512];
	size_t n = out->len;
	memcpy(line, out->data, n);
	ppp_input(l.a.ppp, l.now, line, n); /* its Configure-Request; then it goes */
	struct hdlc_tx tx = { .pfc = false };
	struct buf bye;
	buf_init(&bye, 256);
	hdlc_map(&tx.map, HDLC_ACCM_ALL);
	hdlc_encode(&bye, &tx, 0xc021, "\x05\x09\x00\x04", 4);
	ppp_input(l.a.ppp, l.now, bye.data, bye.len);
	buf_clear(&bye);
	check_str(l.a.events, "lcp name=alice%router1 ok up anew down=peer-closed", "a peer that goes in the middle of it");
	link_end(&l);
}

/* IPCP alone: the peer's request on a link that is up. */
static void addresses_only(void)
{
	struct link l;
	unsigned n = 0;
	up(&l, 13);
	for (; n < 100 && !ppp_is_down(l.a.ppp); n++) {
		struct hdlc_tx tx = { .pfc = false };
		struct buf b;
		uint8_t request[] = { 1, (uint8_t)(n + 50), 0, 10, 3, 6, 192, 0, 2, 2 };
		buf_init(&b, 256);
		hdlc_map(&tx.map, HDLC_ACCM_ALL);
		hdlc_encode(&b, &tx, 0x8021, request, sizeof request);
		ppp_input(l.a.ppp, l.now, b.data, b.len);
		buf_clear(&b);
		link_run(&l, l.now + 200);
	}
	check(n == 9, "addresses are agreed on again eight times in a minute: %u", n);
	link_end(&l);
}

static void lossy(void)
{
	unsigned back = 0;
	for (uint32_t seed = 0; seed < 100; seed++) {
		struct link l;
		up(&l, seed);
		l.loss = 1 + seed % 4;
		restart(&l, &l.c);
		link_run(&l, l.now + 60000);
		back += strstr(l.a.events, "resumed") && strstr(l.c.events, " up");
		link_end(&l);
	}
	check(back >= 99, "%u of 100 come back on lines that damage 1 to 4 bytes of 1000", back);
}

int main(void)
{
	comes_back("PAP", 0);
	comes_back("CHAP", 1);
	comes_back("MS-CHAPv2", 2);
	others();
	no_packets_meanwhile();
	without_end();
	closes();
	addresses_only();
	lossy();
	return tap_done();
}
