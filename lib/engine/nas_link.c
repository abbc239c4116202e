/* nas_link.c - what flows in a call: PPP over the line, packets between the link
 * and the TUN device with the alias in between, kept to the line's speed. Packets
 * pass only between the workstation and the alias (wire/nat.h); the rest is
 * dropped and counted. Device and route are the kernel's only as long as this
 * process has the descriptor. */
#include "engine/nas_call_impl.h"

#include "sys/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define PACKETS_AT_ONCE 32  /* then the line has its turn */
#define LINE_READ 16384

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
	nat_init(&c->nat, ntohl(c->c.workstation.s_addr), ntohl(c->c.alias.s_addr), ntohl(ev->peer.s_addr));
	if (device(c, ev->mtu, &why)) {
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

static void on_ppp(void *arg, const struct ppp_event *ev)
{
	struct nas_call *c = arg;
	switch (ev->kind) {
	case PPP_EV_AUTHENTICATING:
		nas_call_tell(c, CALL_AUTHENTICATING);
		nas_call_note(c, 330, "name-given", ev->method == PPP_CHAP ? "chap" : "pap");
		break;
	case PPP_EV_AUTH_OK:
		c->authenticated = true;
		nas_call_note(c, 334, "address-asked", NULL);
		break;
	case PPP_EV_AUTH_FAILED: keep_message(c, ev->text); break;
	case PPP_EV_IP_UP: ip_up(c, ev); break;
	case PPP_EV_DOWN: c->down = *ev; break; /* looked at in nas_link_settle() */
	default: break;
	}
}

static void from_link(void *arg, const uint8_t *ip, size_t n)
{
	struct nas_call *c = arg;
	uint8_t packet[1500];
	if (n > sizeof packet || c->tun.fd < 0)
		return;
	memcpy(packet, ip, n);
	if (nat_in(&c->nat, packet, n) == NAT_PASS && write(c->tun.fd, packet, n) < 0)
		return; /* the device's queue is full: IP copes */
}

const struct ppp_ops nas_link_ops = { .event = on_ppp, .packet = from_link };

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

static void link_down(struct nas_call *c)
{
	size_t i = 0;
	char detail[256];
	int step = nas_link_step(c, c->down.reason);
	while (i + 1 < sizeof downs / sizeof *downs && downs[i].ppp != c->down.reason)
		i++;
	enum reason why = c->closing ? c->closing : downs[i].reason;
	snprintf(detail, sizeof detail, "%s%s%s", c->closing ? reason_text(why) : downs[i].text, c->message[0] ? ": " : "", c->message);
	nas_call_over(c, why, step, detail);
}

static void from_line(struct nas_call *c)
{
	char b[LINE_READ];
	ssize_t n = read(c->fd, b, sizeof b);
	if (n > 0)
		ppp_input(c->ppp, clock_ms(), b, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		ppp_line_lost(c->ppp, clock_ms());
}

static void to_line(struct nas_call *c)
{
	struct buf *out = ppp_output(c->ppp);
	size_t may = pace_may(&c->pace, clock_ms()), n = out->len < may ? out->len : may;
	if (n == 0)
		return;
	ssize_t done = write(c->fd, out->data, n);
	if (done > 0) {
		pace_took(&c->pace, (size_t)done);
		buf_consume(out, (size_t)done);
	} else if (done < 0 && errno != EAGAIN && errno != EINTR) {
		ppp_line_lost(c->ppp, clock_ms());
	}
}

static void on_line(void *arg, int fd, short revents)
{
	struct nas_call *c = arg;
	(void)fd;
	if (revents & (POLLIN | POLLHUP | POLLERR))
		from_line(c);
	nas_link_settle(c);
}

static bool queue_full(const struct nas_call *c)
{
	return ppp_output(c->ppp)->len > (c->pace.rate ? NAS_PACED_QUEUE : PPP_OUT_HIGH / 2);
}

/* The device was deleted under us: its descriptor would be ready for ever. */
static void device_lost(struct nas_call *c)
{
	loop_forget(c->loop, c->tun.fd);
	tun_close(&c->tun);
	if (c->closing)
		return;
	c->closing = REASON_NAS_ERROR;
	snprintf(c->message, sizeof c->message, "the device was deleted");
	ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
}

static void on_tun(void *arg, int fd, short revents)
{
	struct nas_call *c = arg;
	uint8_t packet[1500];
	(void)revents;
	for (int i = 0; i < PACKETS_AT_ONCE && !queue_full(c); i++) {
		ssize_t n = read(fd, packet, sizeof packet);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			device_lost(c);
		if (n <= 0)
			break;
		if (nat_out(&c->nat, packet, (size_t)n) == NAT_PASS)
			ppp_send(c->ppp, packet, (size_t)n); /* dropped when the link is closing */
	}
	nas_link_settle(c);
}

static void on_timer(void *arg)
{
	struct nas_call *c = arg;
	ppp_tick(c->ppp, clock_ms());
	nas_link_settle(c);
}

/* After everything that happened: write, and wait for what can happen next. */
void nas_link_settle(struct nas_call *c)
{
	to_line(c);
	if (ppp_is_down(c->ppp)) {
		link_down(c);
		return;
	}
	size_t left = ppp_output(c->ppp)->len;
	int64_t at = ppp_deadline(c->ppp), now = clock_ms();
	bool may = left && pace_may(&c->pace, now) > 0;
	if (left && !may && pace_next(&c->pace, left) < at)
		at = pace_next(&c->pace, left);
	loop_fd(c->loop, c->fd, (short)(POLLIN | (may ? POLLOUT : 0)), on_line, c);
	if (c->tun.fd >= 0 && !queue_full(c))
		loop_fd(c->loop, c->tun.fd, POLLIN, on_tun, c);
	else
		loop_forget(c->loop, c->tun.fd);
	if (at == CLOCK_NEVER)
		loop_cancel(c->loop, &c->timer);
	else
		loop_at(c->loop, &c->timer, at, on_timer, c);
}
