/* nas_call.c - a call out, from dialing to its end: the line is opened, PPP runs
 * over it as the caller (nas_link.c), and whatever ends it, everything is undone
 * before that is told. */
#include "engine/nas_call_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ECHO_EVERY 2500  /* ms between Echo-Requests */
#define CLOSE_LIMIT 3000 /* ms for an orderly end of the link */

const char *nas_call_state_name(enum nas_call_state s)
{
	static const char *const names[] = { "dialing", "connected", "authenticating", "up", "closing", "down" };
	return names[s];
}

void nas_call_tell(struct nas_call *c, enum nas_call_state state)
{
	struct nas_call_event ev = { .state = state, .speed = c->line.speed, .sp_address.s_addr = htonl(c->nat.address) };
	c->state = state;
	c->telling = true;
	c->c.event(c->c.arg, &ev);
	c->telling = false;
}

void nas_call_note(struct nas_call *c, int step, const char *event, const char *value)
{
	struct nas_call_event ev = { .state = c->state, .log_step = step, .event = event, .value = value };
	c->telling = true;
	c->c.event(c->c.arg, &ev);
	c->telling = false;
}

/* Everything undone, then told: the last event. c may be gone afterwards. */
void nas_call_over(struct nas_call *c, enum reason why, int step, const char *detail)
{
	struct nas_call_event ev = { .state = CALL_DOWN, .speed = c->line.speed, .reason = why, .step = step, .detail = detail };
	loop_cancel(c->loop, &c->timer);
	loop_cancel(c->loop, &c->late);
	loop_forget(c->loop, c->tun.fd);
	loop_forget(c->loop, c->watched);
	c->watched = -1;
	tun_close(&c->tun);
	line_close(&c->line);
	c->state = CALL_DOWN;
	c->c.event(c->c.arg, &ev);
}

/* A dead link is noticed in 10 s; on a slow line an echo may wait behind what is
 * queued. */
static int64_t echo_every(uint64_t bits)
{
	return ECHO_EVERY + (bits ? (int64_t)(NAS_PACED_QUEUE * 1000 * PACE_BITS_A_BYTE / bits) : 0);
}

static void connected(struct nas_call *c)
{
	struct ppp_conf conf = { .echo = echo_every(c->line.speed), .echo_fails = 3, .role = PPP_CALLER, .name = c->name, .secret = &c->secret, .local = c->c.own };
	pace_init(&c->pace, c->line.speed, clock_ms());
	c->ppp = ppp_new(&conf, &nas_link_ops, c);
	if (!c->ppp) {
		nas_call_over(c, REASON_NAS_ERROR, 329, "out of memory");
		return;
	}
	nas_call_tell(c, CALL_CONNECTED);
	if (c->closing) {
		nas_call_over(c, c->closing, 329, reason_text(c->closing));
		return;
	}
	ppp_open(c->ppp, clock_ms());
	nas_link_settle(c);
}

/* Nobody there, or a line of ours that is taken: in the words of the list. */
static void not_connected(struct nas_call *c, const char *why)
{
	int e = errno;
	char detail[256];
	enum reason r = e == ECONNREFUSED || e == ENOENT                                        ? REASON_NO_CARRIER
	                : e == ETIMEDOUT || e == EHOSTUNREACH || e == ENETUNREACH || e == EHOSTDOWN ? REASON_NO_ANSWER
	                : e == EBUSY || e == EWOULDBLOCK                                         ? REASON_BUSY
	                                                                                         : REASON_PORT_ERROR;
	snprintf(detail, sizeof detail, "%s: %s", why, strerror(e));
	nas_call_over(c, r, 325, detail);
}

static void on_connect(void *arg, int fd, short revents)
{
	struct nas_call *c = arg;
	const char *why = "";
	(void)revents;
	loop_forget(c->loop, fd);
	c->watched = -1;
	int rc = line_connected(&c->line, &why);
	if (rc < 0) {
		not_connected(c, why);
		return;
	}
	c->watched = c->line.fd;
	if (rc == 0)
		loop_fd(c->loop, c->line.fd, POLLOUT, on_connect, c);
	else
		connected(c);
}

static void begin(void *arg)
{
	struct nas_call *c = arg;
	c->watched = c->line.fd;
	if (c->line.up)
		connected(c);
	else
		loop_fd(c->loop, c->line.fd, POLLOUT, on_connect, c);
}

static void too_late(void *arg)
{
	struct nas_call *c = arg;
	if (c->closing)
		nas_call_over(c, c->closing, 326, reason_text(c->closing));
	else if (!c->ppp)
		nas_call_over(c, REASON_NO_ANSWER, 325, "no answer in time");
	else
		nas_call_over(c, REASON_NEGOTIATION, nas_link_step(c, PPP_SILENT), "the link was not up in time");
}

struct nas_call *nas_call_new(struct loop *l, const struct nas_call_conf *conf, const char **why)
{
	struct nas_call *c = calloc(1, sizeof *c);
	*why = "out of memory";
	if (!c)
		return NULL;
	c->loop = l;
	c->c = *conf;
	c->secret = *conf->secret;
	snprintf(c->name, sizeof c->name, "%s", conf->name);
	c->c.dial = c->c.name = NULL;
	c->c.secret = NULL;
	c->tun.fd = c->watched = -1;
	if (line_call(&c->line, conf->dial, why) != 0) {
		free(c);
		return NULL;
	}
	loop_at(l, &c->late, conf->deadline, too_late, c);
	loop_at(l, &c->timer, clock_ms(), begin, c); /* events come from the loop */
	return c;
}

void nas_call_close(struct nas_call *c, enum reason why)
{
	if (c->closing || c->state == CALL_DOWN)
		return;
	c->closing = why;
	if (!c->ppp) {
		nas_call_over(c, why, 325, reason_text(why));
		return;
	}
	c->state = CALL_CLOSING;
	loop_at(c->loop, &c->late, clock_deadline(CLOSE_LIMIT), too_late, c);
	ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
	if (!c->telling) /* else who told settles */
		nas_link_settle(c);
}

void nas_call_free(struct nas_call *c)
{
	if (!c)
		return;
	loop_cancel(c->loop, &c->timer);
	loop_cancel(c->loop, &c->late);
	loop_forget(c->loop, c->tun.fd);
	loop_forget(c->loop, c->watched);
	tun_close(&c->tun);
	line_close(&c->line);
	ppp_free(c->ppp);
	secret_clear(&c->secret);
	free(c);
}

enum nas_call_state nas_call_state(const struct nas_call *c)
{
	return c->state;
}

void nas_call_counts(const struct nas_call *c, struct nas_call_counts *n)
{
	*n = (struct nas_call_counts){ .in_bytes = c->nat.in.bytes, .out_bytes = c->nat.out.bytes,
	                               .in_packets = c->nat.in.packets[NAT_PASS], .out_packets = c->nat.out.packets[NAT_PASS] };
	for (int i = NAT_PASS + 1; i < NAT_VERDICTS; i++)
		n->dropped += c->nat.in.packets[i] + c->nat.out.packets[i];
}
