/* pace.c - a token bucket. */
#include "engine/pace.h"

#include "base/num.h"

void pace_init(struct pace *p, uint64_t bits, int64_t now)
{
	*p = (struct pace){ .rate = bits / PACE_BITS_A_BYTE, .at = now };
	p->portion = p->rate * PACE_PORTION_MS;
	if (p->portion < 16000)
		p->portion = 16000;
	p->burst = p->portion * PACE_BURST_MS / PACE_PORTION_MS;
}

size_t pace_may(struct pace *p, int64_t now)
{
	if (p->rate == 0)
		return SIZE_MAX;
	if (now > p->at) {
		uint64_t ms = (uint64_t)(now - p->at);
		p->tokens = ms > 1000 ? p->burst : p->tokens + ms * p->rate;
		if (p->tokens > p->burst)
			p->tokens = p->burst;
		p->at = now;
	}
	return (size_t)(p->tokens / 1000);
}

void pace_took(struct pace *p, size_t n)
{
	uint64_t t = (uint64_t)n * 1000;
	if (p->rate)
		p->tokens = t < p->tokens ? p->tokens - t : 0;
}

int64_t pace_next(const struct pace *p, size_t n)
{
	if (p->rate == 0)
		return CLOCK_NEVER;
	uint64_t want = (uint64_t)n * 1000;
	if (want > p->portion)
		want = p->portion;
	if (want < 1000)
		want = 1000;
	if (p->tokens >= want)
		return p->at;
	return p->at + (int64_t)((want - p->tokens + p->rate - 1) / p->rate);
}
