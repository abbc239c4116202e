/* shake.c - handshakes in the table of guess.h, as guesses of nobody. */
#include "engine/shake.h"

#include "base/num.h"

static uint64_t row_of(const struct guesses *g, const char *source)
{
	static const struct view nobody = { "", 0 };
	return guess_who(g, source, nobody, nobody);
}

int64_t shake_wait(struct guesses *g, const char *source)
{
	return *source ? guess_cost(g, row_of(g, source), clock_ms(), SHAKE_MS) : 0;
}

void shake_over(struct guesses *g, const char *source, bool done)
{
	if (*source && done)
		guess_right(g, row_of(g, source));
	else if (*source)
		guess_wrong(g, row_of(g, source), clock_ms(), SHAKE_MS);
}
