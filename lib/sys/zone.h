/* zone.h - what a clock on the wall shows in another place: the time zones of the
 * C library (Debian: tzdata). Not for threads: a look changes TZ for a moment. */
#ifndef SP_SYS_ZONE_H
#define SP_SYS_ZONE_H

#include <stdbool.h>
#include <time.h>

#define ZONE_NAME 64 /* of the longest name, NUL included */

/* Seconds by which a clock there is ahead of UTC at t; "" and "UTC" are UTC itself.
 * false: this machine knows no such zone. What was asked last is remembered. */
bool zone_offset(const char *name, time_t t, long *seconds);

#endif
