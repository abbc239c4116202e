/* inform.c - how often a caller is answered, and what is counted. */
#include "engine/inform.h"
#include "unit/fixture.h"

#include <arpa/inet.h>

static struct fixture question;

static enum dhcp_verdict ask(struct inform *f, int64_t now, struct out *to)
{
	return inform_input(f, now, question.before, question.nbefore, to);
}

static unsigned answers(struct inform *f, int64_t from, int64_t to, int64_t every)
{
	uint64_t before = f->count[DHCP_ANSWER];
	for (int64_t now = from; now < to; now += every) {
		uint8_t b[DHCP_ANSWER_MAX];
		struct out o = out_of(b, sizeof b);
		ask(f, now, &o);
	}
	return (unsigned)(f->count[DHCP_ANSWER] - before);
}

static struct ppp_event up(void)
{
	struct ppp_event ev = { .kind = PPP_EV_IP_UP, .mtu = 1500 };
	inet_pton(AF_INET, "192.0.2.1", &ev.local);
	inet_pton(AF_INET, "192.0.2.2", &ev.peer);
	return ev;
}

static void often(void)
{
	struct inform f;
	struct ppp_event ev = up();
	inform_begin(&f, &ev, 0);
	unsigned n = answers(&f, 5000, 5001, 1) + answers(&f, 5001, 5100, 1);
	check(n == INFORM_AT_ONCE, "%u answers at once", n);
	check(f.count[DHCP_OFTEN] == 100 - n && inform_packets(&f) == 100, "the others are counted");
	n = answers(&f, 5100, 65100, 10);
	check(n >= 59 && n <= 61, "%u in a minute of questions without end", n);
	n = answers(&f, 100000, 100000 + 60000, 1000);
	check(n == 60, "who asks once a second is always answered (%u)", n);
	n = answers(&f, 3600000, 3600100, 1);
	check(n == INFORM_AT_ONCE, "after an hour's rest it is as many as before (%u)", n);
}

/* In this answer the Interface MTU stands behind the route: at byte 28 + 240 + 3 + 6 + 11. */
static unsigned mtu_told(uint16_t mru)
{
	struct inform f;
	struct ppp_event ev = up();
	uint8_t b[DHCP_ANSWER_MAX];
	struct out o = out_of(b, sizeof b);
	inform_begin(&f, &ev, mru);
	return ask(&f, 1, &o) == DHCP_ANSWER && b[288] == 26 ? (unsigned)(b[290] << 8 | b[291]) : 0;
}

static void nothing(void)
{
	struct inform f = { 0 };
	uint8_t b[DHCP_ANSWER_MAX];
	struct out o = out_of(b, sizeof b);
	check(ask(&f, 1, &o) == DHCP_OTHER && out_len(&o) == 0, "nothing is for us before it has begun");
	check(inform_packets(&f) == 0, "or counted");
}

int main(void)
{
	check(fixture_read("dhcp", "list-order.txt", &question), "there is a question");
	often();
	nothing();
	check(mtu_told(0) == 1500 && mtu_told(9000) == 1500, "the MTU that is told is PPP's own");
	check(mtu_told(576) == 576 && mtu_told(20) == 128, "or what was asked for, if it can be");
	return tap_done();
}
