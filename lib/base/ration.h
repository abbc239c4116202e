/* ration.h - how often something may happen: so often at once after a rest, then one in so
 * much time. Kept as the time that is used up, so that it is one number. */
#ifndef SP_BASE_RATION_H
#define SP_BASE_RATION_H

#include <stdbool.h>
#include <stdint.h>

/* used: of the caller's, 0 at first. now: clock_ms(). true: once more. */
static inline bool ration_take(int64_t *used, int64_t now, int64_t every, int64_t at_once)
{
	int64_t from = *used > now ? *used : now;
	if (from - now > (at_once - 1) * every)
		return false;
	*used = from + every;
	return true;
}

#endif
