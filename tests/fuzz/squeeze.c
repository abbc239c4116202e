/* squeeze.c - any datagrams to the end that expands: each is behind its length, two bytes.
 * What comes out is one packet whose length is what its header says. */
#include "fuzz/fuzz.h"
#include "wire/squeeze.h"

#include <stdlib.h>

void fuzz_one(const uint8_t *p, size_t n)
{
	static struct squeeze s;
	struct cur in = cur_of(p, n);
	squeeze_init(&s);
	while (cur_left(&in) > 2) {
		uint8_t b[2048];
		struct out o = out_of(b, sizeof b);
		const char *why = NULL;
		size_t len = cur_u16(&in) % 2049, left = cur_left(&in);
		len = len < left ? len : left;
		int got = squeeze_in(&s, cur_bytes(&in, len), len, &o, &why);
		if (got == 1 ? out_len(&o) < 40 || out_len(&o) != (size_t)(b[2] << 8 | b[3]) : !why)
			abort();
	}
}
