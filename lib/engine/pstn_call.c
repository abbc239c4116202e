/* pstn_call.c - switching: what becomes of a number that was dialled, ringing,
 * training, the call that is up, and how it ends for each side. A call has one
 * timer; what it means depends on the phase. */
#include "engine/pstn_call.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { S_WAIT = 7, S_CLEAR = 38 };

static void tick(void *arg);

/* of: the modem that a fault struck, and which; else NULL */
static void tell_of(struct call *c, const char *event, const char *of, const char *fault)
{
	struct record r = { 0 };
	if (c->number == 0)
		return;
	record_setf(&r, "call", "%lu", c->number);
	record_set(&r, "event", event);
	record_set(&r, "from", c->from);
	record_set(&r, "to", c->to);
	if (c->speed)
		record_setf(&r, "speed", "%llu", (unsigned long long)c->speed);
	if (of) {
		record_set(&r, "number", of);
		record_set(&r, "fault", fault);
	}
	if (c->phase == CALL_OVER) {
		record_set(&r, "reason", c->reason);
		record_setf(&r, "seconds", "%lld", c->since ? (long long)(clock_ms() - c->since + 500) / 1000 : 0);
		record_setf(&r, "from_bytes", "%llu", (unsigned long long)c->path[1].got);
		record_setf(&r, "to_bytes", "%llu", (unsigned long long)c->path[0].got);
	}
	c->x->conf.tell(c->x->conf.arg, &r);
	record_clear(&r);
}

static void tell(struct call *c, const char *event)
{
	tell_of(c, event, NULL, NULL);
}

void call_struck(struct call *c, unsigned side, const char *fault)
{
	tell_of(c, "fault", side == 0 ? c->from : c->to, fault);
}

void call_at(struct call *c, int64_t when)
{
	loop_at(c->x->conf.loop, &c->timer, when, tick, c);
}

/* The modem is free again; the call goes on without it, to its end. */
static struct modem *leave(struct call *c, unsigned side)
{
	struct modem *m = c->side[side];
	c->side[side] = NULL;
	if (m)
		m->call = NULL;
	return m;
}

static void over(struct call *c, const char *reason)
{
	if (c->phase == CALL_OVER)
		return;
	c->phase = CALL_OVER;
	c->reason = reason;
	tell(c, "ended");
	call_at(c, clock_ms()); /* freed from the loop: whoever calls may still hold it */
}

/* It does not come about: the caller is told this, the called one stops ringing
 * or, if it had answered, has no carrier either. */
static void fail(struct call *c, enum hayes_result result, const char *reason)
{
	struct modem *from = leave(c, 0), *to = leave(c, 1);
	over(c, reason);
	if (from) {
		hayes_fail(&from->h, result);
		port_flush(from);
	}
	if (!to)
		return;
	hayes_ring_end(&to->h);
	if (to->h.state == HAYES_ANSWERING)
		hayes_fail(&to->h, HAYES_NO_CARRIER);
	port_flush(to);
}

/* Busy and the like are only heard by a modem that listens for them (X);
 * another waits for a carrier until S7. */
static void refuse(struct call *c, enum hayes_result result, const char *reason)
{
	if (hayes_hears(&c->side[0]->h, result)) {
		fail(c, result, reason);
		return;
	}
	c->phase = CALL_WAITING;
	c->result = HAYES_NO_CARRIER;
	c->reason = reason;
	call_at(c, c->until);
}

/* Nothing is heard that would end the wait. */
static void wait_for(struct call *c, enum hayes_result result, const char *reason, int64_t until)
{
	c->phase = CALL_WAITING;
	c->result = hayes_hears(&c->side[0]->h, result) ? result : HAYES_NO_CARRIER;
	c->reason = reason;
	call_at(c, until < c->until ? until : c->until);
}

static bool idle(const struct modem *m)
{
	return !m->call && m->h.state == HAYES_COMMAND && !m->h.off_hook;
}

/* The faults of the number that was called. false: none. */
static bool spoilt(struct call *c, struct modem *to)
{
	if (fault_use(to, FAULT_BUSY))
		refuse(c, HAYES_BUSY, "busy");
	else if (fault_use(to, FAULT_VOICE))
		refuse(c, HAYES_VOICE, "voice");
	else if (fault_use(to, FAULT_NO_CARRIER))
		wait_for(c, HAYES_NO_CARRIER, "no-carrier", clock_deadline(c->x->conf.training));
	else if (fault_use(to, FAULT_NO_ANSWER))
		wait_for(c, HAYES_NO_ANSWER, "no-answer", c->until);
	else
		return false;
	return true;
}

/* The digits are through. */
static void dialled(struct call *c)
{
	struct modem *from = c->side[0], *to = pstn_find(c->x, from->h.dial.number);
	int64_t now = clock_ms();
	c->until = now + (int64_t)hayes_s(&from->h, S_WAIT) * 1000;
	if (fault_use(from, FAULT_DELAYED)) {
		fail(c, HAYES_DELAYED, "delayed");
	} else if (fault_use(from, FAULT_BLACKLISTED)) {
		fail(c, HAYES_BLACKLISTED, "blacklisted");
	} else if (fault_use(from, FAULT_NO_DIALTONE)) {
		refuse(c, HAYES_NO_DIALTONE, "no-dialtone");
	} else if (!to) {
		wait_for(c, HAYES_NO_CARRIER, "no-carrier", now + c->x->conf.training);
	} else if (!spoilt(c, to)) {
		if (!idle(to)) {
			refuse(c, HAYES_BUSY, "busy");
			return;
		}
		c->side[1] = to;
		to->call = c;
		to->side = 1;
		c->phase = CALL_RINGING;
		c->ring_at = now;
		tell(c, "ringing");
		call_at(c, now);
	}
}

static void ring(struct call *c, int64_t now)
{
	struct modem *to = c->side[1];
	if (now >= c->until) {
		enum hayes_result r = HAYES_NO_ANSWER;
		fail(c, hayes_hears(&c->side[0]->h, r) ? r : HAYES_NO_CARRIER, "no-answer");
		return;
	}
	c->ring_at = now + c->x->conf.ring;
	call_at(c, c->ring_at < c->until ? c->ring_at : c->until);
	hayes_ring(&to->h, port_able(to) || hayes_par(&to->h, PAR_D, 0), now);
	port_flush(to);
	call_events(to);
}

static uint64_t agreed(const struct call *c)
{
	uint64_t speed = PSTN_SPEED_MAX;
	for (unsigned i = 0; i < 2; i++) {
		/* The factory's bound is that of V.34; a faster line was asked for by --speed. */
		uint64_t own = c->side[i]->speed, most = hayes_most(&c->side[i]->h);
		own = most && most != 33600 && most < own ? most : own;
		speed = own < speed ? own : speed;
	}
	return speed < PSTN_SPEED_MIN ? PSTN_SPEED_MIN : speed;
}

static void connect_sides(struct call *c, int64_t now)
{
	c->phase = CALL_CONNECTED;
	c->speed = agreed(c);
	c->since = now;
	for (unsigned i = 0; i < 2; i++)
		path_init(&c->path[i], c->speed, c->x->conf.latency, now);
	for (unsigned i = 0; i < 2; i++) {
		hayes_connect(&c->side[i]->h, c->speed, now);
		port_flush(c->side[i]);
		fault_arm(c, i);
	}
	tell(c, "connected");
	call_pump(c);
}

static void answered(struct modem *m)
{
	struct call *c = m->call;
	int64_t now = clock_ms(), trained = now + (c ? c->x->conf.training : 0);
	if (!c) { /* an answer tone that nobody hears */
		c = calloc(1, sizeof *c);
		if (!c) {
			hayes_fail(&m->h, HAYES_NO_CARRIER);
			return;
		}
		*c = (struct call){ .next = m->x->calls, .x = m->x, .side = { m, NULL } };
		m->x->calls = c;
		m->call = c;
		m->side = 0;
		c->until = now + (int64_t)hayes_s(&m->h, S_WAIT) * 1000;
		wait_for(c, HAYES_NO_CARRIER, "no-carrier", c->until);
		return;
	}
	if (c->phase != CALL_RINGING)
		return;
	tell(c, "answered");
	c->phase = CALL_TRAINING;
	call_at(c, trained < c->until ? trained : c->until);
	c->until = trained;
}

static void dial(struct modem *m)
{
	struct call *c = calloc(1, sizeof *c);
	if (!c || m->call) {
		free(c);
		hayes_fail(&m->h, HAYES_NO_CARRIER);
		return;
	}
	*c = (struct call){ .next = m->x->calls, .x = m->x, .number = ++m->x->count, .side = { m, NULL } };
	m->x->calls = c;
	m->call = c;
	m->side = 0;
	snprintf(c->from, sizeof c->from, "%s", m->number);
	snprintf(c->to, sizeof c->to, "%s", m->h.dial.number);
	tell(c, "dialing");
	call_at(c, clock_ms() + m->h.dial.pause_ms);
}

/* One side ends it. What it had sent still arrives, S38 seconds long; then the
 * other has no carrier. */
static void hung_up(struct modem *m)
{
	struct call *c = m->call;
	unsigned i = m->side;
	if (!c)
		return;
	leave(c, i);
	if (c->phase < CALL_CONNECTED) {
		fail(c, HAYES_NO_CARRIER, i == 0 ? "user-request" : "no-carrier");
		return;
	}
	port_carrier_fell(m);
	if (c->phase == CALL_CLEARING) { /* the other had hung up before */
		over(c, c->reason);
		return;
	}
	c->phase = CALL_CLEARING;
	c->reason = i == 0 ? "user-request" : "host-request";
	c->until = clock_ms() + (int64_t)hayes_s(&m->h, S_CLEAR) * 1000;
	call_pump(c);
}

void call_events(struct modem *m)
{
	for (;;)
		switch (hayes_take(&m->h)) {
		case HAYES_NONE: return;
		case HAYES_DIAL: dial(m); break;
		case HAYES_ANSWER: answered(m); break;
		case HAYES_HANGUP: hung_up(m); break;
		}
}

void call_end(struct call *c, const char *reason)
{
	if (c->phase < CALL_CONNECTED) {
		fail(c, HAYES_NO_CARRIER, reason);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		struct modem *m = leave(c, i);
		if (!m)
			continue;
		hayes_lost(&m->h);
		port_carrier_fell(m);
		port_flush(m);
	}
	over(c, reason);
}

static void tick(void *arg)
{
	struct call *c = arg;
	int64_t now = clock_ms();
	switch (c->phase) {
	case CALL_DIALING: dialled(c); break;
	case CALL_WAITING: fail(c, c->result, c->reason); break;
	case CALL_RINGING: ring(c, now); break;
	case CALL_TRAINING:
		if (now >= c->until)
			connect_sides(c, now);
		else
			fail(c, HAYES_NO_CARRIER, "no-carrier");
		break;
	case CALL_CONNECTED: case CALL_CLEARING: call_pump(c); break;
	case CALL_OVER: call_free(c); break;
	}
}

void call_free(struct call *c)
{
	struct call **p = &c->x->calls;
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	loop_cancel(c->x->conf.loop, &c->timer);
	path_clear(&c->path[0]);
	path_clear(&c->path[1]);
	free(c);
}

const char *call_phase(const struct modem *m)
{
	static const char *const phase[] = { "dialing", "dialing", "ringing", "training", "connected", "connected", "idle" };
	if (!m->call)
		return m->h.off_hook ? "off-hook" : "idle";
	return m->h.state == HAYES_ESCAPED ? "escaped" : phase[m->call->phase];
}
