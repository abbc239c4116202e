/* nas_call.c - a call out, from dialing to its end: the line is opened (circuit.h),
 * PPP runs over it as the caller (nas_link.c), and whatever ends it, everything is
 * undone before that is told. */
#include "engine/nas_call_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE_LIMIT 3000 /* ms for an orderly end of the link */

const char *nas_call_state_name(enum nas_call_state s)
{
	static const char *const names[] = { "dialing", "ringing", "connected", "authenticating", "up", "closing", "down" };
	return names[s];
}

const char *nas_fault_name(enum nas_fault f)
{
	static const char *const names[] = { "fine", "held", "refused", "failed" };
	return names[f];
}

void nas_call_tell(struct nas_call *c, enum nas_call_state state)
{
	struct nas_call_event ev = { .state = state, .speed = c->speed, .sp_address.s_addr = htonl(c->nat.address) };
	if (state == CALL_CONNECTED && *circuit_protocol(c->line))
		ev.protocol = circuit_protocol(c->line);
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

static void undo(struct nas_call *c)
{
	loop_cancel(c->loop, &c->late);
	pppio_stop(&c->io);
	tun_close(&c->tun);
}

/* Who is told frees the call, and goes on reading what it was told. */
static void tell_down(struct nas_call *c)
{
	struct nas_call_event last = c->last;
	char detail[sizeof c->last_detail];
	memcpy(detail, c->last_detail, sizeof detail);
	last.detail = detail;
	circuit_free(c->line);
	c->line = NULL;
	c->state = CALL_DOWN;
	c->c.event(c->c.arg, &last);
}

static bool ended(struct nas_call *c, enum reason why, int step, const char *detail)
{
	if (c->over)
		return false;
	c->over = true;
	undo(c);
	snprintf(c->last_detail, sizeof c->last_detail, "%s", detail);
	c->last = (struct nas_call_event){ .state = CALL_DOWN, .speed = c->speed, .reason = why, .step = step, .detail = c->last_detail };
	c->state = CALL_CLOSING;
	return true;
}

void nas_call_over(struct nas_call *c, enum reason why, int step, const char *detail)
{
	if (ended(c, why, step, detail))
		circuit_hangup(c->line); /* on_circuit goes on */
}

static void connected(struct nas_call *c)
{
	c->speed = circuit_speed(c->line);
	if (nas_link_new(c) != 0) {
		nas_call_over(c, REASON_NAS_ERROR, 329, "out of memory");
		return;
	}
	nas_call_tell(c, CALL_CONNECTED);
	if (c->closing)
		nas_call_over(c, c->closing, 329, reason_text(c->closing));
	else
		nas_link_begin(c, circuit_fd(c->line));
}

/* Why the circuit did not come up: is that its line's fault? A modem that has begun
 * to dial is there; what it then says is mostly of the call, and an error may be the
 * number's, which the user chose: with one number all lines could be put out. */
static enum nas_fault fault_of(const struct nas_call *c, enum reason why)
{
	if (c->dialed && (why == REASON_PORT_ERROR || (c->waits && why == REASON_NO_DIALTONE)))
		return LINE_REFUSED;
	if (why == REASON_PORT_ERROR || (c->number && why == REASON_NO_DIALTONE))
		return LINE_FAILED;
	if (!c->number || c->dialed || why == REASON_NONE)
		return LINE_FINE;
	return why == REASON_BUSY ? LINE_HELD : LINE_FAILED;
}

static void on_circuit(void *arg, const struct circuit_event *ev)
{
	struct nas_call *c = arg;
	switch (ev->what) {
	case CIRCUIT_PROGRESS:
		c->dialed |= strcmp(ev->word, "dialing") == 0;
		if (strcmp(ev->word, "ringing") == 0)
			nas_call_tell(c, CALL_RINGING);
		if (c->closing)
			nas_call_over(c, c->closing, 325, reason_text(c->closing));
		break;
	case CIRCUIT_UP: connected(c); break;
	case CIRCUIT_DOWN:
		if (ended(c, ev->reason, 325, ev->detail) && !c->ppp)
			c->last.fault = fault_of(c, ev->reason);
		tell_down(c);
		break;
	}
}

static const struct circuit_ops circuit_ops = { on_circuit };

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
	c->number = conf->number != NULL;
	c->waits = c->number && strchr(conf->number, 'W');
	c->c.dial = c->c.number = c->c.name = c->c.back = NULL;
	c->c.secret = NULL;
	c->tun.fd = -1;
	c->line = circuit_call(l, &(struct circuit_conf){ conf->dial, conf->number, conf->deadline, &circuit_ops, c, conf->back }, why);
	if (!c->line) {
		int e = errno;
		secret_clear(&c->secret);
		free(c);
		errno = e;
		return NULL;
	}
	loop_at(l, &c->late, conf->deadline, too_late, c);
	return c;
}

void nas_call_close(struct nas_call *c, enum reason why)
{
	if (c->closing || c->over)
		return;
	c->closing = why;
	if (!c->ppp) {
		if (!c->telling) /* else who told ends it */
			nas_call_over(c, why, 325, reason_text(why));
		return;
	}
	c->state = CALL_CLOSING;
	loop_at(c->loop, &c->late, clock_deadline(CLOSE_LIMIT), too_late, c);
	ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
	pppio_touch(&c->io);
}

void nas_call_renew(struct nas_call *c, const struct secret *secret)
{
	c->secret = *secret; /* also for a link that is still to come */
	if (!c->ppp || c->closing)
		return;
	ppp_renew(c->ppp, clock_ms(), secret);
	pppio_touch(&c->io);
}

void nas_call_free(struct nas_call *c)
{
	if (!c)
		return;
	undo(c);
	circuit_free(c->line);
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
	n->dropped += c->io.queue.stats.dropped + c->io.queue.stats.overflow;
	n->bad_frames = c->ppp ? ppp_stats(c->ppp)->bad_frames : 0;
}
