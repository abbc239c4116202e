/* ppp_renew.c - another password on a link that is up by PAP: taken, refused, lost on
 * the way, and where there is none to give. The link stays up in every case. */
#include "unit/link.h"
#include "unit/tap.h"

static void up(struct link *l, unsigned method)
{
	link_init(l, "x", "x", 3);
	l->a.conf.auth = method;
	link_open(l);
	link_run(l, l->now + 1000);
	l->a.events[0] = l->c.events[0] = '\0';
}

static void renew(struct link *l, const char *secret)
{
	struct secret s;
	secret_set(&s, view_of(secret));
	ppp_renew(l->c.ppp, l->now, &s);
	link_run(l, l->now + 5000);
}

static bool passes(struct link *l)
{
	uint8_t ip[60] = { 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17 };
	unsigned before = l->a.packets;
	int rc = ppp_send(l->c.ppp, ip, sizeof ip);
	link_run(l, l->now + 10);
	return rc == 0 && l->a.packets == before + 1;
}

int main(void)
{
	struct link l;
	up(&l, PPP_PAP);
	secret_set(&l.a.secret, view_of("y"));
	renew(&l, "y");
	check_str(l.c.events, "renewed", "the caller hears that it was taken");
	check_str(l.a.events, "", "the answerer's owner was asked, and knows");
	check(l.a.agains == 1 && l.a.checks == 1 && passes(&l), "packets pass");
	renew(&l, "z");
	check_str(l.c.events, "renewed renewed", "another is refused");
	check(l.a.agains == 2 && passes(&l), "and packets pass");
	l.loss = 1000;
	renew(&l, "y");
	l.loss = 0;
	link_run(&l, l.now + 5000);
	check(l.a.agains == 3 && passes(&l), "what is lost is said again");
	link_end(&l);

	up(&l, PPP_PAP);
	l.loss = 1000;
	renew(&l, "x");
	link_run(&l, l.now + 20000);
	l.loss = 0;
	check(!ppp_is_down(l.c.ppp) || strstr(l.c.events, "echo-lost"), "silence ends no link by itself");
	link_end(&l);

	up(&l, PPP_CHAP);
	renew(&l, "y");
	check_str(l.c.events, "", "by CHAP nothing is given");
	check(passes(&l), "and packets pass");
	link_end(&l);
	return tap_done();
}
