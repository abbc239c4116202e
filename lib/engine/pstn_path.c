/* pstn_path.c - one way of a call: the sending modem's buffer, from which bytes
 * are let go at the line's speed, and what is on its way. Both are bounded, so a
 * receiver that does not read holds up the sender in the end. */
#include "engine/pstn_call.h"

#include "base/num.h"

#define BUFFER_MIN 512
#define BUFFER_MAX 65536

/* A modem's buffer: half a second of the line. */
void path_init(struct path *p, uint64_t speed, int64_t latency, int64_t now)
{
	uint64_t rate = speed / 8, half = rate / 2;
	size_t size = half < BUFFER_MIN ? BUFFER_MIN : half > BUFFER_MAX ? BUFFER_MAX : (size_t)half;
	buf_init(&p->queue, size);
	buf_init(&p->air, size + (size_t)(rate * (uint64_t)latency / 1000));
	p->first = p->marks = 0;
	p->taken = p->got = 0;
	/* Between error-correcting modems a byte is 8 bits: no start, no stop. */
	pace_init(&p->pace, speed * PACE_BITS_A_BYTE / 8, now);
}

void path_clear(struct path *p)
{
	buf_clear(&p->queue);
	buf_clear(&p->air);
	p->first = p->marks = 0;
}

size_t path_room(const struct path *p)
{
	return p->queue.max - p->queue.len;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void path_send(struct path *p, int64_t latency, int64_t now)
{
	size_t n = least(least(p->queue.len, p->air.max - p->air.len), pace_may(&p->pace, now));
	struct mark *last = p->marks ? &p->mark[(p->first + p->marks - 1) % PSTN_MARKS] : NULL;
	if (n == 0 || (p->marks == PSTN_MARKS && last->at != now + latency))
		return;
	if (buf_add(&p->air, p->queue.data, n) != 0)
		return;
	buf_consume(&p->queue, n);
	pace_took(&p->pace, n);
	if (last && last->at == now + latency) {
		last->n += n;
		return;
	}
	p->mark[(p->first + p->marks++) % PSTN_MARKS] = (struct mark){ now + latency, n };
}

size_t path_due(struct path *p, int64_t now)
{
	size_t n = 0;
	for (unsigned i = 0; i < p->marks; i++) {
		const struct mark *m = &p->mark[(p->first + i) % PSTN_MARKS];
		if (m->at > now)
			break;
		n += m->n;
	}
	return n;
}

void path_drop(struct path *p, size_t n)
{
	p->got += n;
	buf_consume(&p->air, n);
	while (n && p->marks) {
		struct mark *m = &p->mark[p->first];
		size_t part = least(n, m->n);
		m->n -= part;
		n -= part;
		if (m->n)
			break;
		p->first = (p->first + 1) % PSTN_MARKS;
		p->marks--;
	}
}

/* What is due already waits for the receiver, not for a time. */
int64_t path_next(const struct path *p, int64_t now)
{
	int64_t at = CLOCK_NEVER;
	for (unsigned i = 0; i < p->marks && at == CLOCK_NEVER; i++)
		if (p->mark[(p->first + i) % PSTN_MARKS].at > now)
			at = p->mark[(p->first + i) % PSTN_MARKS].at;
	if (p->queue.len && p->air.len < p->air.max && p->marks < PSTN_MARKS) {
		int64_t paced = pace_next(&p->pace, p->queue.len);
		at = paced < at ? paced : at;
	}
	return at;
}
