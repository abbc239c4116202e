/* num.h - numbers and times as they stand in records. */
#ifndef SP_BASE_NUM_H
#define SP_BASE_NUM_H

#include "base/view.h"

#include <stdint.h>
#include <time.h>

/* All of v is a decimal number in [min, max]? Sets *out. No sign, no blanks. */
bool num_u64(struct view v, uint64_t min, uint64_t max, uint64_t *out);

/* Seconds with up to three decimals ("2.5") as milliseconds. */
bool num_ms(struct view v, int64_t *out);

#define TIME_TEXT 21 /* "2026-11-22T18:47:07Z" and NUL */
/* RFC 3339, UTC, seconds. */
void time_text(time_t t, char out[TIME_TEXT]);
/* The reverse; only the form that time_text writes. */
bool time_parse(struct view v, time_t *out);

/* Monotonic milliseconds: every deadline in this project is in these. */
int64_t clock_ms(void);
/* clock_ms() + ms; ms < 0 means never. */
int64_t clock_deadline(int64_t ms);
#define CLOCK_NEVER INT64_MAX

#endif
