/* recio.c - the same lines whether they come at once or in odd pieces. */
#include "base/recio.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <unistd.h>

static void feed(const uint8_t *p, size_t n, size_t step, struct buf *got)
{
	struct recin in;
	struct record r = { 0 };
	const char *why;
	int fd[2], rc;
	if (pipe(fd) != 0)
		abort();
	recin_init(&in, fd[0], "fuzz");
	for (size_t at = 0; !in.eof;) {
		size_t k = n - at < step ? n - at : step;
		if (k == 0)
			close(fd[1]);
		else if (write(fd[1], p + at, k) != (ssize_t)k)
			abort();
		at += k;
		if (recin_fill(&in) < 0)
			abort();
		while ((rc = recin_next(&in, &r, &why)) != 0)
			if (rc == 1 ? record_write(&r, got) : buf_printf(got, "%lu %s\n", in.line, why))
				abort();
	}
	record_clear(&r);
	recin_clear(&in);
	close(fd[0]);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct buf a, b;
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	feed(p, n, 4096, &a);
	feed(p, n, 1 + n % 61, &b);
	if (!view_eq(buf_view(&a), buf_view(&b)))
		abort();
	buf_clear(&a);
	buf_clear(&b);
}
