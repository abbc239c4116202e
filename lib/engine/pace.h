/* pace.h - a sender kept to a line's speed: a token bucket in bytes. An
 * asynchronous line carries ten bits a byte (start, eight, stop), so a line of
 * 33600 bit/s takes 3360 bytes a second. Times are clock_ms(). */
#ifndef SP_ENGINE_PACE_H
#define SP_ENGINE_PACE_H

#include <stddef.h>
#include <stdint.h>

struct pace {
	uint64_t rate;   /* bytes a second; 0: not paced */
	uint64_t tokens; /* thousandths of a byte */
	uint64_t portion, burst; /* what is waited for, the most that is saved up; the same unit */
	int64_t at;
};

#define PACE_BITS_A_BYTE 10
#define PACE_PORTION_MS 20 /* who waits waits for so much; at least 16 bytes */
#define PACE_BURST_MS 40   /* so much may go at once after a rest: who comes late by a portion loses nothing */

void pace_init(struct pace *p, uint64_t bits_per_second, int64_t now);
/* How many bytes may go now: SIZE_MAX when it is not paced. */
size_t pace_may(struct pace *p, int64_t now);
void pace_took(struct pace *p, size_t n);
/* When bytes may go again (n at least 1, or a portion); CLOCK_NEVER when
 * it is not paced. */
int64_t pace_next(const struct pace *p, size_t n);

#endif
