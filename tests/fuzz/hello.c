/* hello.c - any bytes where a line before a call is waited for, in pieces. */
#include "fuzz/fuzz.h"

#include "engine/hello.h"

#include <stdlib.h>

void fuzz_one(const uint8_t *p, size_t n)
{
	struct buf in;
	struct record r;
	const char *why = NULL;
	int rc = 0;
	if (n < 1)
		return;
	size_t step = (size_t)p[0] + 1;
	buf_init(&in, n);
	record_init(&r);
	for (size_t i = 1; i < n && rc == 0; i += step) {
		if (buf_add(&in, p + i, n - i < step ? n - i : step) != 0)
			abort();
		rc = hello_take(&in, &r, &why);
		if ((rc < 0 && !why) || (rc == 1 && in.len) || (rc == 0 && in.len > HELLO_MAX))
			abort();
		if (rc == 1) /* it is the record's own */
			memset(in.data, 'x', in.cap);
	}
	struct buf out;
	buf_init(&out, 65536);
	if (rc == 1 && (record_write(&r, &out) != 0 || out.len > 2 * HELLO_MAX))
		abort();
	buf_clear(&out);
	buf_clear(&in);
	record_clear(&r);
}
