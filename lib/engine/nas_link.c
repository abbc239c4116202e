/* nas_link.c - what flows in a call: PPP over the line, packets between the link
 * and the TUN device (pppio.h) with the alias in between. Packets pass only
 * between the workstation, or gateways in its place, and the alias (wire/nat.h); the rest is dropped and
 * counted. Device and route are the kernel's only as long as this process has the
 * descriptor. */
#include "engine/nas_call_impl.h"

#include "sys/route.h"
#include "wire/ip4.h"
#include "wire/sum.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define AGAIN_LOGGED 16 /* events of a link that is negotiated again and again */

static bool device(struct nas_call *c, unsigned mtu, const char **why)
{
	int nl = route_open();
	bool ok = nl >= 0 && tun_open(&c->tun, "sp%d", why) == 0;
	if (ok) {
		*why = "unable to set the device up";
		ok = tun_mtu(&c->tun, mtu) == 0 && tun_up(&c->tun) == 0;
	}
	if (ok) {
		*why = "unable to add the alias's route";
		ok = route_add(nl, &(struct route){ .dst = c->c.alias, .bits = 32, .ifindex = c->tun.index, .table = ROUTE_TABLE_MAIN }) == 0;
	}
	if (nl >= 0)
		close(nl);
	return ok;
}

static void ip_up(struct nas_call *c, const struct ppp_event *ev)
{
	char text[INET_ADDRSTRLEN];
	const char *why = "unable to open a netlink socket";
	inet_ntop(AF_INET, &ev->peer, text, sizeof text);
	nas_call_note(c, 335, "address", text);
	nat_init(&c->nat, c->c.ngateways ? c->c.gateway[0] : ntohl(c->c.workstation.s_addr), ntohl(c->c.alias.s_addr), ntohl(ev->peer.s_addr));
	if (device(c, ev->mtu, &why)) {
		pppio_tun(&c->io, c->tun.fd);
		loop_cancel(c->loop, &c->late);
		nas_call_tell(c, CALL_UP);
		return;
	}
	snprintf(c->message, sizeof c->message, "%s: %s", why, strerror(errno));
	c->closing = REASON_NAS_ERROR;
	ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
}

static void keep_message(struct nas_call *c, struct view v)
{
	size_t n = v.n < sizeof c->message - 1 ? v.n : sizeof c->message - 1;
	for (size_t i = 0; i < n; i++)
		c->message[i] = (unsigned char)v.p[i] < ' ' || (unsigned char)v.p[i] > '~' ? ' ' : v.p[i];
	c->message[n] = '\0';
}

/* Not each time: the called side must not fill our log. */
static void note_again(struct nas_call *c, const char *event)
{
	if (++c->again <= AGAIN_LOGGED)
		nas_call_note(c, 326, event, NULL);
}

static void on_ppp(void *arg, const struct ppp_event *ev)
{
	struct nas_call *c = arg;
	switch (ev->kind) {
	case PPP_EV_AUTHENTICATING:
		nas_call_tell(c, CALL_AUTHENTICATING);
		nas_call_note(c, 330, "name-given", ppp_method_name(ev->method));
		break;
	case PPP_EV_AUTH_OK:
		c->authenticated = true;
		nas_call_note(c, 334, "address-asked", NULL);
		break;
	case PPP_EV_AUTH_FAILED: keep_message(c, ev->text); break;
	case PPP_EV_IP_UP: ip_up(c, ev); break;
	case PPP_EV_ANEW: note_again(c, "negotiates-anew"); break;
	case PPP_EV_RESUMED:
		tun_mtu(&c->tun, ev->mtu);
		note_again(c, "resumed");
		break;
	case PPP_EV_RENEWED: nas_call_note(c, ev->ok ? 331 : 333, ev->ok ? "renewed" : "not-renewed", NULL); break;
	case PPP_EV_DOWN: c->down = *ev; break; /* looked at in link_down() */
	default: break;
	}
}

/* With gateways: the other end of this packet's translation is that one of them. */
static void choose_gateway(struct nas_call *c, const uint8_t *ip, size_t n, size_t place)
{
	for (unsigned i = 0; n >= IP4_HEADER && i < c->c.ngateways; i++)
		if (get32(ip, place) == c->c.gateway[i])
			c->nat.workstation = c->c.gateway[i];
}

static void from_link(void *arg, const uint8_t *ip, size_t n)
{
	struct nas_call *c = arg;
	uint8_t packet[1500];
	if (n > sizeof packet || c->tun.fd < 0)
		return;
	memcpy(packet, ip, n);
	choose_gateway(c, packet, n, IP4_DESTINATION);
	if (nat_in(&c->nat, packet, n) == NAT_PASS)
		pppio_packet(&c->io, packet, n);
}

static bool to_link(void *arg, uint8_t *ip, size_t n)
{
	struct nas_call *c = arg;
	choose_gateway(c, ip, n, IP4_SOURCE);
	return nat_out(&c->nat, ip, n) == NAT_PASS;
}

static const struct { enum ppp_reason ppp; enum reason reason; const char *text; } downs[] = {
	{ PPP_CLOSED, REASON_USER_REQUEST, "closed" },
	{ PPP_PEER_CLOSED, REASON_HOST_REQUEST, "the called side ended the link" },
	{ PPP_LINE_LOST, REASON_LOST_CARRIER, "the line was lost" },
	{ PPP_SILENT, REASON_NEGOTIATION, "the called side does not answer" },
	{ PPP_ECHO_LOST, REASON_LOST_SERVICE, "the called side answers no more" },
	{ PPP_REFUSED, REASON_DENIED, "the called side refused name or secret" },
	{ PPP_AUTH_METHOD, REASON_NEGOTIATION, "no common way of authentication" },
	{ PPP_LOOPED, REASON_NEGOTIATION, "the line is looped back" },
	{ PPP_ADDRESS, REASON_NEGOTIATION, "the called side gave no address" },
	{ PPP_PROTOCOL, REASON_NEGOTIATION, "the called side broke the protocol" },
};

/* The step that a link in this state was at. */
int nas_link_step(const struct nas_call *c, enum ppp_reason r)
{
	if (r == PPP_REFUSED)
		return 333;
	if (c->state == CALL_UP || c->state == CALL_CLOSING)
		return 326;
	return c->authenticated ? 334 : c->state == CALL_AUTHENTICATING ? 330 : 329;
}

static void link_down(void *arg)
{
	struct nas_call *c = arg;
	size_t i = 0;
	char detail[256];
	int step = nas_link_step(c, c->down.reason);
	while (i + 1 < sizeof downs / sizeof *downs && downs[i].ppp != c->down.reason)
		i++;
	enum reason why = c->closing ? c->closing : downs[i].reason;
	snprintf(detail, sizeof detail, "%s%s%s", c->closing ? reason_text(why) : downs[i].text, c->message[0] ? ": " : "", c->message);
	nas_call_over(c, why, step, detail);
}

static void device_lost(void *arg)
{
	struct nas_call *c = arg;
	tun_close(&c->tun);
	if (c->closing)
		return;
	c->closing = REASON_NAS_ERROR;
	snprintf(c->message, sizeof c->message, "the device was deleted");
}

int nas_link_new(struct nas_call *c)
{
	static const struct ppp_ops ops = { .event = on_ppp, .packet = from_link };
	struct ppp_conf conf = c->c.ppp;
	conf.role = PPP_CALLER;
	conf.name = c->name;
	conf.secret = &c->secret;
	conf.local = c->c.own;
	conf.speed = c->speed;
	c->ppp = ppp_new(&conf, &ops, c);
	return c->ppp ? 0 : -1;
}

void nas_link_begin(struct nas_call *c, int fd)
{
	struct pppio_conf conf = { .loop = c->loop, .ppp = c->ppp, .line = fd, .speed = c->speed,
	                           .bits = circuit_bits(c->line), .done = link_down, .leaves = to_link, .tun_lost = device_lost, .arg = c };
	pppio_begin(&c->io, &conf);
}
