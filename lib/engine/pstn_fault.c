/* pstn_fault.c - faults: those that decide a call are used when it is made,
 * those of a line are armed when it is up and happen at their byte. What counts
 * is what the modem with the fault receives; for drop both ways, for escape what
 * it sends. */
#include "engine/pstn_call.h"

#include "base/num.h"

#include <math.h>

#define NOISE_BYTES 64 /* a burst, where nothing else is said */
#define STALL_MS 1000

static const char *const names[FAULTS] = {
	[FAULT_NO_DIALTONE] = "no-dialtone", [FAULT_DELAYED] = "delayed", [FAULT_BLACKLISTED] = "blacklisted",
	[FAULT_BUSY] = "busy", [FAULT_NO_ANSWER] = "no-answer", [FAULT_NO_CARRIER] = "no-carrier",
	[FAULT_VOICE] = "voice", [FAULT_DROP] = "drop", [FAULT_ERRORS] = "errors", [FAULT_STALL] = "stall",
	[FAULT_NOISE] = "noise", [FAULT_ESCAPE] = "escape",
};

const char *fault_name(enum fault_kind k)
{
	return (unsigned)k < FAULTS ? names[k] : NULL;
}

bool fault_use(struct modem *m, enum fault_kind k)
{
	struct fault *f = &m->fault[k];
	if (!f->set)
		return false;
	if (!f->forever && --f->count == 0)
		f->set = false;
	return true;
}

static uint64_t counter(const struct call *c, unsigned side, enum fault_kind k)
{
	if (k == FAULT_DROP)
		return c->path[0].got + c->path[1].got;
	return k == FAULT_ESCAPE ? c->path[side].taken : c->path[1 - side].got;
}

/* Bits from one error to the next: geometric, drawn at once. */
static uint64_t next_gap(struct pstn *x, double rate)
{
	double u = ((double)pstn_draw(x) + 1.0) / 4294967297.0;
	double gap = rate >= 1 ? 0 : floor(log(u) / log1p(-rate));
	return gap < 1e18 ? (uint64_t)gap : (uint64_t)1e18;
}

void fault_arm(struct call *c, unsigned side)
{
	struct modem *m = c->side[side];
	for (unsigned k = FAULT_DROP; m && k < FAULTS; k++) {
		struct armed *a = &c->armed[side][k];
		if (a->on || !m->fault[k].set)
			continue;
		*a = (struct armed){ true, counter(c, side, (enum fault_kind)k) + m->fault[k].after };
		if (k == FAULT_ERRORS && fault_use(m, FAULT_ERRORS))
			c->gap[side] = next_gap(c->x, m->fault[k].rate);
	}
}

static size_t limit(const struct call *c, unsigned side, enum fault_kind k, size_t most)
{
	const struct armed *a = &c->armed[side][k];
	uint64_t now = counter(c, side, k);
	if (!a->on || a->at <= now || a->at - now >= most)
		return most;
	return (size_t)(a->at - now);
}

size_t fault_limit(const struct call *c, unsigned side)
{
	size_t n = SIZE_MAX;
	for (unsigned k = FAULT_DROP; k < FAULT_ESCAPE; k++)
		n = limit(c, side, (enum fault_kind)k, n);
	return limit(c, 1 - side, FAULT_DROP, n);
}

size_t fault_limit_sent(const struct call *c, unsigned side)
{
	return limit(c, side, FAULT_ESCAPE, SIZE_MAX);
}

/* Is it its byte's turn? Then it is counted and disarmed for this call. */
static bool strikes(struct call *c, unsigned side, enum fault_kind k)
{
	struct armed *a = &c->armed[side][k];
	if (!a->on || counter(c, side, k) < a->at)
		return false;
	a->on = false;
	if (!fault_use(c->side[side], k))
		return false;
	call_struck(c, side, names[k]);
	return true;
}

static void noise(struct call *c, unsigned side, uint64_t n)
{
	struct buf *to = &c->side[side]->h.out;
	for (n = n ? n : NOISE_BYTES; n > 0; n--)
		buf_addc(to, (char)pstn_draw(c->x));
}

bool fault_fire(struct call *c, int64_t now)
{
	for (unsigned i = 0; i < 2; i++) {
		struct modem *m = c->side[i];
		if (!m)
			continue;
		int64_t ms = m->fault[FAULT_STALL].ms;
		uint64_t bytes = m->fault[FAULT_NOISE].bytes;
		if (strikes(c, i, FAULT_NOISE))
			noise(c, i, bytes);
		if (strikes(c, i, FAULT_STALL))
			c->stalled = now + (ms ? ms : STALL_MS);
		if (strikes(c, i, FAULT_DROP)) {
			call_end(c, "lost-carrier");
			return true;
		}
	}
	return false;
}

bool fault_escape(struct call *c, unsigned side)
{
	return strikes(c, side, FAULT_ESCAPE);
}

void fault_errors(struct call *c, unsigned side, char *p, size_t n)
{
	struct armed *a = &c->armed[side][FAULT_ERRORS];
	struct modem *m = c->side[side];
	if (!a->on || counter(c, side, FAULT_ERRORS) < a->at)
		return;
	double rate = m->fault[FAULT_ERRORS].rate;
	uint64_t bits = (uint64_t)n * 8;
	for (uint64_t at = c->gap[side]; ; at += 1 + next_gap(c->x, rate)) {
		c->gap[side] = at - bits;
		if (at >= bits)
			return;
		p[at / 8] = (char)(p[at / 8] ^ (1 << (at % 8)));
	}
}
