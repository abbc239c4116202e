/* pstn_pump.c - a call that is up: bytes from one modem to the other, when it is
 * their time, up to the fault that comes next. */
#include "engine/pstn_call.h"

#include "base/num.h"

/* Up to the next fault, as far as the receiver's modem has room. true: the call
 * is over. */
static bool deliver(struct call *c, unsigned i, int64_t now)
{
	struct path *p = &c->path[i];
	for (;;) {
		if (fault_fire(c, now))
			return true;
		struct modem *to = c->side[1 - i];
		if (!to || to->h.state != HAYES_ONLINE || now < c->stalled)
			return false;
		size_t n = path_due(p, now), limit = fault_limit(c, 1 - i);
		size_t used = to->h.out.len, most = HAYES_OUT / 4;
		n = n < limit ? n : limit;
		n = used >= most ? 0 : n < most - used ? n : most - used;
		if (n == 0 || buf_add(&to->h.out, p->air.data, n) != 0)
			return false;
		fault_errors(c, 1 - i, to->h.out.data + to->h.out.len - n, n);
		path_drop(p, n);
		port_flush(to);
	}
}

static bool cleared(const struct call *c, int64_t now)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct path *p = &c->path[1 - i];
		if (c->side[i] && c->side[i]->h.state == HAYES_ONLINE && p->queue.len + p->air.len > 0 && now < c->until)
			return false;
	}
	return true;
}

void call_pump(struct call *c)
{
	int64_t now = clock_ms(), next = c->phase == CALL_CLEARING ? c->until : CLOCK_NEVER;
	if (c->phase != CALL_CONNECTED && c->phase != CALL_CLEARING)
		return;
	for (unsigned i = 0; i < 2; i++) {
		size_t before;
		do { /* at a high speed more is due at once */
			before = c->path[i].queue.len;
			path_send(&c->path[i], c->x->conf.latency, now);
			if (deliver(c, i, now))
				return;
		} while (c->path[i].queue.len < before);
		int64_t then = path_next(&c->path[i], now);
		next = then < next ? then : next;
		if (c->side[i])
			port_resume(c->side[i]);
	}
	if (c->phase == CALL_CLEARING && cleared(c, now)) {
		call_end(c, c->reason);
		return;
	}
	if (now < c->stalled && c->stalled < next)
		next = c->stalled;
	if (next == CLOCK_NEVER)
		loop_cancel(c->x->conf.loop, &c->timer);
	else
		call_at(c, next <= now ? now + 1 : next);
}
