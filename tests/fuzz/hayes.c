/* hayes.c - any bytes from a computer, any time between them, and a line that
 * does what it likes. The first byte says how large the pieces are. */
#include "fuzz/fuzz.h"

#include "wire/hayes.h"

#include <stdlib.h>

static void line(struct hayes *h, uint8_t what, int64_t now)
{
	switch (what & 15) {
	case 0: hayes_ring(h, what & 16, now); break;
	case 1: hayes_connect(h, (uint64_t)what * 300, now); break;
	case 2: hayes_fail(h, (enum hayes_result)((what >> 4) % (HAYES_VOICE + 1))); break;
	case 3: hayes_lost(h); break;
	case 4: hayes_dtr(h); break;
	case 5: hayes_held(h, now); break;
	case 6: hayes_ring_end(h); break;
	default: hayes_tick(h, now);
	}
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct hayes h;
	int64_t now = 0;
	if (n < 1)
		return;
	size_t step = p[0] % 64u + 1;
	hayes_init(&h);
	for (size_t i = 1; i < n;) {
		struct view v = { (const char *)p + i, n - i < step ? n - i : step };
		size_t took = hayes_dte(&h, v, now);
		i += took;
		enum hayes_event e = hayes_take(&h);
		if (took == 0 && e == HAYES_NONE)
			h.line.len = 0; /* it was full */
		else if (e != HAYES_NONE || (p[0] & 128))
			line(&h, p[i - 1], now += p[i - 1] * 5);
		if (h.out.len > HAYES_OUT || h.n > HAYES_LINE + 1 || h.nevent > 8 || strlen(h.dial.number) >= HAYES_NUMBER)
			abort();
		hayes_most(&h);
	}
	hayes_clear(&h);
}
